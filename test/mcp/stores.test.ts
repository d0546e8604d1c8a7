// Facts of the application over MCP: nothing while no store is enabled; then reading only, in bounds, and nothing of other stores.

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { createRuntime, defineHistory, defineStore, type Kindling, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createMcpServer, serveMcpHttp } from "../../mcp/index.ts";
import { INSTRUCTIONS } from "../../mcp/server.ts";
import { testProject } from "../cli/command-line.ts";
import { connectInProcess, type InProcess } from "./in-process.ts";
import { WORKFLOWS } from "./fixtures/workflows.ts";

const TOOLS = ["list_stores", "get_fact", "query_facts", "get_fact_history", "trace_fact", "list_fact_activity"];
const NAME = /^[a-z][a-z0-9_]{0,39}$/;

const notes = defineStore("notes", {
  schema: z.object({ by: z.string(), text: z.string(), rank: z.number() }),
  indexes: { by: ({ by }) => by, rank: ({ rank }) => rank },
});
const calls = defineHistory("calls", { schema: z.object({ who: z.string() }), partitionBy: ({ who }) => who });
const secrets = defineStore("secrets", { schema: z.string() });

/** A note that rests on a call, which rests on a secret; another secret rests on the note. */
async function recorded() {
  const kindling = await createRuntime({ contracts: WORKFLOWS, stores: [notes, calls, secrets], ledger: memoryLedger() });
  const secret = await kindling.store(secrets).write("patient-4711", "hush");
  const call = await kindling.history(calls).append({ who: "ada" }, { causedBy: [secret.id] });
  const note = await kindling.store(notes).write("n1", { by: "ada", text: "call back", rank: 2 }, { causedBy: [call.id, secret.id] });
  await kindling.store(notes).write("n2", { by: "bob", text: "send it", rank: 1 });
  const effect = await kindling.store(secrets).write("patient-4712", "hush too", { causedBy: [note.id] });
  return { kindling, ids: { secret: secret.id, call: call.id, note: note.id, effect: effect.id } };
}

async function enabled(stores = ["notes", "calls"]): Promise<InProcess & Awaited<ReturnType<typeof recorded>>> {
  const world = await recorded();
  return { ...(await connectInProcess(world.kindling, { stores })), ...world };
}

describe("while no store is enabled", () => {
  it("nothing of stores is in the lists, and their tools are not there", async () => {
    const { kindling } = await recorded();
    const { client } = await connectInProcess(kindling);
    const { tools } = await client.listTools();
    expect(tools.filter(({ name }) => TOOLS.includes(name))).toEqual([]);
    const resources = JSON.stringify([await client.listResources(), await client.listResourceTemplates()]);
    expect(resources).not.toContain("kindling://stores");
    await expect(client.callTool({ name: "get_fact", arguments: { store: "notes", key: "n1" } })).rejects.toThrow(/no tool of this name/);
    await expect(client.readResource({ uri: "kindling://stores/notes" })).rejects.toThrow();
  });

  it("a name that the runtime does not know is refused before anything is served", async () => {
    const { kindling } = await recorded();
    expect(() => createMcpServer(kindling, { stores: ["note"] })).toThrow(
      expect.objectContaining({ code: "unknown_store", fix: 'Did you mean "notes"?' }) as Error,
    );
  });
});

