// Stores and histories as tools of a conversation: what a model may do with them, how much it is told, and what of that stands on record.

import { contract, defineHistory, defineStore, historyTools, memoryLedger, storeTools } from "kindling";
import { callsTools, scripted, type ScriptedReply } from "kindling/providers/scripted";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { JsonValue, ModelRequest, Tool } from "../../src/index.ts";
import { openKindling } from "../host/open-host.ts";

const notes = defineStore("notes", {
  schema: z.object({ text: z.string().max(1_000), topic: z.string() }),
  indexes: { topic: ({ topic }) => topic },
});
const visits = defineHistory("visits", { schema: z.object({ who: z.string() }), partitionBy: ({ who }) => who });

const agent = (tools: readonly Tool[]) =>
  contract("agent", {
    inputs: { question: z.string() },
    define: (g, { question }) => g.llm("answer", { needs: { question }, prompt: ({ question }) => question, model: "scripted:any", tools }),
  });

/** What the model was told of its calls, in order. */
function toldIn(requests: readonly ModelRequest[]): readonly JsonValue[] {
  return (requests.at(-1)?.messages ?? []).flatMap(({ content }) =>
    typeof content === "string" ? [] : content.flatMap((part) => (part.type === "tool-result" ? [part.output] : [])),
  );
}

