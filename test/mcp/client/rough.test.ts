// Servers that break the protocol, or try what they should not: what is called, what the model is told, what goes where.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { McpConnection } from "../../../mcp/client/connection.ts";
import { lockText } from "../../../mcp/client/lock-file.ts";
import { mcpTools } from "../../../mcp/client/mcp-tools.ts";
import type { McpPlace } from "../../../mcp/client/place.ts";
import { PROCESS_WORLD } from "../../../mcp/client/world.ts";
import { FROM, played } from "./notebook.ts";
import { listOf, PIN, type RoughAnswers, roughServer } from "./rough-server.ts";
import { serveFetch } from "./serve-fetch.ts";

const folder = mkdtempSync(join(tmpdir(), "kindling-rough-"));
const lock = join(folder, "mcp-tools.lock.json");
writeFileSync(lock, lockText({ notes: { server: "rough 1", tools: { search: PIN } } }));
afterAll(() => rmSync(folder, { recursive: true }));

const PROGRAM = fileURLToPath(new URL("fixtures/rough-program.ts", import.meta.url));
const SHORT_MS = 150;
const SECRET = "s3cret-of-ours";

/** One call of `search`, and what became of it. */
async function searched(place: McpPlace, connectTimeout = 10_000) {
  const tools = mcpTools({ server: "notes", ...place, lock, allow: ["search"], connectTimeout });
  const { run, told, kindling } = await played(tools, [["notes__search", {}]]);
  const settled = await run.settled();
  return { told: told(), settled, run, kindling };
}

async function searchedAt(answers: RoughAnswers, connectTimeout?: number) {
  const server = await roughServer(answers);
  return { ...(await searched({ url: server.url }, connectTimeout)), asked: server.asked };
}

describe("a list of tools", () => {
  it("in which two have the same name lets none of them be called", async () => {
    const { told, asked } = await searchedAt({ "tools/list": () => listOf({ name: "search", ...PIN }, { name: "search", ...PIN }) });
    expect(told).toEqual([
      { error: expect.stringContaining('the MCP server "notes" lists two tools called "search"; nothing was called') },
    ]);
    expect(asked).not.toContain("tools/call");
  });

  it("that is none is told as that, and not asked for again and again", async () => {
    const { told, asked } = await searchedAt({ "tools/list": () => ({ tools: [{ name: 5 }] }) });
    expect(told).toEqual([{ error: expect.stringContaining("answers with what is no list of tools; nothing was called") }]);
    expect(asked.filter((method) => method === "tools/list")).toHaveLength(1);
  });

  it("with names that hold anything does no harm to the one that is allowed", async () => {
    const others = ["../x", "a\u001b[2J", "__proto__", "constructor", ""].map((name) => ({ ...PIN, name }));
    const { told } = await searchedAt({ "tools/list": () => listOf({ ...PIN, name: "search" }, ...others) });
    expect(told).toEqual([`[from ${FROM}]\nfound`]);
  });

  it("without an end is not read to the end", async () => {
    const { told, asked } = await searchedAt({ "tools/list": () => ({ ...listOf(), nextCursor: String(Math.random()) }) });
    expect(told).toEqual([
      { error: expect.stringContaining('the list of tools of the MCP server "notes" has no end; nothing was called') },
    ]);
    expect(asked.filter((method) => method === "tools/list").length).toBeLessThanOrEqual(65);
  });
});

