// What authors say of another MCP server and its tools: what is refused before anything runs, with where and what to do; and what is held fast of a tool.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { gatherMcpServers, mcpTools, type McpToolsOptions } from "../../../mcp/client/index.ts";
import { misfitOf, schemaProblems } from "../../../mcp/client/json-schema.ts";
import { loadPackage } from "../../../mcp/client/load-package.ts";
import { lockText, readLock } from "../../../mcp/client/lock-file.ts";
import { listingsOf } from "../../../mcp/client/listing.ts";
import { pinHash, pinOf } from "../../../mcp/client/pin.ts";

const folder = mkdtempSync(join(tmpdir(), "kindling-mcp-tools-"));
afterAll(() => rmSync(folder, { recursive: true }));

const TEXT = { type: "object", properties: { text: { type: "string" }, author: { type: "string" } }, required: ["text", "author"] };
const FAR = { type: "object", properties: { x: { $ref: "https://evil.example/schema.json" } } };
const PATTERN = { type: "object", properties: { x: { type: "string", pattern: "(" } } };
/** Each of its definitions refers to the next one twice. */
const BOMB = {
  type: "object",
  $defs: Object.fromEntries(
    Array.from({ length: 30 }, (_, at) => {
      const next = at === 29 ? { type: "string" } : { $ref: `#/$defs/d${at + 1}` };
      return [`d${at}`, { allOf: [next, next] }];
    }),
  ),
  properties: { x: { $ref: "#/$defs/d0" } },
};
const TOOLS = {
  search: { description: "Finds notes.", inputSchema: TEXT },
  "a.b": { description: "Has a dot.", inputSchema: { type: "object" } },
  a_b: { description: "Has none.", inputSchema: { type: "object" } },
  far: { description: "Refers.", inputSchema: FAR },
  pattern: { description: "Matches.", inputSchema: PATTERN },
  bomb: { description: "Multiplies.", inputSchema: BOMB },
  out: { description: "Multiplies later.", inputSchema: { type: "object" }, outputSchema: BOMB },
  "who am i?": { description: "Has signs in its name.", inputSchema: { type: "object" } },
};
const lock = join(folder, "mcp-tools.lock.json");
writeFileSync(lock, lockText({ notes: { server: "notes 1", tools: TOOLS } }));

function tools(options: Partial<McpToolsOptions> | object) {
  // Wrong on purpose in most cases.
  return mcpTools({ server: "notes", url: "https://notes.example/mcp", lock, allow: ["search"], ...options } as McpToolsOptions);
}

