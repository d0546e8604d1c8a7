// What holds for every run, one test each; runs that wait and have children are in invariants-children.test.ts. Two rules have no subject here and
// will be tested beside theirs: 11 (the newest value of a key survives every compaction) with the application store in test/store, and 14 (another
// tenant's runs look as if they were not there) with tenants in test/host.

import { compile, contract, createRuntime, planOf, type RecordedFact } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, temporaryLedger } from "../host/open-host.ts";

/** How often each node's code ran. */
function counted() {
  const calls: Record<string, number> = {};
  return { calls, count: (name: string) => (calls[name] = (calls[name] ?? 0) + 1) };
}

/** What stands in a chain, in a diamond and apart; with an await at the end. */
function pricing() {
  const { calls, count } = counted();
  const definition = contract("pricing", {
    inputs: { price: z.number(), amount: z.number(), name: z.string() },
    define(g, { price, amount, name }) {
      const net = g.compute("net", { needs: { price, amount }, run: ({ price, amount }) => (count("net"), price * amount) });
      const tax = g.compute("tax", { needs: { net }, run: ({ net }) => (count("tax"), net / 5) });
      const fee = g.compute("fee", { needs: { net }, run: ({ net }) => (count("fee"), net > 100 ? 0 : 5) });
      const total = g.compute("total", { needs: { net, tax, fee }, run: ({ net, tax, fee }) => (count("total"), net + tax + fee) });
      const greeting = g.compute("greeting", { needs: { name }, run: ({ name }) => (count("greeting"), `Dear ${name}`) });
      return { total, greeting };
    },
  });
  return { pricing: definition, calls };
}

/** A part that waits. */
const asking = contract("asking", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g, { id }) =>
    g.compose("part", {
      needs: { id },
      child: (inner, { id }) => inner.await("check", { event: "checked", schema: z.string(), show: { id } }),
    }),
});

const typesOf = (facts: readonly RecordedFact[]) => facts.map((fact) => `${fact.type} ${fact.path}`);

/** Changes a value that must not change; true when it was refused. */
function isRefused(change: () => unknown): boolean {
  try {
    change();
    return false;
  } catch (error) {
    return error instanceof TypeError;
  }
}

