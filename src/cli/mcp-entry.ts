// The entry by which an MCP client finds the server, in the form each client reads. Pure: it knows the forms, and of the machine only what it is told.
// Sources, looked at in November 2026: code.claude.com/docs/en/mcp, modelcontextprotocol.io (Claude Desktop), cursor.com/docs/mcp, code.visualstudio.com/docs/copilot/reference/mcp-configuration.

import { TOKEN_VARIABLE } from "./mcp-token.ts";
import { shellWord } from "./view/text.ts";

/** The clients whose form is known. */
export const MCP_CLIENTS = ["claude-code", "claude-desktop", "cursor", "vscode"] as const;
export type McpClient = (typeof MCP_CLIENTS)[number];

/** How the server is reached: a command that the client starts, or an address and the file that holds its token, where it asks for one. */
export type McpReach =
  | { readonly kind: "stdio"; readonly command: string; readonly args: readonly string[] }
  | { readonly kind: "http"; readonly url: string; readonly tokenFile: string | undefined };

/** An entry, and what a person does with it. */
export interface McpEntry {
  /** What the client's file holds, whole. */
  readonly config: object;
  /** The file, as the client's documentation names it. */
  readonly file: string;
  /** What else there is to know, a sentence each. */
  readonly notes: readonly string[];
}

/** The entry's name in the client's file; clients put it before the names of tools. */
const NAME = "kindling";

/** The entry for a client; undefined for one whose file takes no address. */
export function mcpEntry(client: McpClient, reach: McpReach): McpEntry | undefined {
  switch (client) {
    case "claude-code":
      return {
        config: { mcpServers: { [NAME]: typed(reach, `\${${TOKEN_VARIABLE}}`) } },
        file: ".mcp.json in the folder where you call claude",
        notes: [
          "Claude Code asks once whether it may use the servers of .mcp.json; `claude mcp list` shows them.",
          ...tokenNote(reach, "Claude Code"),
        ],
      };
    case "claude-desktop":
      if (reach.kind === "http") return undefined;
      return {
        config: { mcpServers: { [NAME]: { command: reach.command, args: reach.args } } },
        file: "claude_desktop_config.json (Settings, Developer, Edit Config)",
        notes: [
          "Put the entry beside those that are there already, and start Claude Desktop anew.",
          "It hands on little of your environment: keys that your models need go under env, beside args.",
        ],
      };
    case "cursor":
      return {
        config: {
          mcpServers: {
            [NAME]: reach.kind === "stdio" ? typed(reach, "") : { url: reach.url, ...authorization(reach, `\${env:${TOKEN_VARIABLE}}`) },
          },
        },
        file: ".cursor/mcp.json in the project, or ~/.cursor/mcp.json for all projects",
        notes: tokenNote(reach, "Cursor"),
      };
    case "vscode":
      return {
        config: {
          ...(hasToken(reach)
            ? { inputs: [{ type: "promptString", id: INPUT, description: "The token of kindling mcp", password: true }] }
            : {}),
          servers: { [NAME]: typed(reach, `\${input:${INPUT}}`) },
        },
        file: ".vscode/mcp.json in the project",
        notes: hasToken(reach) ? [`VS Code asks for the token once and keeps it for you; it stands in ${reach.tokenFile}`] : [],
      };
  }
}

const INPUT = "kindling-mcp-token";

function typed(reach: McpReach, token: string): object {
  if (reach.kind === "http") return { type: "http", url: reach.url, ...authorization(reach, token) };
  return { type: "stdio", command: reach.command, args: reach.args };
}

/** The token by the name of its place: it never stands in the client's file itself. */
function authorization(reach: McpReach, token: string): object {
  return hasToken(reach) ? { headers: { Authorization: `Bearer ${token}` } } : {};
}

function tokenNote(reach: McpReach, client: string): readonly string[] {
  if (!hasToken(reach)) return [];
  return [
    `${client} takes the token from a variable, set where you start it: export ${TOKEN_VARIABLE}="$(cat ${shellWord(reach.tokenFile)})"`,
  ];
}

function hasToken(reach: McpReach): reach is Extract<McpReach, { kind: "http" }> & { readonly tokenFile: string } {
  return reach.kind === "http" && reach.tokenFile !== undefined;
}
