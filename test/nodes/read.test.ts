// Reading stores and histories inside contracts: once, and on record.

import { contract, derive, type Kindling, memoryLedger, textGraph } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { findingsOf } from "../dsl/findings-of.ts";
import { openKindling } from "../host/open-host.ts";
import { calls, customers, log, notes } from "./shop.ts";

const readFacts = async (kindling: Kindling, run: string) =>
  (await kindling.facts(run)).flatMap((fact) => (fact.type === "facts.read" ? [{ path: fact.path, facts: fact.facts }] : []));

describe("a node that reads a store", () => {
  const greet = contract("greet", {
    inputs: { id: z.string() },
    define(g, { id }) {
      const customer = g.read("customer", customers, { key: id });
      return { customer, greeting: g.map("greeting", customer, ({ name }) => `Hello ${name}`) };
    },
  });

  it("gives the value of a key, and records which fact that was", async () => {
    const kindling = await openKindling({ contracts: [greet] });
    const written = await kindling.store(customers).write("c1", { name: "Ada", city: null });
    const run = await kindling.start(greet, { id: "c1" });
    expect(await run.result()).toEqual({ customer: { name: "Ada", city: null }, greeting: "Hello Ada" });
    expect(await readFacts(kindling, run.id)).toEqual([{ path: "customer", facts: [written.id] }]);
  });

  it("says in the view of its run which fact that was, of several how many, or that there was none", async () => {
    const look = contract("look", {
      inputs: { id: z.string() },
      define(g, { id }) {
        const customer = g.read("customer", customers, { key: id });
        const other = g.read("other", customers, { key: "c2", optional: true });
        const past = g.events("past", calls, { partition: id, limit: 5 });
        const call = g.append("call", calls, { needs: { id }, event: ({ id }) => ({ customer: id, minutes: 1 }), after: [past] });
        return { customer, other, past, call };
      },
    });
    const kindling = await openKindling({ contracts: [look] });
    const written = await kindling.store(customers).write("c1", { name: "Ada", city: null });
    for (const minutes of [2, 3]) await kindling.history(calls).append({ customer: "c1", minutes });
    const run = await kindling.start(look, { id: "c1" });
    const { call } = await run.result();
    expect((await run.get()).nodes.map(({ name, note }) => [name, note])).toEqual([
      ["customer", written.id],
      ["other", "nothing of customers"],
      ["past", "2 facts of calls"],
      ["call", call.id],
    ]);
  });

  it("gives of a derived store what follows from all that was recorded before, its own run included", async () => {
    const minutes = derive("minutes", {
      from: calls,
      key: ({ customer }) => customer,
      schema: z.number(),
      compute: async (all) => {
        // Slower than a run.
        await new Promise((resolve) => setTimeout(resolve, 20));
        return all.reduce((sum, { value }) => sum + value.minutes, 0);
      },
    });
    const call = contract("call", {
      inputs: { id: z.string() },
      define(g, { id }) {
        const event = g.append("event", calls, { needs: { id }, event: ({ id }) => ({ customer: id, minutes: 4 }) });
        const sum = g.read("sum", minutes, { key: id, fact: true, after: [event] });
        const before = g.read("before", minutes, { key: id, optional: true, asOf: { position: 1 }, after: [sum] });
        return { sum, before };
      },
    });
    const kindling = await openKindling({ contracts: [call], stores: [calls, minutes] });
    await kindling.history(calls).append({ customer: "c1", minutes: 3 });
    const runs = await Promise.all([kindling.start(call, { id: "c1" }), kindling.start(call, { id: "c1" })]);
    for (const run of runs) {
      const { sum, before } = await run.result();
      const own = (await kindling.facts(run.id)).find(({ type }) => type === "facts.recorded");
      const read = (await kindling.facts(run.id)).flatMap((fact) => (fact.type === "facts.read" ? [fact.position] : []));
      expect(sum.value).toBeGreaterThanOrEqual(7);
      expect(sum.position).toBeGreaterThan(own?.position ?? Number.NaN);
      expect(before).toBeNull();
      expect(read).toHaveLength(2);
    }
    expect((await kindling.store(minutes).get("c1"))?.value).toBe(11);
  });

  it("fails once where there is no value, and says so", async () => {
    const kindling = await openKindling({ contracts: [greet] });
    const run = await kindling.start(greet, { id: "c1" });
    await expect(run.result()).rejects.toMatchObject({ details: { error: { code: "value_absent" } } });
    const failed = (await kindling.facts(run.id)).flatMap((fact) => (fact.type === "node.failed" ? [fact.error] : []));
    expect(failed).toMatchObject([{ code: "value_absent", details: { store: "customers", key: "c1" }, retryable: false }]);
    expect(await readFacts(kindling, run.id)).toEqual([{ path: "customer", facts: [] }]);
  });

  it("tells null from nothing where it gives the fact", async () => {
    const look = contract("look", {
      inputs: { id: z.string() },
      define: (g, { id }) => ({
        value: g.read("value", notes, { key: id, optional: true }),
        fact: g.read("fact", notes, { key: id, optional: true, fact: true }),
      }),
    });
    const kindling = await openKindling({ contracts: [look] });
    const written = await kindling.store(notes).write("n1", null);
    expect(await (await kindling.start(look, { id: "n1" })).result()).toMatchObject({ value: null, fact: { id: written.id, value: null } });
    expect(await (await kindling.start(look, { id: "n2" })).result()).toEqual({ value: null, fact: null });
  });

  it("takes a key from code, and reads as of a moment", async () => {
    const past = contract("past", {
      inputs: { id: z.string(), position: z.number() },
      define: (g, { id, position }) =>
        g.read("customer", customers, {
          needs: { id, position },
          key: ({ id }) => `c${id}`,
          asOf: ({ position }) => ({ position }),
        }),
    });
    const kindling = await openKindling({ contracts: [past] });
    const store = kindling.store(customers);
    const { position } = await store.write("c1", { name: "Ada", city: null });
    await store.write("c1", { name: "Ada Lovelace", city: null });
    expect(await (await kindling.start(past, { id: "1", position })).result()).toEqual({ name: "Ada", city: null });
  });

  it("asks an index, and reads events of a part", async () => {
    const report = contract("report", {
      inputs: { city: z.string(), id: z.string() },
      define: (g, { city, id }) => ({
        there: g.query("there", customers, { index: "city", is: city, limit: 2, newestFirst: true }),
        calls: g.events("calls", calls, { partition: id, limit: 10, fact: true }),
        log: g.events("log", log, { limit: 1 }),
      }),
    });
    const kindling = await openKindling({ contracts: [report] });
    const found = [];
    for (const key of ["c1", "c2", "c3"]) found.push(await kindling.store(customers).write(key, { name: key, city: "Rome" }));
    const call = await kindling.history(calls).append({ customer: "c2", minutes: 3 });
    await kindling.history(log).append("one");
    await kindling.history(log).append("two");
    const run = await kindling.start(report, { city: "Rome", id: "c2" });
    expect(await run.result()).toEqual({
      there: [
        { name: "c3", city: "Rome" },
        { name: "c2", city: "Rome" },
      ],
      calls: [
        {
          id: call.id,
          key: "c2",
          number: 1,
          position: call.position,
          time: call.time,
          validFrom: call.time,
          value: { customer: "c2", minutes: 3 },
        },
      ],
      log: ["one"],
    });
    expect((await readFacts(kindling, run.id)).find(({ path }) => path === "there")?.facts).toEqual([found[2]?.id, found[1]?.id]);
  });

  it("is not read again by a run that goes on, is retried or is forked, and is when its key has changed", async () => {
    let isBroken = true;
    const shaky = contract("shaky", {
      inputs: { id: z.string(), n: z.number() },
      define(g, { id, n }) {
        const customer = g.read("customer", customers, { key: id });
        return g.compute("text", {
          needs: { customer, n },
          run: ({ customer, n }) => {
            if (isBroken) throw new Error("broken");
            return `${customer.name} ${n}`;
          },
        });
      },
    });
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [shaky], ledger: place });
    const store = kindling.store(customers);
    await store.write("c1", { name: "Ada", city: null });
    await store.write("c2", { name: "Bob", city: null });
    const run = await kindling.start(shaky, { id: "c1", n: 1 });
    await expect(run.result()).rejects.toThrow("broken");
    await store.write("c1", { name: "Ada Lovelace", city: null });
    isBroken = false;
    await kindling.retry(run.id);
    expect(await run.result()).toBe("Ada 1");
    const fork = await kindling.fork(run.id, { inputs: { n: 2 } });
    expect(await fork.result()).toBe("Ada 2");
    await kindling.update(run.id, { n: 3 });
    expect(await (await kindling.run(run.id)).result()).toBe("Ada 3");
    await kindling.update(run.id, { id: "c2" });
    expect(await (await kindling.run(run.id)).result()).toBe("Bob 3");
    expect(await readFacts(kindling, run.id)).toHaveLength(2);
    expect(await readFacts(kindling, fork.id)).toHaveLength(0);
  });

  it("reads what is derived, and says where that came from", async () => {
    const minutes = derive("minutes", {
      schema: z.number(),
      from: calls,
      key: ({ customer }) => customer,
      reduce: { initial: 0, add: (sum, { minutes }) => sum + minutes },
    });
    const look = contract("look", {
      inputs: { id: z.string() },
      define: (g, { id }) => g.read("minutes", minutes, { key: id, fact: true }),
    });
    const kindling = await openKindling({ contracts: [look], stores: [calls, minutes] });
    const made = [];
    for (const each of [3, 4]) made.push(await kindling.history(calls).append({ customer: "c1", minutes: each }));
    await kindling.derivations.settle();
    const run = await kindling.start(look, { id: "c1" });
    const { value, id } = await run.result();
    expect(value).toBe(7);
    const lineage = (await kindling.lineage(run.id)).facts.map((fact) => fact.id);
    expect(lineage).toEqual(expect.arrayContaining([id, made[1]?.id]));
  });

  it("stands in the graph, and what is wrong with it is told at once", () => {
    expect(textGraph(greet)).toContain("customers");
    expect(
      findingsOf(() =>
        contract("wrong", {
          inputs: { id: z.string() },
          define: (g, { id }) => ({
            // @ts-expect-error -- there is no such index
            index: g.query("index", customers, { index: "citty", is: "Rome", limit: 5 }),
            limit: g.events("limit", log, { limit: 0 }),
            part: g.events("part", log, { partition: id, limit: 1 }),
            twice: g.read("twice", customers, { needs: { key: id }, key: id }),
          }),
        }),
      ).map(({ node, message, hint }) => [node, message, hint]),
    ).toMatchInlineSnapshot(`
      [
        [
          "index",
          "customers has no index "citty"",
          "Did you mean "city"?",
        ],
        [
          "limit",
          "limit is 0",
          "Give a whole number from 1 to 1000.",
        ],
        [
          "part",
          "partition means nothing to g.events",
          "Leave it out.",
        ],
        [
          "twice",
          "needs has "key", which the node itself gives",
          "Give it another name.",
        ],
      ]
    `);
  });
});