describe("Kindling keeps its promises about nodes and runs", () => {
  it("1: a compiled graph cannot be changed, and the paths and fingerprints of its nodes are the same each time it is made", () => {
    const { pricing: first } = pricing();
    const { pricing: second } = pricing();
    const { graph } = first;
    const [node] = graph.nodes;
    expect(isRefused(() => Object.assign(graph, { name: "other" }))).toBe(true);
    expect(isRefused(() => Array.prototype.pop.call(graph.nodes))).toBe(true);
    expect(isRefused(() => Object.assign(node ?? {}, { name: "other" }))).toBe(true);
    expect(isRefused(() => Object.assign(node?.needs ?? {}, { more: "x" }))).toBe(true);
    expect(isRefused(() => Object.assign(graph.outputs, { type: "one" }))).toBe(true);
    expect(planOf(graph).hash).toBe(planOf(second.graph).hash);
    expect(planOf(graph).nodes.map(({ name }) => name)).toEqual(["price", "amount", "name", "net", "tax", "fee", "total", "greeting"]);
    expect(compile(first).findings).toEqual(compile(second).findings);
  });

  it("2: a node whose value stands is never computed twice in a run, however many read it and however often it is asked for", async () => {
    const { pricing: definition, calls } = pricing();
    const kindling = await openKindling({ contracts: [definition] });
    const run = await kindling.start(definition, { price: 10, amount: 3, name: "Ada" });
    expect(await run.result()).toEqual({ total: 41, greeting: "Dear Ada" });
    await run.result();
    await run.settled();
    await run.get();
    expect(calls).toEqual({ net: 1, tax: 1, fee: 1, total: 1, greeting: 1 });
  });

  it("3: after an update what reads the input runs again, and what does not read it is not even looked at", async () => {
    const { pricing: definition, calls } = pricing();
    const kindling = await openKindling({ contracts: [definition] });
    const run = await kindling.start(definition, { price: 10, amount: 3, name: "Ada" });
    await run.result();
    const { touched } = await run.update({ amount: 4 });
    expect([...touched].sort()).toEqual(["fee", "net", "tax", "total"]);
    expect(await run.result()).toEqual({ total: 53, greeting: "Dear Ada" });
    expect(calls).toEqual({ net: 2, tax: 2, fee: 2, total: 2, greeting: 1 });
    const facts = await run.facts();
    expect(facts.filter(({ path }) => path === "greeting")).toHaveLength(1);
  });

  it("5: a failure stays as it was, with its place, for every process that looks, and a failed run can be reported", async () => {
    const failing = contract("failing", {
      inputs: { name: z.string() },
      define(g, { name }) {
        const fine = g.compute("fine", { needs: { name }, run: ({ name }) => name });
        const wrong = g.compute("wrong", {
          needs: { name },
          run: ({ name }): string => {
            throw new Error(`nobody is called ${name}`);
          },
        });
        return { fine, last: g.compute("last", { needs: { wrong }, run: ({ wrong }) => wrong }) };
      },
    });
    const place = await temporaryLedger();
    const first = await createRuntime({ contracts: [failing], ledger: place });
    const { id } = await first.start(failing, { name: "Ada" });
    const before = await (await first.run(id)).settled();
    await first.close();
    const second = await openKindling({ contracts: [failing], ledger: place });
    const view = await second.get(id);
    expect(view).toEqual(before);
    expect(view?.error?.message).toBe("wrong: nobody is called Ada");
    expect(view?.nodes.map(({ name, status, error }) => `${name} ${status} ${error?.code ?? ""}`.trim())).toEqual([
      "fine succeeded",
      "wrong failed threw",
      "last skipped",
    ]);
    expect((await second.explain(id, "last")).text).toContain("nobody is called Ada");
    expect((await second.list({ status: "failed" })).items.map((item) => item.id)).toEqual([id]);
  });

  it("9: of a branch one case runs, and of the others nothing ever does", async () => {
    const { calls, count } = counted();
    const choosing = contract("choosing", {
      inputs: { kind: z.enum(["left", "right"]) },
      define: (g, { kind }) =>
        g.branch("side", {
          needs: { kind },
          on: "kind",
          cases: {
            left: (inner, { kind }) => inner.compute("made", { needs: { kind }, run: () => count("left") }),
            right: (inner, { kind }) => inner.compute("made", { needs: { kind }, run: () => count("right") }),
          },
        }),
    });
    const kindling = await openKindling({ contracts: [choosing] });
    const run = await kindling.start(choosing, { kind: "left" });
    await run.result();
    expect(calls).toEqual({ left: 1 });
    expect(typesOf(await run.facts()).join("\n")).not.toContain("right");
  });

  it("12: inputs that are refused leave no run, and a key they came with is free", async () => {
    const { pricing: definition, calls } = pricing();
    const kindling = await openKindling({ contracts: [definition] });
    await expect(kindling.start("pricing", { price: "ten", amount: 3 }, { idempotencyKey: "k" })).rejects.toMatchObject({
      code: "invalid_inputs",
    });
    expect((await kindling.list()).items).toEqual([]);
    expect((await kindling.verify()).faults).toEqual([]);
    expect(calls).toEqual({});
    const run = await kindling.start(definition, { price: 10, amount: 3, name: "Ada" }, { idempotencyKey: "k" });
    expect(run.created).toBe(true);
    expect((await run.result()).total).toBe(41);
  });

  it("15: looking at a run in any way changes nothing and runs nothing", async () => {
    const { pricing: definition, calls } = pricing();
    const kindling = await openKindling({ contracts: [definition, asking] });
    const done = await kindling.start(definition, { price: 10, amount: 3, name: "Ada" });
    await done.result();
    const open = await kindling.start(asking, { id: "a" });
    await open.settled();
    const state = async () => ({ calls: { ...calls }, list: await kindling.list(), facts: [await done.facts(), await open.facts()] });
    const before = await state();
    for (const run of [done, open]) {
      await run.get();
      await run.settled();
      await kindling.explain(run.id);
      await kindling.diff(run.id, run.id);
      await kindling.inbox({ run: run.id });
      for await (const event of done.watch()) expect(event.type).toBe("fact");
    }
    await kindling.awaiting(open.id, "part/check");
    await kindling.checkUpgrades();
    await kindling.deadLetters();
    await kindling.verify();
    expect(await state()).toEqual(before);
  });
});