describe("the tools of stores", () => {
  it("only read, are described, and leave an agent's view small", async () => {
    const { client } = await enabled();
    const { tools } = await client.listTools();
    const own = tools.filter(({ name }) => TOOLS.includes(name));
    expect(own.map(({ name }) => name)).toEqual(TOOLS);
    for (const { name, title, description, annotations, inputSchema, outputSchema } of own) {
      expect(name).toMatch(NAME);
      expect(title).toBeTruthy();
      expect(description?.length).toBeGreaterThan(40);
      expect(annotations).toEqual({ readOnlyHint: true, openWorldHint: false });
      expect(inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      expect(Object.keys(outputSchema?.["properties"] ?? {}).length).toBeGreaterThan(0);
      for (const property of Object.values(inputSchema.properties ?? {})) expect(property).toHaveProperty("description");
    }
    expect(own.find(({ name }) => name === "query_facts")?.inputSchema.required).toContain("limit");
    expect(JSON.stringify(own).length).toBeLessThan(6_000);
    expect(client.getInstructions()).toBe(INSTRUCTIONS);
  });

  it("list_stores tells those that are enabled, with the schema of values, and so do resources", async () => {
    const { call, client } = await enabled();
    const { value } = await call("list_stores");
    expect(value).toMatchObject({
      stores: [
        { store: "notes", kind: "store", indexes: ["by", "rank"], keys: "2", value_schema: { type: "object" } },
        { store: "calls", kind: "history", keys: "1" },
      ],
    });
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri).filter((uri) => uri.startsWith("kindling:"))).toEqual([
      "kindling://stores/notes",
      "kindling://stores/calls",
    ]);
    const { contents } = await client.readResource({ uri: "kindling://stores/notes" });
    const [content] = contents;
    expect(JSON.parse(content !== undefined && "text" in content ? content.text : "")).toMatchObject({
      store: "notes",
      version: 1,
      indexes: ["by", "rank"],
      schema: { type: "object" },
    });
    await expect(client.readResource({ uri: "kindling://stores/secrets" })).rejects.toMatchObject({ code: -32602 });
  });

  it("get_fact gives a value, and what it rests on without what is not enabled", async () => {
    const { call, ids } = await enabled();
    const { value, text } = await call("get_fact", { store: "notes", key: "n1" });
    expect(value).toMatchObject({
      fact: { id: ids.note, key: "n1", act: "written", value: { text: "call back" }, causes: [ids.call], hidden_causes: 1 },
    });
    expect(text).not.toContain("patient");
    expect((await call("get_fact", { store: "notes", key: "n9" })).value).toMatchObject({ error: { code: "fact_not_found" } });
    expect((await call("get_fact", { store: "calls", key: "ada" })).value).toMatchObject({ error: { code: "invalid_arguments" } });
    expect((await call("get_fact", { store: "notes", key: "n1", valid_at: "yesterday" })).value).toMatchObject({
      error: { code: "invalid_arguments", issues: [{ at: "valid_at" }] },
    });
    for (const as_of of ["2026-02-30T00:00Z", "2026-11-20T10:00", "1"])
      expect((await call("get_fact", { store: "notes", key: "n1", as_of })).value).toMatchObject({
        error: { code: "invalid_arguments", issues: [{ at: "as_of" }] },
      });
    expect((await call("get_fact", { store: "notes", key: "n1", as_of: "2001-01-01T00:00Z" })).value).toMatchObject({
      error: { code: "fact_not_found" },
    });
  });

  it("query_facts finds in pages, and has no default for limit", async () => {
    const { call } = await enabled();
    expect((await call("query_facts", { store: "notes", index: "by", value: "ada", limit: 5 })).value).toMatchObject({
      facts: [{ key: "n1" }],
    });
    const first = await call("query_facts", { store: "notes", index: "rank", limit: 1 });
    expect(first.value).toMatchObject({ facts: [{ key: "n2" }] });
    const cursor = (first.value as { readonly next_cursor: string }).next_cursor;
    expect((await call("query_facts", { store: "notes", index: "rank", limit: 1, cursor })).value).toMatchObject({
      facts: [{ key: "n1" }],
    });
    expect((await call("query_facts", { store: "notes", index: "rank", from: 2, descending: true, limit: 9 })).value).toMatchObject({
      facts: [{ key: "n1" }],
    });
    const byStart = (args: object) => call("query_facts", { store: "notes", index: "by", starts_with: "a", limit: 9, ...args });
    expect((await byStart({})).value).toMatchObject({ facts: [{ key: "n1", value: { by: "ada" } }] });
    expect((await call("query_facts", { store: "notes", index: "by", value: null, limit: 9 })).value).toMatchObject({ facts: [] });
    for (const args of [{ value: "ada" }, { from: "a" }])
      expect((await byStart(args)).value).toMatchObject({ error: { code: "invalid_arguments" } });
    for (const [args, at] of [
      [{ store: "notes", index: "rank" }, "limit"],
      [{ store: "notes", index: "rank", limit: 51 }, "limit"],
      [{ store: "notes", index: "owner", limit: 1 }, "index"],
      [{ store: "notes", index: "rank", limit: 1, cursor: "x" }, "cursor"],
    ] as const)
      expect((await call("query_facts", args)).value, at).toMatchObject({ error: { code: "invalid_arguments", issues: [{ at }] } });
  });

  it("get_fact_history gives facts of a key or a part, and keys without one", async () => {
    const { call } = await enabled();
    expect((await call("get_fact_history", { store: "notes", limit: 1 })).value).toMatchObject({
      keys: [{ key: "n1", facts: 1 }],
      next_cursor: expect.any(String) as string,
    });
    expect((await call("get_fact_history", { store: "notes", key: "n1", limit: 5 })).value).toMatchObject({
      facts: [{ number: 1, value: { rank: 2 } }],
    });
    expect((await call("get_fact_history", { store: "calls", key: "ada", newest_first: true, limit: 5 })).value).toMatchObject({
      facts: [{ value: { who: "ada" } }],
    });
  });

  it("get_fact_history gives what a history held before it was kept in parts", async () => {
    const ledger = memoryLedger();
    await using before = await createRuntime({ contracts: [], ledger });
    await before.history(defineHistory("calls", { schema: z.object({ who: z.string() }) })).append({ who: "ada" });
    await before.close();
    await using kindling = await createRuntime({ contracts: [], stores: [calls], ledger });
    const { call } = await connectInProcess(kindling, { stores: ["calls"] });
    expect((await call("get_fact_history", { store: "calls", limit: 5 })).value).toMatchObject({ keys: [{ key: "", facts: 1 }] });
    const { value } = await call("get_fact_history", { store: "calls", key: "", limit: 5 });
    expect(value).toMatchObject({ facts: [{ value: { who: "ada" } }] });
  });

  it("list_fact_activity tells the latest of what is enabled, without values", async () => {
    const { call, ids } = await enabled();
    const { value, text } = await call("list_fact_activity", { limit: 10 });
    expect(value).toMatchObject({ facts: [{ key: "n2" }, { id: ids.note }, { id: ids.call }] });
    expect(text).not.toMatch(/patient|call back/);
    expect((await call("list_fact_activity", { store: "calls", limit: 10 })).value).toMatchObject({ facts: [{ id: ids.call }] });
  });

  it("trace_fact keeps the form of a lineage and tells no id of what is not enabled, either way", async () => {
    const { call, ids } = await enabled();
    const back = await call("trace_fact", { id: ids.note });
    expect(back.value).toMatchObject({ facts: [{ id: ids.note }, { id: ids.call }], hidden: 1 });
    expect((back.value as { readonly links: unknown }).links).toEqual(
      expect.arrayContaining([
        { cause: ids.call, effect: ids.note },
        { cause: "hidden-1", effect: ids.note },
        { cause: "hidden-1", effect: ids.call },
      ]),
    );
    const on = await call("trace_fact", { id: ids.call, direction: "effects" });
    expect(on.value).toMatchObject({ hidden: 1, links: expect.arrayContaining([{ cause: ids.note, effect: "hidden-1" }]) as unknown });
    expect(back.text + on.text).not.toMatch(/patient|secrets|hush/);
  });

  it("a store that is not enabled and one that there is not are refused alike, by name and by id", async () => {
    const { call, ids } = await enabled();
    for (const [name, args] of [
      ["get_fact", { key: "patient-4711" }],
      ["query_facts", { index: "by", limit: 1 }],
      ["get_fact_history", { limit: 1 }],
      ["list_fact_activity", { limit: 1 }],
    ] as const) {
      const [one, other] = [await call(name, { store: "secrets", ...args }), await call(name, { store: "nothing", ...args })];
      expect(one).toMatchObject({ isError: true, value: { error: { code: "store_not_enabled" } } });
      expect(one.text).toBe(other.text);
    }
    const [there, not] = [
      await call("trace_fact", { id: ids.secret }),
      await call("trace_fact", { id: "store:secrets:x@1#0123456789abcdef" }),
    ];
    expect(there).toMatchObject({ isError: true, value: { error: { code: "store_not_enabled" } } });
    expect(there.text).toBe(not.text);
  });

  it("a history that has the name of an enabled store stays hidden", async () => {
    const { call, kindling, ids } = await enabled();
    const namesake = defineHistory("notes", { schema: z.string(), partitionBy: () => "patient-4713" });
    const hidden = await kindling.history(namesake).append("hush", { causedBy: [ids.note] });
    expect((await call("trace_fact", { id: hidden.id })).value).toMatchObject({ error: { code: "store_not_enabled" } });
    const told = [await call("trace_fact", { id: ids.note, direction: "effects" }), await call("list_fact_activity", { limit: 10 })];
    expect(told[0]?.value).toMatchObject({ hidden: 2 });
    expect(JSON.stringify(told)).not.toContain("patient-4713");
  });

  it("results stay in their bounds, whatever values are, and say what was cut", async () => {
    const { call, kindling } = await enabled();
    for (let number = 0; number < 60; number++)
      await kindling.store(notes).write(`long-${number}`, { by: "eve", text: "x".repeat(90_000), rank: number }, { causedBy: [] });
    const page = await call("query_facts", { store: "notes", index: "by", value: "eve", limit: 50 });
    expect(page.text.length).toBeLessThanOrEqual(40_000);
    expect(page.value).toMatchObject({
      facts: expect.arrayContaining([expect.objectContaining({ truncated: true })]) as unknown,
      next_cursor: expect.any(String) as string,
    });
    const one = await call("get_fact", { store: "notes", key: "long-1" });
    expect(one.text.length).toBeGreaterThan(10_000);
    expect(one.text.length).toBeLessThanOrEqual(40_000);
    expect(one.value).toMatchObject({ fact: { truncated: true } });
  });
});

