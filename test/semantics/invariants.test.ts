// What holds for every run, one test each. The rule that the newest value of a key survives every compaction, and the rule that another tenant's
// runs look as if they were not there, are tested beside the application store and the tenants: test/store and test/host/tenants.test.ts.

import { compile, contract, createRuntime, planOf, type Kindling, type RecordedFact, type Run } from "kindling";
import { manualClock, memoryLedger, seededChance } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { overridden } from "../host/ledgers.ts";
import { openKindling, temporaryLedger, until } from "../host/open-host.ts";

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

/** A case, items and a part, each of which waits for a person's word before anything behind it may run. */
const nested = contract("nested", {
  inputs: { id: z.string(), langs: z.array(z.string()), kind: z.enum(["long", "short"]) },
  correlate: ["id"],
  define(g, { id, langs, kind }) {
    const part = g.compose("part", {
      needs: { id },
      child: (inner, { id }) => inner.await("check", { event: "part", schema: z.string(), show: { id } }),
    });
    const items = g.collection("items", {
      over: langs,
      as: "lang",
      key: (lang) => lang,
      each: (inner, { lang }) => inner.await("check", { event: "item", schema: z.string(), show: { lang } }),
    });
    const choice = g.branch("choice", {
      needs: { kind, id },
      on: "kind",
      cases: {
        long: (inner, { id }) => inner.await("check", { event: "case", schema: z.string(), show: { id } }),
        short: (inner) => inner.const("word", "short"),
      },
    });
    const last = g.compute("last", { needs: { part, items, choice }, run: ({ part, choice }) => `${part} ${choice}` });
    return { last };
  },
});

const opened = async (kindling: Kindling, id: string) => (await kindling.inbox({ run: id })).map(({ path }) => path);
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