describe("stores as tools", () => {
  it("are read by key and by index, as far as the author says, and each access is a fact of the run", async () => {
    const model = scripted([
      callsTools(
        ["notes_get", { key: "n1" }],
        ["notes_get", { key: "nobody" }],
        ["notes_by_topic", { value: "sea" }],
        ["notes_write", { key: "n1" }],
      ),
      "Done.",
    ]);
    const tools = storeTools(notes, { about: "What was learnt.", query: ["topic"], limit: 2 });
    expect(tools.map(({ name, description }) => [name, description])).toEqual([
      ["notes_get", "Gives the value of a key. What was learnt."],
      ["notes_by_topic", "Gives the values whose topic is a value. What was learnt."],
    ]);
    const kindling = await openKindling({ contracts: [agent(tools)], models: [model] });
    const written = [];
    for (const key of ["n1", "n2", "n3"]) written.push(await kindling.store(notes).write(key, { text: key, topic: "sea" }));
    const run = await kindling.start("agent", { question: "What do you know of the sea?" });
    await run.result();
    expect(toldIn(model.requests)).toEqual([
      { found: true, value: { text: "n1", topic: "sea" } },
      { found: false },
      {
        items: [
          { key: "n1", value: { text: "n1", topic: "sea" } },
          { key: "n2", value: { text: "n2", topic: "sea" } },
        ],
        leftOut: "there may be more than 2",
      },
      expect.stringContaining('There is no tool "notes_write"'),
    ]);
    const read = (await kindling.facts(run.id)).flatMap((fact) => (fact.type === "facts.read" ? fact.facts : []));
    expect(read).toEqual([written[0]?.id, written[0]?.id, written[1]?.id]);
    expect((await kindling.lineage(run.id)).facts).toHaveLength(2);
  });

  it("are remembered between runs, and what one wrote rests on what it had read", async () => {
    const tools = [...storeTools(notes, { write: true, remove: true }), ...historyTools(visits, { append: true, limit: 5 })];
    const steps: readonly ScriptedReply[] = [
      callsTools(
        ["visits_append", { event: { who: "ada" } }],
        ["notes_write", { key: "ada", value: { text: "likes the sea", topic: "people" } }],
      ),
      "I will remember.",
      callsTools(["visits_read", { part: "ada" }], ["notes_get", { key: "ada" }]),
      callsTools(["notes_write", { key: "ada", value: { text: "likes the sea, came twice", topic: "people" } }]),
      callsTools(["notes_remove", { key: "bob" }]),
      "You like the sea.",
    ];
    const model = scripted(steps);
    const place = memoryLedger();
    const first = await openKindling({ contracts: [agent(tools)], models: [model], ledger: place });
    await (await first.start("agent", { question: "I am Ada, and I like the sea" })).result();
    const before = await first.store(notes).get("ada");
    await first.close();
    const second = await openKindling({ contracts: [agent(tools)], models: [model], ledger: place });
    const run = await second.start("agent", { question: "What do I like?" });
    expect(await run.result()).toBe("You like the sea.");
    const after = await second.store(notes).get("ada");
    expect(after?.value.text).toBe("likes the sea, came twice");
    const lineage = (await second.lineage(after?.id ?? "")).facts.map(({ id }) => id);
    const [visit] = (await second.history(visits).read({ partition: "ada" })).items;
    expect(lineage).toEqual(expect.arrayContaining([before?.id, visit?.id]));
    expect(after?.producer).toEqual({ kind: "run", name: run.id });
  });

  it("are written only after a person has allowed it, where the author says so", async () => {
    const tools = storeTools(notes, { read: false, write: { approve: { when: ({ key }) => key === "secret", assurance: "client" } } });
    const value = { text: "x", topic: "y" };
    const model = scripted([callsTools(["notes_write", { key: "open", value }], ["notes_write", { key: "secret", value }]), "Done."]);
    const kindling = await openKindling({ contracts: [agent(tools)], models: [model] });
    const run = await kindling.start("agent", { question: "Write both" });
    expect((await run.settled()).status).toBe("waiting");
    expect([await kindling.store(notes).get("open"), await kindling.store(notes).get("secret")]).toMatchObject([{ value }, undefined]);
    const [gate] = await kindling.inbox();
    const actor = { id: "cli:ada", assurance: "client" } as const;
    await kindling.deliver({
      event: "tool.approval",
      run: run.id,
      path: gate?.path ?? "",
      payload: { decision: "reject", reason: "not yours" },
      actor,
    });
    await run.result();
    expect(await kindling.store(notes).get("secret")).toBeUndefined();
    expect(toldIn(model.requests)[1]).toContain("not yours");
  });

  it("ask nobody to allow what the store would refuse", async () => {
    const model = scripted([callsTools(["notes_remove", { key: "a\u0000" }], ["notes_remove", { key: "\ud800" }]), "Done."]);
    const kindling = await openKindling({ contracts: [agent(storeTools(notes, { remove: { approve: true } }))], models: [model] });
    const run = await kindling.start("agent", { question: "?" });
    expect((await run.settled()).status).toBe("succeeded");
    expect(toldIn(model.requests)).toEqual(Array(2).fill(expect.stringContaining("none of them a control character")));
  });

  it("reach one key and no other where the node gives it", async () => {
    const tools = [...storeTools(notes, { given: "customer", write: true }), ...historyTools(visits, { given: "customer" })];
    const own = contract("own", {
      inputs: { question: z.string(), customer: z.string() },
      define: (g, { question, customer }) =>
        g.llm("answer", { needs: { question, customer }, prompt: ({ question }) => question, model: "scripted:any", tools }),
    });
    expect(JSON.stringify(tools.map(({ inputSchema }) => inputSchema))).not.toContain("customer");
    const value = { text: "mine", topic: "me" };
    const model = scripted([
      callsTools(["notes_write", { value }], ["notes_write", { value, customer: "bob" }], ["visits_read", {}]),
      "Done.",
    ]);
    const kindling = await openKindling({ contracts: [own], models: [model] });
    for (const who of ["ada", "bob"]) await kindling.history(visits).append({ who });
    await (await kindling.start(own, { question: "Who am I?", customer: "ada" })).result();
    expect((await kindling.store(notes).list()).items.map(({ key }) => key)).toEqual(["ada"]);
    expect(toldIn(model.requests)).toEqual([
      { written: true, number: 1 },
      expect.stringContaining("customer: is no input"),
      { items: [{ at: expect.any(String), value: { who: "ada" } }] },
    ]);
  });

  it("tell no more than there is room for, and nothing in parts", async () => {
    const tools = storeTools(notes, { query: ["topic"], resultLimit: 400 });
    const model = scripted([callsTools(["notes_get", { key: "long" }], ["notes_by_topic", { value: "sea" }]), "Done."]);
    const kindling = await openKindling({ contracts: [agent(tools)], models: [model] });
    await kindling.store(notes).write("long", { text: "x".repeat(900), topic: "land" });
    for (const key of ["a", "b", "c"]) await kindling.store(notes).write(key, { text: "y".repeat(150), topic: "sea" });
    await (await kindling.start("agent", { question: "?" })).result();
    expect(toldIn(model.requests)).toMatchObject([
      { found: true, tooLong: "the value has 926 characters, and 400 are the limit" },
      { items: [{ key: "a" }, { key: "b" }], leftOut: "1 more, which are too long" },
    ]);
  });

  it("record nothing where a model leaves the value out, also where the schema takes anything", async () => {
    const anything = defineStore("anything", { schema: z.unknown() });
    const events = defineHistory("events", { schema: z.string().optional() });
    const tools = [...storeTools(anything, { write: true }), ...historyTools(events, { append: true })];
    const calls = callsTools(["anything_write", { key: "a" }], ["events_append", {}], ["anything_write", { key: "b", value: null }]);
    const model = scripted([calls, "Done."]);
    const kindling = await openKindling({ contracts: [agent(tools)], models: [model] });
    await (await kindling.start("agent", { question: "?" })).result();
    expect(toldIn(model.requests)).toEqual([
      expect.stringContaining("value: expected a value"),
      expect.stringContaining("event: expected a value"),
      { written: true, number: 1 },
    ]);
    expect((await kindling.store(anything).list()).items.map(({ key, value }) => [key, value])).toEqual([["b", null]]);
    expect(model.requests[0]?.tools?.map(({ inputSchema }) => inputSchema["required"])).toEqual([["key"], ["key", "value"], [], ["event"]]);
  });

  it("record what the schema makes of a value, applied once", async () => {
    const lengths = defineStore("lengths", { schema: z.string().transform(({ length }) => length) });
    const counts = defineHistory("counts", { schema: z.object({ n: z.number().transform((n) => n + 1), of: z.string().default("all") }) });
    const tools = [...storeTools(lengths, { write: true }), ...historyTools(counts, { append: true })];
    const model = scripted([callsTools(["lengths_write", { key: "a", value: "four" }], ["counts_append", { event: { n: 1 } }]), "Done."]);
    const kindling = await openKindling({ contracts: [agent(tools)], models: [model] });
    await (await kindling.start("agent", { question: "?" })).result();
    expect((await kindling.store(lengths).get("a"))?.value).toBe(4);
    expect((await kindling.history(counts).read()).items.map(({ value }) => value)).toEqual([{ n: 2, of: "all" }]);
  });

  it("have names of their own where that of the store is too long for them, and say so", () => {
    const long = defineStore("n".repeat(60), { schema: z.string(), indexes: { topic: (text) => text } });
    const tools = () => storeTools(long, { query: ["topic"] });
    expect(tools).toThrow(`tools of "${long.name}": there can be no tool "${long.name}_by_topic"`);
    expect(tools).toThrow(expect.objectContaining({ code: "bad_tool", fix: expect.stringContaining("shorter name") as string }) as Error);
    expect(storeTools(long, { name: "topics", query: ["topic"] }).map(({ name }) => name)).toEqual(["topics_get", "topics_by_topic"]);
  });

  it("are refused where they make no sense", () => {
    expect(() => storeTools(notes, { limit: 0 })).toThrow("limit is 0");
    expect(() => storeTools(notes, { limit: 101 })).toThrow("limit is 101");
    expect(() => storeTools(notes, { resultLimit: 10 })).toThrow("resultLimit is 10");
    expect(() => storeTools(notes, { given: "customer", query: ["topic"] })).toThrow("would find other keys");
    // The key would be what the model writes.
    expect(() => storeTools(notes, { given: "value", write: true })).toThrow('given is "value", and so is what the model writes');
    expect(storeTools(notes, { given: "value" }).map(({ name }) => name)).toEqual(["notes_get"]);
    expect(() => historyTools(visits, { given: "customer", append: true })).toThrow("an event says its part itself");
    // @ts-expect-error -- it stands inside write, and nobody would be asked
    expect(() => storeTools(notes, { write: true, approve: true })).toThrow('storeTools: there is no option "approve"');
    // @ts-expect-error -- a text that is no answer would be one
    expect(() => historyTools(visits, { read: "no" })).toThrow('historyTools: read is "no"');
    // @ts-expect-error -- there is no such index
    expect(() => storeTools(notes, { query: ["topik"] })).toThrow('notes has no index "topik"');
  });
});