describe("runs in a lineage", () => {
  async function traced(kindling: Kindling, noteId: string, token: string): Promise<string> {
    const principals = [
      { id: "ada", token: "token-of-ada-1234567", runs: "own" as const },
      { id: "ops", token: "token-of-ops-1234567", runs: "all" as const },
    ];
    const server = await serveMcpHttp(kindling, { principals, stores: ["notes"], port: 0, log: () => {} });
    const client = new Client({ name: "reader", version: "1" });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { requestInit }));
    const told = await client.callTool({ name: "trace_fact", arguments: { id: noteId } });
    await client.close();
    await server.close();
    return JSON.stringify(told);
  }

  it("are told to who sees them, and hidden from who sees only runs of their own", async () => {
    const { kindling } = await recorded();
    const run = "run_0123456789abcdefghjkmnpqrs";
    const note = await kindling
      .store(notes)
      .write("n3", { by: "ada", text: "of a run", rank: 3 }, { causedBy: [`${run}:4`], producer: { kind: "run", name: run } });
    expect(await traced(kindling, note.id, "token-of-ops-1234567")).toContain(run);
    const own = await traced(kindling, note.id, "token-of-ada-1234567");
    expect(own).not.toContain(run);
    expect(own).toContain("hidden-1");
  });
});

describe("kindling mcp --stores", () => {
  it("offers those stores to a client that starts it, and refuses a name that the config does not know", async () => {
    const { folder, kindling } = await testProject();
    await cp(new URL("../cli/fixtures/stores.config.ts", import.meta.url), join(folder, "kindling.config.ts"));
    const launcher = fileURLToPath(new URL("../../bin/kindling.js", import.meta.url));
    const args = ["--conditions=kindling-source", launcher, "mcp", "--stores", "reminders,calls"];
    const client = new Client({ name: "agent", version: "1" });
    await client.connect(new StdioClientTransport({ command: process.execPath, args, cwd: folder, stderr: "ignore" }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(expect.arrayContaining(TOOLS));
    const { structuredContent } = await client.callTool({ name: "list_stores", arguments: {} });
    expect(structuredContent).toMatchObject({ stores: [{ store: "reminders" }, { store: "calls" }] });
    await client.close();
    expect(await kindling("mcp", "--stores", "reminder")).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean "reminders"?') as unknown,
    });
  });
});
