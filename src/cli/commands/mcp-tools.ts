// `mcp-tools check` and `mcp-tools pull`: what other MCP servers list now of the tools that nodes offer, beside what was reviewed. What servers say is shown to people
// only, made visible; programs are given hashes.

import type { McpServer, McpServerCheck } from "kindling/mcp-tools";
import { didYouMean, InputError } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { loadConfig } from "../config-file.ts";
import { type Problem, problemOf } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import type { Shell } from "../shell.ts";
import { serverLines, summaryOf } from "../view/mcp-tool-lines.ts";
import { counted, indented } from "../view/text.ts";
import { visible } from "../view/visible.ts";

/** Holds them against the lock files; anything that is not the same is a failure. */
export async function checkTools(shell: Shell, names: readonly string[], options: GlobalOptions): Promise<Answer> {
  const { asked, failed } = await ask(shell, names, options, false);
  const differs = asked.map((each) => ({ ...each, tools: each.tools.filter(({ status }) => status !== "same") }));
  const count = differs.reduce((sum, { tools }) => sum + tools.length, 0);
  const lines = differs.flatMap((each, index) => {
    const isQuiet =
      each.tools.length === 0 && each.unused.length === 0 && (asked[index]?.tools ?? []).every(({ doubts }) => doubts.length === 0);
    return isQuiet ? [] : serverLines(shell, each);
  });
  if (count === 0 && failed.length === 0) {
    const sum = asked.reduce((all, { tools }) => all + tools.length, 0);
    const said = `${counted(sum, "tool")} of ${counted(asked.length, "MCP server")} ${sum === 1 ? "is" : "are"} as reviewed`;
    return { ok: true, result: { servers: asked.map(summaryOf) }, lines: [`${shell.out.paint("good", "✓")} ${said}`, ...indented(lines)] };
  }
  const message = count === 0 ? notAsked(failed) : `${counted(count, "tool")} of MCP servers ${count === 1 ? "is" : "are"} not as reviewed`;
  const fix = count === 0 ? cureOf(failed) : `Read what changed; what is meant to be so is accepted with: ${shell.program} mcp-tools pull`;
  return unfit(shell, { asked, failed, lines, message, fix, code: count === 0 ? "mcp_servers_not_asked" : "mcp_tools_changed" });
}

/** Shows what is different and writes it down; what cannot be offered stays out and is a failure. */
export async function pullTools(shell: Shell, names: readonly string[], options: GlobalOptions): Promise<Answer> {
  const { asked, failed, servers } = await ask(shell, names, options, true);
  const { lockMcpServers } = await import("kindling/mcp-tools");
  await lockMcpServers(asked, servers);
  const lines = asked.flatMap((each) => serverLines(shell, each));
  const left = asked.flatMap(({ tools }) => tools.filter(({ status }) => status === "gone" || status === "unfit"));
  if (left.length === 0 && failed.length === 0) {
    const none = asked.length === 0 ? ["no contract offers tools of another MCP server"] : [];
    return { ok: true, result: { servers: asked.map(summaryOf) }, lines: [...lines, ...none] };
  }
  const message =
    left.length === 0
      ? notAsked(failed)
      : `${counted(left.length, "tool")} cannot be offered and ${left.length === 1 ? "is" : "are"} not locked`;
  const fix = left.length === 0 ? cureOf(failed) : "Take them out of allow, or correct their names.";
  return unfit(shell, { asked, failed, lines, message, fix, code: left.length === 0 ? "mcp_servers_not_asked" : "mcp_tools_unfit" });
}

interface Failed {
  readonly server: string;
  readonly problem: Problem;
}

interface Asked {
  /** All that the contracts name. */
  readonly servers: readonly McpServer[];
  readonly asked: readonly McpServerCheck[];
  readonly failed: readonly Failed[];
}

async function ask(shell: Shell, names: readonly string[], { config }: GlobalOptions, anew: boolean): Promise<Asked> {
  const { checkMcpServer, gatherMcpServers } = await import("kindling/mcp-tools");
  const servers = await gatherMcpServers(() => loadConfig(shell.cwd, config));
  const known = servers.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InputError("mcp_server_unknown", `no contract offers tools of an MCP server "${unknown}"`, {
      fix: didYouMean(unknown, known),
    });
  const wanted = servers.filter(({ name }) => names.length === 0 || names.includes(name));
  const asked: McpServerCheck[] = [];
  const failed: Failed[] = [];
  const answers = await Promise.allSettled(
    wanted.map((server) => checkMcpServer(server, { signal: shell.signal, stderr: "inherit", anew })),
  );
  shell.signal.throwIfAborted();
  answers.forEach((answer, index) => {
    if (answer.status === "fulfilled") asked.push(answer.value);
    else failed.push({ server: wanted[index]?.name ?? "", problem: problemOf(answer.reason) });
  });
  return { servers, asked, failed };
}

function notAsked(failed: readonly Failed[]): string {
  return `${counted(failed.length, "MCP server")} could not be asked`;
}

function cureOf([first]: readonly Failed[]): string {
  return first?.problem.fix ?? "See that they run.";
}

interface Unfit extends Omit<Asked, "servers"> {
  readonly lines: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

function unfit({ out: { paint } }: Shell, { asked, failed, lines, code, message, fix }: Unfit): Answer {
  const details = { servers: asked.map(summaryOf), failed };
  const told = failed.map(({ problem }) => visible(`${problem.message}${problem.fix === null ? "" : ` (${problem.fix})`}`));
  return {
    ok: false,
    exit: 1,
    problem: { name: "ConfigError", code, message, fix, details },
    lines: [`${paint("bad", "✗")} ${message}`, ...indented([...lines, ...told]), `  ${paint("accent", "→")} ${fix}`],
  };
}
