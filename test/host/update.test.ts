// Other inputs for a run that is there: what they touch runs again, and only where it then reads something different (R10).

import { contract, createRuntime, type RecordedFact } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, temporaryLedger } from "./open-host.ts";

/** Names of the nodes that made a value after a fact of this type, and of those whose value stood. */
function since(facts: readonly RecordedFact[], type: RecordedFact["type"]) {
  const later = facts.slice(facts.findLastIndex((fact) => fact.type === type) + 1);
  return {
    made: later.flatMap((fact) => (fact.type === "node.succeeded" ? [fact.path] : [])),
    reused: later.flatMap((fact) => (fact.type === "node.reused" ? [fact.path] : [])),
  };
}

const order = contract("order", {
  inputs: { price: z.number(), amount: z.number(), name: z.string() },
  define(g, { price, amount, name }) {
    const net = g.compute("net", { needs: { price, amount }, run: ({ price, amount }) => price * amount });
    const isLarge = g.compute("isLarge", { needs: { net }, run: ({ net }) => net > 1_000 });
    const label = g.compute("label", { needs: { isLarge, name }, run: ({ isLarge, name }) => `${name}${isLarge ? " (large)" : ""}` });
    const greeting = g.compute("greeting", { needs: { name }, run: ({ name }) => `Dear ${name}` });
    return { net, label, greeting };
  },
});