describe("what is said of a server is refused", () => {
  it.each<[what: string, options: object, code: string, message: string]>([
    ["with no tool allowed", { allow: [] }, "bad_mcp_server", "it allows no tool"],
    ["with a name for which there is no room", { server: "Notes__1" }, "bad_mcp_server", "this is no name of a server"],
    ["that is nowhere", { url: undefined }, "bad_mcp_server", "it has neither a command nor a url, or both"],
    ["that is in two places", { command: "node" }, "bad_mcp_server", "it has neither a command nor a url, or both"],
    ["with an address of another kind", { url: "file:///etc/passwd" }, "bad_mcp_server", "its url is no address"],
    ["with a password in its address", { url: "https://me:hush@notes.example/" }, "bad_mcp_server", "its url holds a password"],
    [
      "with a secret that could be read on the way",
      { url: "http://notes.example/", headers: { authorization: { env: "TOKEN" } } },
      "bad_mcp_server",
      "a secret header would be sent over http:",
    ],
    ["with calls at once that are none", { concurrency: 0 }, "bad_mcp_server", "concurrency is 0"],
    ["with no time to connect", { connectTimeout: "soon" }, "bad_mcp_server", "its connectTimeout is no duration"],
    [
      "with a tool that nobody reviewed",
      { allow: ["drop"] },
      "mcp_tool_not_locked",
      'the tool "drop" of the MCP server "notes" does not stand in',
    ],
    ["with a name that every object has", { allow: ["constructor"] }, "mcp_tool_not_locked", 'the tool "constructor"'],
    ["without a lock file", { lock: join(folder, "none.json") }, "mcp_tool_not_locked", "does not stand in"],
    ["with two tools of one name", { allow: ["a.b", "a_b"] }, "bad_mcp_server", "two of its tools are called notes__a_b here"],
    ["with a tool whose name models do not take", { allow: ["who am i?"] }, "bad_tool", "this is no name of a tool"],
    ["with a schema that refers elsewhere", { allow: ["far"] }, "bad_mcp_server", "refers to another document, which is never fetched"],
    [
      "with a schema that takes for ever to check",
      { allow: ["bomb"] },
      "bad_mcp_server",
      'input schema of "bomb" would take too long to check',
    ],
    [
      "with results that take for ever to check",
      { allow: ["out"] },
      "bad_mcp_server",
      'output schema of "out" would take too long to check',
    ],
    ["with a pattern that is none", { allow: ["pattern"] }, "bad_mcp_server", "has a pattern that is no regular expression"],
    [
      "that is given what its input has not",
      { allow: { search: { given: ["owner"] } } },
      "bad_mcp_server",
      'the input of "search" has no "owner"',
    ],
    [
      "that is repeatable and uncertain",
      { allow: { search: { repeatable: true, onUncertain: "ask" } } },
      "bad_tool",
      "nothing about it is uncertain",
    ],
  ])("%s", (_what, options, code, message) => {
    expect(() => tools(options)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message), fix: expect.stringMatching(/\w/) }),
    );
  });

  it("without telling what may be secret in it", () => {
    for (const url of ["https://me:hush@notes.example/", "ftp://hush.example"])
      expect(() => tools({ url })).toThrow(expect.not.objectContaining({ message: expect.stringContaining("hush") }));
  });
});

describe("a lock file", () => {
  it.each([
    ["is no JSON", "{"],
    ["is of another kind", '{"version":2,"servers":{}}'],
    ["holds no tools", '{"version":1,"servers":{"notes":{"server":"n","tools":{"search":{}}}}}'],
  ])("that %s is refused", (_what, text) => {
    const file = join(folder, "bad.json");
    writeFileSync(file, text);
    expect(() => tools({ lock: file })).toThrow(expect.objectContaining({ code: "mcp_lock_invalid" }));
  });

  it("shows whoever reviews it every character, and means the same", () => {
    const hidden = {
      description: "Finds.",
      inputSchema: { type: "object", properties: { "te\u200bxt": { enum: ["\u{e0041}", "\u202e"] } } },
    };
    const text = lockText({ notes: { server: "n", tools: { hidden } } });
    expect(text).toContain('"te\\u200bxt"');
    expect(text).toContain('"\\udb40\\udc41"');
    expect(/^[\x20-\x7e\n]*$/.test(text)).toBe(true);
    const file = join(folder, "hidden.json");
    writeFileSync(file, text);
    expect(readLock(file)?.["notes"]?.tools["hidden"]).toEqual(hidden);
  });

  it("may be named by its address", () => {
    expect(tools({ lock: pathToFileURL(lock) }).map(({ name }) => name)).toEqual(["notes__search"]);
  });
});

describe("a tool", () => {
  it("tells models what was reviewed, under names of ours, without what the node gives", () => {
    const [search, dotted, asked] = tools({
      allow: { search: { given: ["author"] }, "a.b": true, "who am i?": { as: "who", description: "Tells." } },
    });
    expect(search).toMatchObject({ name: "notes__search", description: "Finds notes.", given: ["author"] });
    expect(search?.inputSchema).toEqual({ type: "object", properties: { text: { type: "string" } }, required: ["text"] });
    expect([dotted?.name, asked?.name, asked?.description]).toEqual(["notes__a_b", "notes__who", "Tells."]);
  });

  it("is another one when anything changes that is held fast of it, and the same for what no reader sees", () => {
    const listed = { name: "search", description: "Finds notes.", inputSchema: TEXT };
    const hash = pinHash(pinOf(listed));
    expect(pinHash(pinOf({ ...listed, description: "Finds\u200b notes.\u{e0041} " }))).toBe(hash);
    for (const other of [
      { description: "Finds all notes." },
      { inputSchema: { ...TEXT, required: ["text"] } },
      { outputSchema: { type: "object" } },
      { annotations: { readOnlyHint: true } },
    ])
      expect(pinHash(pinOf({ ...listed, ...other }))).not.toBe(hash);
  });

  it("with characters that no reader sees is doubtful, and they are shown", () => {
    const doubts = (tool: object) => listingsOf([{ name: "x", inputSchema: { type: "object" }, ...tool }]).get("x")?.doubts;
    expect(doubts({ description: "Finds." })).toEqual([]);
    expect(doubts({ description: "Finds.\u200b" })).toEqual([expect.stringContaining('1, such as "Finds.<U+200B>')]);
    expect(doubts({ inputSchema: { type: "object", properties: { "a\u202e": {} } } })).toEqual([expect.stringContaining("a<U+202E>")]);
    expect(doubts({ description: "x".repeat(4_001) })).toEqual(["its description was cut to 4000 characters"]);
  });
});