describe("Kindling keeps its promises", () => {
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

  it("4: the order of facts is the same each time, given the same time, chance and answers", async () => {
    const order = async () => {
      const kindling = await openKindling({ contracts: [nested], clock: manualClock(), chance: seededChance(7) });
      const run = await kindling.start(nested, { id: "a", langs: ["en", "de"], kind: "long" });
      await answerAll(kindling, run);
      await run.result();
      return (await run.facts()).map(({ id, type, path, time }) => `${id} ${type} ${path} ${time}`);
    };
    const first = await order();
    expect(first.length).toBeGreaterThan(20);
    expect(await order()).toEqual(first);
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

  it("6: a case, an item and a part are runs of their own, linked to their parent, and share no names with it", async () => {
    const kindling = await openKindling({ contracts: [nested] });
    const run = await kindling.start(nested, { id: "a", langs: ["en", "de"], kind: "long" });
    await run.settled();
    const facts = await run.facts();
    const children = facts.flatMap((fact) => (fact.type === "child.started" ? [`${fact.path}[${fact.key}]`] : []));
    expect([...children].sort()).toEqual(["choice[long]", "items[de]", "items[en]", "part[]"]);
    const starts = facts.flatMap((fact) => (fact.type === "run.started" && fact.parent !== undefined ? [fact] : []));
    expect(new Set(starts.map((fact) => fact.run)).size).toBe(4);
    expect(starts.every((fact) => fact.root === run.id && fact.parent?.run === run.id)).toBe(true);
    expect([...(await opened(kindling, run.id))].sort()).toEqual([
      "choice[long]/check",
      "items[de]/check",
      "items[en]/check",
      "part/check",
    ]);
  });

  it("7: what waits inside a child counts as waiting everywhere above it, and nothing behind it runs", async () => {
    const kindling = await openKindling({ contracts: [nested] });
    const run = await kindling.start(nested, { id: "a", langs: ["en"], kind: "long" });
    const view = await run.settled();
    expect(view.status).toBe("waiting");
    expect(view.nodes.map(({ name, status }) => `${name} ${status}`)).toEqual([
      "part waiting",
      "items waiting",
      "choice waiting",
      "last blocked",
    ]);
    await kindling.deliver({ event: "part", run: run.id, payload: "p" });
    await kindling.deliver({ event: "item", run: run.id, payload: "i" });
    expect((await run.settled()).nodes.at(-1)?.status).toBe("blocked");
    expect((await run.facts()).some(({ path, type }) => path === "last" && type === "node.succeeded")).toBe(false);
    await kindling.deliver({ event: "case", run: run.id, payload: "c" });
    expect(await run.result()).toEqual({ last: "p c" });
  });

  it("8: a run that another process takes up keeps its id, its open awaits and the deliveries it has had", async () => {
    const place = await temporaryLedger();
    const first = await createRuntime({ contracts: [nested], ledger: place });
    const run = await first.start(nested, { id: "a", langs: ["en"], kind: "long" });
    await first.deliver({ event: "part", run: run.id, payload: "p", deliveryId: "once" });
    await run.settled();
    const before = { inbox: await first.inbox(), facts: await run.facts() };
    await first.close();
    const second = await openKindling({ contracts: [nested], ledger: place });
    expect(await second.inbox()).toEqual(before.inbox);
    expect(await second.facts(run.id)).toEqual(before.facts);
    expect(await second.deliver({ event: "part", run: run.id, payload: "p", deliveryId: "once" })).toMatchObject({
      status: "duplicate",
      run: run.id,
    });
    const again = await second.run(run.id);
    await answerAll(second, again);
    expect(await again.result()).toEqual({ last: "p answer" });
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

  it("10: a fact stands behind the facts it rests on, within a run and between a child and its parent", async () => {
    const kindling = await openKindling({ contracts: [nested] });
    const run = await kindling.start(nested, { id: "a", langs: ["en", "de"], kind: "long" });
    await answerAll(kindling, run);
    await run.result();
    const facts = await run.facts();
    const numberOf = ({ id }: RecordedFact) => Number(id.slice(id.lastIndexOf(":") + 1));
    const placeOf = new Map(facts.map(({ id }, index) => [id, index]));
    for (const [index, fact] of facts.entries()) {
      for (const cause of ("cause" in fact ? fact.cause : undefined) ?? []) {
        expect(cause).toBeLessThan(numberOf(fact));
        expect(placeOf.get(`${fact.run}:${cause}`)).toBeLessThan(index);
      }
      if (fact.type !== "run.started" || fact.parent === undefined) continue;
      const { parent } = fact;
      const listed = facts.findIndex(({ type, run: of, path }) => type === "children.listed" && of === parent.run && path === parent.node);
      expect(listed).toBeGreaterThanOrEqual(0);
      expect(listed).toBeLessThan(index);
    }
    expect(facts.some((fact) => "cause" in fact && (fact.cause ?? []).length > 0)).toBe(true);
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

  it("13: what could not be recorded did not happen: whoever sent it is told, and the run stands as it stood", async () => {
    const memory = memoryLedger();
    let isFull = false;
    const place = {
      location: memory.location,
      open: async (options: Parameters<typeof memory.open>[0]) => {
        const ledger = await memory.open(options);
        return overridden(ledger, {
          append: (commits) => (isFull ? Promise.reject(new Error("the disk is full")) : ledger.append(commits)),
        });
      },
    };
    const first = await createRuntime({ contracts: [nested], ledger: place });
    const run = await first.start(nested, { id: "a", langs: ["en"], kind: "short" });
    await run.settled();
    const before = await run.facts();
    isFull = true;
    await expect(first.deliver({ event: "part", run: run.id, payload: "p" })).rejects.toThrow("the disk is full");
    await first.close().catch(() => undefined);
    isFull = false;
    const second = await openKindling({ contracts: [nested], ledger: place });
    expect(await second.facts(run.id)).toEqual(before);
    expect(await opened(second, run.id)).toEqual(["part/check", "items[en]/check"]);
    expect(await second.deliver({ event: "part", run: run.id, payload: "other" })).toMatchObject({ status: "delivered" });
  });

  it("15: looking at a run in any way changes nothing and runs nothing", async () => {
    const { pricing: definition, calls } = pricing();
    const kindling = await openKindling({ contracts: [definition, nested] });
    const done = await kindling.start(definition, { price: 10, amount: 3, name: "Ada" });
    await done.result();
    const open = await kindling.start(nested, { id: "a", langs: ["en"], kind: "long" });
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

/** Answers whatever a run waits for until it waits for nothing. */
async function answerAll(kindling: Kindling, run: Run): Promise<void> {
  for (let view = await run.settled(); view.status === "waiting"; view = await run.settled()) {
    for (const { event, path } of view.awaits) await kindling.deliver({ event, run: run.id, path, payload: "answer" });
    await until(async () => (await run.get()).awaits.every(({ path }) => !view.awaits.some((open) => open.path === path)));
  }
}