describe("update", () => {
  it("runs again what reads the input, and stops where a value comes out the same", async () => {
    const kindling = await openKindling({ contracts: [order] });
    const run = await kindling.start(order, { price: 10, amount: 3, name: "Ada" });
    await run.result();
    expect(await run.update({ amount: 4 })).toEqual({ changed: ["amount"], touched: expect.arrayContaining(["net", "isLarge", "label"]) });
    expect(await run.result()).toEqual({ net: 40, label: "Ada", greeting: "Dear Ada" });
    expect(since(await run.facts(), "input.updated")).toEqual({ made: ["net", "isLarge"], reused: ["label"] });
  });

  it("goes on past it where the value is different", async () => {
    const kindling = await openKindling({ contracts: [order] });
    const run = await kindling.start(order, { price: 10, amount: 3, name: "Ada" });
    await run.result();
    await run.update({ amount: 400 });
    expect(await run.result()).toEqual({ net: 4_000, label: "Ada (large)", greeting: "Dear Ada" });
    expect(since(await run.facts(), "input.updated").made).toEqual(["net", "isLarge", "label"]);
  });

  it("records nothing when no input is different", async () => {
    const kindling = await openKindling({ contracts: [order] });
    const run = await kindling.start(order, { price: 10, amount: 3, name: "Ada" });
    await run.result();
    const before = await run.facts();
    expect(await run.update({ amount: 3 })).toEqual({ changed: [], touched: [] });
    expect(await run.facts()).toEqual(before);
  });

  it("is all or nothing: a wrong input among several changes none", async () => {
    const kindling = await openKindling({ contracts: [order] });
    const run = await kindling.start(order, { price: 10, amount: 3, name: "Ada" });
    await run.result();
    await expect(run.update({ amount: 9, price: "ten", nam: "x" })).rejects.toMatchObject({
      code: "invalid_inputs",
      message: expect.stringMatching(/nam: no such input.*price/),
    });
    expect(await run.result()).toMatchObject({ net: 30 });
  });

  it("is kept by the ledger: a new process goes on from the new inputs", async () => {
    const place = await temporaryLedger();
    const first = await createRuntime({ contracts: [order], ledger: place });
    const run = await first.start(order, { price: 10, amount: 3, name: "Ada" });
    await run.result();
    await run.update({ amount: 400 });
    const result = await run.result();
    await first.close();
    const second = await openKindling({ contracts: [order], ledger: place });
    const again = await second.run(run.id);
    expect(await again.result()).toEqual(result);
    await again.update({ amount: 3 });
    expect(await again.result()).toEqual({ net: 30, label: "Ada", greeting: "Dear Ada" });
  });

  it("runs only the items of a collection that are different, begins new ones and lets go of old ones", async () => {
    const seen: string[] = [];
    const lines = contract("lines", {
      inputs: { items: z.array(z.object({ sku: z.string(), amount: z.number() })) },
      define: (g, { items }) => ({
        lines: g.collection("lines", {
          over: items,
          as: "item",
          key: (item) => item.sku,
          each: (g, { item }) =>
            g.compute("total", {
              needs: { item },
              run: ({ item }) => {
                seen.push(item.sku);
                return item.amount * 2;
              },
            }),
        }),
      }),
    });
    const kindling = await openKindling({ contracts: [lines] });
    const run = await kindling.start(lines, {
      items: [
        { sku: "a", amount: 1 },
        { sku: "b", amount: 2 },
        { sku: "c", amount: 3 },
      ],
    });
    await run.result();
    seen.length = 0;
    await run.update({
      items: [
        { sku: "c", amount: 3 },
        { sku: "b", amount: 20 },
        { sku: "d", amount: 4 },
      ],
    });
    const { lines: result } = await run.result();
    expect(result.keys).toEqual(["c", "b", "d"]);
    expect(result.successes).toEqual({ c: 6, b: 40, d: 8 });
    expect(seen.toSorted()).toEqual(["b", "d"]);
  });

  it("keeps an approval while what was shown is the same, and asks again when it is not", async () => {
    const gate = contract("gate", {
      inputs: { text: z.string(), size: z.number() },
      define(g, { text, size }) {
        const draft = g.compute("draft", { needs: { text, size }, run: ({ text, size }) => text.slice(0, size) });
        const ok = g.await("ok", { event: "ok", schema: z.boolean(), show: { draft }, by: "human", timeout: "3d" });
        return { draft, ok };
      },
    });
    const kindling = await openKindling({ contracts: [gate] });
    const run = await kindling.start(gate, { text: "abc", size: 10 });
    await run.settled();
    const actor = { id: "test", assurance: "outOfBand" as const };
    expect(await kindling.deliver({ event: "ok", run: run.id, payload: true, actor })).toMatchObject({ status: "delivered" });
    await run.result();
    await run.update({ size: 5 });
    expect(await run.result()).toEqual({ draft: "abc", ok: true });
    await run.update({ text: "xyz" });
    expect((await run.settled()).awaits).toHaveLength(1);
    expect(await kindling.deliver({ event: "ok", run: run.id, payload: false, actor })).toMatchObject({ status: "delivered" });
    expect(await run.result()).toEqual({ draft: "xyz", ok: false });
  });

  it("goes on inside a child that waits", async () => {
    const parent = contract("parent", {
      inputs: { names: z.array(z.string()), greeting: z.string() },
      define: (g, { names, greeting }) =>
        g.collection("asked", {
          over: names,
          as: "name",
          key: (name) => name,
          with: { greeting },
          each(g, { name, greeting }) {
            const text = g.compute("text", { needs: { name, greeting }, run: ({ name, greeting }) => `${greeting} ${name}` });
            const reply = g.await("reply", { event: "replied", schema: z.string(), show: { name } });
            return g.compute("both", { needs: { text, reply }, run: ({ text, reply }) => `${text}: ${reply}` });
          },
        }),
    });
    const kindling = await openKindling({ contracts: [parent] });
    const run = await kindling.start(parent, { names: ["ada", "bob"], greeting: "Hi" });
    await run.settled();
    await kindling.deliver({ event: "replied", run: run.id, path: "asked[ada]/reply", payload: "yes" });
    await run.update({ greeting: "Hello" });
    await run.settled();
    await kindling.deliver({ event: "replied", run: run.id, path: "asked[bob]/reply", payload: "no" });
    expect((await run.result()).successes).toEqual({ ada: "Hello ada: yes", bob: "Hello bob: no" });
    expect((await kindling.verify()).ok).toBe(true);
  });

  it("calls off what is running on the old inputs", async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const slow = contract("slow", {
      inputs: { size: z.number() },
      define: (g, { size }) =>
        g.lookup("ask", {
          needs: { size },
          run: async ({ size }, { signal }) => {
            begun.push(size);
            if (size === 1) await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
            ended.push(size);
            return size;
          },
        }),
    });
    const kindling = await openKindling({ contracts: [slow] });
    const run = await kindling.start(slow, { size: 1 });
    await expect.poll(() => begun).toEqual([1]);
    await run.update({ size: 2 });
    expect(await run.result()).toBe(2);
    expect([begun, ended]).toEqual([[1, 2], [2]]);
    expect((await run.facts()).filter(({ type }) => type === "node.failed")).toEqual([]);
  });

  it("does not repeat an effect, unless that is what it says", async () => {
    const keys: string[] = [];
    const paying = (onUpdate: "keep" | "again") =>
      contract("paying", {
        inputs: { amount: z.number() },
        define: (g, { amount }) =>
          g.effect("pay", {
            needs: { amount },
            run: ({ amount }, { idempotencyKey }) => {
              keys.push(idempotencyKey);
              return amount;
            },
            onUpdate,
          }),
      });
    for (const [onUpdate, result] of [
      ["keep", 1],
      ["again", 2],
    ] as const) {
      keys.length = 0;
      const contractOf = paying(onUpdate);
      const kindling = await openKindling({ contracts: [contractOf] });
      const run = await kindling.start(contractOf, { amount: 1 });
      await run.result();
      await run.update({ amount: 2 });
      expect(await run.result()).toBe(result);
      expect(new Set(keys).size).toBe(result);
    }
  });

  it("keeps the inputs by which events find the run", async () => {
    const found = contract("found", { inputs: { id: z.string() }, correlate: ["id"], define: (_g, { id }) => id });
    const kindling = await openKindling({ contracts: [found] });
    const run = await kindling.start(found, { id: "a" });
    await run.result();
    await expect(run.update({ id: "b" })).rejects.toMatchObject({ code: "correlation_fixed" });
  });

  it("is refused for a run that was cancelled", async () => {
    const waits = contract("waits", {
      inputs: { n: z.number() },
      define: (g, { n }) => g.await("go", { event: "go", schema: z.any(), show: { n } }),
    });
    const kindling = await openKindling({ contracts: [waits] });
    const run = await kindling.start(waits, { n: 1 });
    await run.cancel();
    await expect(run.update({ n: 2 })).rejects.toMatchObject({ code: "run_cancelled" });
  });
});