describe("values", () => {
  const slow = { type: "string", pattern: "^(a+)+$" };

  it("are checked without the regular expressions of somebody else, which could take for ever", async () => {
    const schema = {
      type: "object",
      properties: { pattern: slow, n: { type: "integer" } },
      required: ["pattern"],
      patternProperties: { "^(x+)+$": slow },
    };
    const value = { pattern: `${"a".repeat(50)}!` };
    expect(await misfitOf(schema, value)).toBeUndefined();
    expect(await misfitOf(schema, { n: 1 })).toContain("pattern");
    expect(await misfitOf({ ...schema, additionalProperties: false }, { ...value, [`${"x".repeat(50)}!`]: "b" })).toBeUndefined();
    expect(await misfitOf({ const: { pattern: "a" } }, { pattern: "b" })).toBeDefined();
  });

  it("may be of a schema that refers to itself", async () => {
    const tree = { type: "object", properties: { leaves: { type: "array", items: { $ref: "#" } } }, additionalProperties: false };
    expect(schemaProblems(tree)).toEqual([]);
    const chain = {
      type: "object",
      $defs: Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`d${at}`, { $ref: `#/$defs/d${at + 1}` }])),
    };
    expect(schemaProblems({ ...chain, $ref: "#/$defs/d0" })).toEqual([expect.stringContaining("would take too long to check")]);
    expect(await misfitOf(tree, { leaves: [{ leaves: [] }] })).toBeUndefined();
    expect(await misfitOf(tree, { leaves: [{ branches: [] }] })).toBeDefined();
  });
});

describe("servers", () => {
  it("are gathered with their tools, whether or not these are locked; two of one name are refused", async () => {
    const file = join(folder, "gathered.json");
    const load = () => {
      mcpTools({ server: "one", url: "https://one.example/", lock: file, allow: ["x"] });
      mcpTools({ server: "one", url: "https://one.example/", lock: file, allow: ["y"], concurrency: 1 });
      return Promise.resolve();
    };
    const gathered = await gatherMcpServers(load);
    expect(gathered.filter(({ lock }) => lock === file).map(({ name, allowed }) => [name, ...allowed])).toEqual([["one", "x", "y"]]);
    expect(() => mcpTools({ server: "one", url: "https://one.example/", lock: file, allow: ["x"] })).toThrow("does not stand in");
    const other = () => Promise.resolve(mcpTools({ server: "one", url: "https://two.example/", lock: file, allow: ["x"] }));
    await expect(gatherMcpServers(other)).rejects.toMatchObject({ code: "bad_mcp_server" });
  });
});

describe("the package", () => {
  it("that is missing is told with the command that installs it", async () => {
    const name = "no-such-package-of-mcp";
    const found = loadPackage(() => import(/* @vite-ignore */ name));
    await expect(found).rejects.toMatchObject({ code: "package_missing", fix: "npm install @modelcontextprotocol/client" });
  });

  it("is an optional peer", () => {
    const project: unknown = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
    expect(project).toHaveProperty(["peerDependencies", "@modelcontextprotocol/client"]);
    expect(project).toHaveProperty(["peerDependenciesMeta", "@modelcontextprotocol/client"], { optional: true });
  });
});
