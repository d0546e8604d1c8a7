// docs/mcp.md is true: its programs are type-checked, run, and print what the page shows; entries for clients are those that are printed; tools, the form of a run, error codes and options are all there, and no others.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RunShape } from "../../mcp/run-shape.ts";
import { TOOLS } from "../../mcp/server.ts";
import { MCP_CLIENTS, mcpEntry, type McpClient, type McpReach } from "../../src/cli/mcp-entry.ts";
import {
  blocksOf,
  exampleFolder,
  playPage,
  readPage,
  ROOT,
  shownIn,
  tableUnder,
  typeErrorsIn,
  updatePage,
  writePrograms,
} from "./pages.ts";

const PAGE = "docs/mcp.md";
const folder = exampleFolder("mcp-");
writePrograms(folder, readPage(PAGE));

const REACHES: Readonly<Record<string, McpReach>> = {
  stdio: {
    kind: "stdio",
    command: "/usr/bin/node",
    args: ["/srv/notes/node_modules/kindling/bin/kindling.js", "mcp", "--config", "/srv/notes/kindling.config.ts"],
  },
  http: { kind: "http", url: "http://127.0.0.1:4181/mcp", tokenFile: "/srv/notes/.kindling/mcp-token" },
};

const STORE_TOOLS = ["list_stores", "get_fact", "query_facts", "get_fact_history", "trace_fact", "list_fact_activity"];

const ENTRY = /(?<=^<!-- entry (?<client>[\w-]+) (?<transport>\w+) -->\n```json\n)[\s\S]*?(?=^```$)/gm;

const names = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
const unionIn = (file: string, type: string) =>
  [...(new RegExp(`export type ${type} =(?<names>[^;]*);`).exec(readPage(file))?.groups?.["names"] ?? "").matchAll(/"(\w+)"/g)].map(
    ([, name]) => name,
  );

function entryText(client: string, transport: string): string {
  // Which clients there are, the page's test says below.
  return `${JSON.stringify(mcpEntry(client as McpClient, REACHES[transport] as McpReach)?.config, undefined, 2)}\n`;
}

if (process.env["UPDATE_GOLDEN"] === "1")
  writeFileSync(
    join(ROOT, PAGE),
    readPage(PAGE).replaceAll(ENTRY, (_text, client: string, transport: string) => entryText(client, transport)),
  );

describe("docs/mcp.md", () => {
  it("shows what its programs print", async () => {
    const made = await playPage(folder, readPage(PAGE));
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints agent.ts"]);
  });

  it("has programs without a type error", async () => {
    expect(blocksOf(readPage(PAGE)).filter(({ file }) => file !== undefined).length).toBe(2);
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("shows entries as they are printed, and names every client", () => {
    const shown = [...readPage(PAGE).matchAll(ENTRY)];
    expect(shown).toHaveLength(3);
    for (const { 0: text, groups } of shown) expect(text).toBe(entryText(groups?.["client"] ?? "", groups?.["transport"] ?? ""));
    for (const client of MCP_CLIENTS) expect(readPage(PAGE)).toContain(`\`${client}\``);
  });

  it("has every tool, every member of a run, every code and every option, and no others", () => {
    const page = readPage(PAGE);
    const has = tableUnder(page, "What an agent has");
    const ends = has.findIndex(([cell]) => cell === "member");
    expect(has.slice(0, ends).flatMap(([cell]) => names(cell))).toEqual([...TOOLS.map(({ name }) => name), "run_<workflow>"]);
    expect(has.slice(ends + 2).flatMap(([cell]) => names(cell))).toEqual(Object.keys(RunShape.shape));
    expect(tableUnder(page, "Facts of the application").flatMap(([cell]) => names(cell))).toEqual(STORE_TOOLS);
    const codes = tableUnder(page, "Errors").flatMap(([cell]) => names(cell));
    expect(codes).toEqual(unionIn("mcp/failure.ts", "FailureCode"));
    for (const [, , fix = ""] of tableUnder(page, "Errors")) expect(fix).toMatch(/\w/);
    const options = [...readPage("src/cli/mcp-grammar.ts").matchAll(/"(--[a-z-]+)/g)].map(([, option]) => option);
    const told = tableUnder(page, "Over HTTP").flatMap(([cell]) => names(cell));
    expect(new Set([...told, "--http", "--print-config"])).toEqual(new Set(options));
  });

  it("says limits that are those of the code", () => {
    const number = (file: string, name: string) => {
      const text = new RegExp(`${name}(?: = |\\()(?<value>[\\d_]+)`).exec(readPage(file))?.groups?.["value"];
      return Number(text?.replaceAll("_", "")).toLocaleString("en");
    };
    const limits = tableUnder(readPage(PAGE), "Limits").map(([, cell = ""]) => cell);
    for (const [index, file, name] of [
      [0, "mcp/arguments.ts", String.raw`z\.int\(\)\.min\(0\)\.max`],
      [1, "mcp/wait.ts", "WAITS_LIMIT"],
      [2, "mcp/start-rate.ts", "STARTS_LIMIT"],
      [3, "mcp/argument-bounds.ts", "MEMBERS_LIMIT"],
      [4, "mcp/http.ts", "SESSION_LIMIT"],
      [5, "mcp/serve-http.ts", "REQUEST_LIMIT"],
      [6, "mcp/subscriptions.ts", "SUBSCRIPTIONS_LIMIT"],
      [7, "mcp/workflow-tool.ts", "EXPOSED_LIMIT"],
      [8, "mcp/shorten.ts", "RESULT_LIMIT"],
    ] as const)
      expect(limits[index], name).toContain(number(file, name));
  });
});