describe("an answer to a call", () => {
  it("that is no result is told as that", async () => {
    const { told } = await searchedAt({ "tools/call": () => ({ content: "found" }) });
    expect(told).toEqual([{ error: expect.stringContaining("answered with what is no result") }]);
  });

  it.each([
    ["a page", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["half of a message", () => new Response('{"jsonrpc":', { headers: { "content-type": "application/json" } })],
    ["nothing at all", () => new Response(null, { status: 200, headers: { "content-type": "application/json" } })],
    ["a fault of its own", () => new Response("broken", { status: 500 })],
  ])("that is %s leaves it uncertain, since the call may have been made", async (_what, answer) => {
    const { settled, asked } = await searchedAt({ "tools/call": answer });
    expect(settled).toMatchObject({ status: "failed", error: { code: "tool_uncertain" } });
    expect(asked.filter((method) => method === "tools/call")).toHaveLength(1);
  });

  it("that repeats a secret of ours is told without it, be it an error or a result", async () => {
    process.env["ROUGH_SECRET"] = SECRET;
    const headers = { "x-key": { env: "ROUGH_SECRET" } };
    const echo = await roughServer({
      "tools/call": ({ headers }) => ({ content: [{ type: "text", text: `your key is ${headers.get("x-key")}` }] }),
    });
    const refusing = await roughServer({ "tools/call": () => ({ error: { code: -32_000, message: `the key ${SECRET} is old` } }) });
    const first = await searched({ url: echo.url, headers });
    expect(first.told).toEqual([`[from ${FROM}]\nyour key is [secret]`]);
    const second = await searched({ url: refusing.url, headers });
    expect(second.told).toEqual([{ error: 'the MCP server "notes" refused the call: the key [secret] is old' }]);
    expect(JSON.stringify([await first.run.facts(), await second.run.facts()])).not.toContain(SECRET);
  });
});

describe("a server that is silent", () => {
  it("at an address is given up after connectTimeout; nothing was called, and nothing is uncertain", async () => {
    const { told, asked } = await searchedAt({ initialize: () => "nothing", "server/discover": () => "nothing" }, SHORT_MS);
    expect(told).toEqual([
      { error: expect.stringContaining('the MCP server "notes" cannot be reached (REQUEST_TIMEOUT); nothing was called') },
    ]);
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  it("when it is asked for its tools is given up, too", async () => {
    const { told, asked } = await searchedAt({ "tools/list": () => "nothing" }, SHORT_MS);
    expect(told).toEqual([{ error: expect.stringContaining("(REQUEST_TIMEOUT); nothing was called") }]);
    expect(asked.filter((method) => method === "tools/list")).toHaveLength(1);
  });

  it("as a program is given up, and ends", async () => {
    const { told } = await searched({ command: process.execPath, args: [PROGRAM, "silent"] }, SHORT_MS);
    expect(told).toEqual([{ error: expect.stringContaining("(REQUEST_TIMEOUT); nothing was called") }]);
  });
});

describe("a program", () => {
  it("that says other things between its messages is understood", async () => {
    const { told } = await searched({ command: process.execPath, args: [PROGRAM, "chatter"] });
    expect(told).toEqual([`[from ${FROM}]\nfound`]);
  });

  it("that floods us with its progress is listened to in steps", async () => {
    const place = { command: process.execPath, args: [PROGRAM, "flood"] };
    await using connection = new McpConnection(
      { name: "notes", place, lock, concurrency: 1, connectTimeoutMs: 10_000, allowed: new Set() },
      PROCESS_WORLD,
    );
    const steps: number[] = [];
    const call = { server: "notes", tool: "search", repeatable: false, pin: PIN, input: {}, key: "k", trace: undefined };
    await connection.call({ ...call, signal: new AbortController().signal, progress: (fraction) => steps.push(fraction) });
    expect(steps.length).toBeGreaterThan(50);
    expect(steps.length).toBeLessThanOrEqual(100);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });
});

describe("an address", () => {
  it("that sends us elsewhere is not followed: our headers go nowhere else", async () => {
    process.env["ROUGH_SECRET"] = SECRET;
    const elsewhere = await serveFetch(() => Promise.resolve(new Response("hello")));
    const moved = await serveFetch(() => Promise.resolve(new Response(null, { status: 307, headers: { location: elsewhere.url } })));
    const { told } = await searched({ url: moved.url, headers: { "x-key": { env: "ROUGH_SECRET" } } });
    expect(told).toEqual([
      { error: expect.stringContaining('the MCP server "notes" sends us to another address (HTTP 307); nothing was called') },
    ]);
    expect(elsewhere.headers).toEqual([]);
  });

  it("may itself be read from the environment, and stands in no fact", async () => {
    const server = await roughServer({});
    process.env["ROUGH_URL"] = `${server.url}?key=${SECRET}`;
    const { told, run } = await searched({ url: { env: "ROUGH_URL" } });
    expect(told).toEqual([`[from ${FROM}]\nfound`]);
    expect(JSON.stringify(await run.facts())).not.toContain(SECRET);
    process.env["ROUGH_URL"] = "notes";
    expect((await searched({ url: { env: "ROUGH_URL" } })).told).toEqual([{ error: expect.stringContaining("its url is no address") }]);
    process.env["ROUGH_URL"] = "http://notes\nexample";
    expect((await searched({ url: { env: "ROUGH_URL" } })).told).toEqual([
      { error: expect.stringContaining("ROUGH_URL holds a line end") },
    ]);
  });
});
