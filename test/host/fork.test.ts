// A run from what another one has done: unchanged work is taken over, and what is swapped runs.

import { contract, createRuntime, type RecordedFact } from "kindling";
import { scripted } from "kindling/providers/scripted";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, temporaryLedger } from "./open-host.ts";

const made = (facts: readonly RecordedFact[]) => facts.flatMap((fact) => (fact.type === "node.succeeded" ? [fact.path] : []));
const reused = (facts: readonly RecordedFact[]) => facts.flatMap((fact) => (fact.type === "node.reused" ? [fact.path] : []));

const chain = contract("chain", {
  inputs: { a: z.number(), b: z.number() },
  define(g, { a, b }) {
    const first = g.compute("first", { needs: { a }, run: ({ a }) => a + 1 });
    const second = g.compute("second", { needs: { first, b }, run: ({ first, b }) => first * b });
    const items = g.collection("items", {
      over: g.compute("list", { needs: { second }, run: ({ second }) => [1, 2, second] }),
      as: "n",
      key: (n) => `${n}`,
      each: (g, { n }) => g.lookup("square", { needs: { n }, run: ({ n }) => n * n }),
    });
    const sum = g.aggregate("sum", items, { sum: (n) => n });
    return { second, sum };
  },
});

describe("fork", () => {
  it("without anything different repeats nothing and gives the same", async () => {
    const kindling = await openKindling({ contracts: [chain] });
    const run = await kindling.start(chain, { a: 1, b: 2 });
    const result = await run.result();
    const fork = await run.fork();
    expect(await fork.result()).toEqual(result);
    expect(made(await fork.facts())).toEqual([]);
    expect(fork.id).not.toBe(run.id);
    expect(await run.result()).toEqual(result);
  });

  it("with another input runs what it touches, and only the items that are new", async () => {
    const kindling = await openKindling({ contracts: [chain] });
    const run = await kindling.start(chain, { a: 1, b: 2 });
    expect(await run.result()).toEqual({ second: 4, sum: 21 });
    const fork = await run.fork({ inputs: { b: 3 } });
    expect(await fork.result()).toEqual({ second: 6, sum: 41 });
    const facts = await fork.facts();
    expect(reused(facts)).toEqual(["first"]);
    expect(made(facts).filter((path) => path.startsWith("items["))).toEqual(["items[6]/square"]);
  });

  it("with a node's value given does not run that node", async () => {
    const kindling = await openKindling({ contracts: [chain] });
    const run = await kindling.start(chain, { a: 1, b: 2 });
    await run.result();
    const fork = await run.fork({ nodes: { first: 10 } });
    expect(await fork.result()).toMatchObject({ second: 20 });
  });

  it("from an earlier place takes over only what had been done by then", async () => {
    const asks = contract("asks", {
      inputs: {},
      define(g) {
        const first = g.await("first", { event: "first", schema: z.string() });
        const second = g.await("second", { event: "second", schema: z.string(), show: { first } });
        return { first, second };
      },
    });
    const kindling = await openKindling({ contracts: [asks] });
    const run = await kindling.start(asks, {});
    await run.settled();
    await kindling.deliver({ event: "first", run: run.id, payload: "one" });
    const position = (await run.settled()).position;
    await kindling.deliver({ event: "second", run: run.id, payload: "two" });
    await run.result();
    const fork = await run.fork({ at: position });
    const view = await fork.settled();
    expect(view.awaits.map(({ path }) => path)).toEqual(["second"]);
    await kindling.deliver({ event: "second", run: fork.id, payload: "other" });
    expect(await fork.result()).toEqual({ first: "one", second: "other" });
  });

  it("with another model asks that model, and repeats nothing before it", async () => {
    const story = contract("story", {
      inputs: { topic: z.string() },
      define(g, { topic }) {
        const idea = g.llm("idea", { needs: { topic }, prompt: ({ topic }) => `idea for ${topic}`, model: "scripted:small" });
        return g.llm("text", { needs: { idea }, prompt: ({ idea }) => `text about ${idea}`, model: "scripted:small" });
      },
    });
    const asked: string[] = [];
    const models = [
      scripted(
        Array.from({ length: 5 }, () => (request: { readonly model: string }) => {
          asked.push(request.model);
          return `answer ${asked.length}`;
        }),
      ),
    ];
    const place = await temporaryLedger();
    const kindling = await createRuntime({ contracts: [story], ledger: place, models });
    const run = await kindling.start(story, { topic: "tea" });
    expect(await run.result()).toBe("answer 2");
    const fork = await run.fork({ models: { text: "scripted:large" } });
    expect(await fork.result()).toBe("answer 3");
    expect(asked).toEqual(["small", "small", "large"]);
    await kindling.close();
    const again = await openKindling({ contracts: [story], ledger: place, models });
    expect((await again.get(fork.id))?.outputs).toBe("answer 3");
  });

  it("never repeats an effect that the other run has done", async () => {
    let paid = 0;
    const paying = contract("paying", {
      inputs: { amount: z.number(), note: z.string() },
      define(g, { amount, note }) {
        const pay = g.effect("pay", {
          needs: { amount },
          run: ({ amount }, { idempotencyKey }) => ({ amount, idempotencyKey, number: ++paid }),
        });
        const text = g.compute("text", { needs: { note, pay }, run: ({ note, pay }) => `${note} ${pay.amount}` });
        return { text };
      },
    });
    const kindling = await openKindling({ contracts: [paying] });
    const run = await kindling.start(paying, { amount: 5, note: "paid" });
    await run.result();
    const fork = await run.fork({ inputs: { amount: 7, note: "is" } });
    expect(await fork.result()).toEqual({ text: "is 5" });
    expect(paid).toBe(1);
  });

  it("takes over the items of a run that failed, and goes on with the rest", async () => {
    let isBroken = true;
    const ran: string[] = [];
    const work = contract("work", {
      inputs: { names: z.array(z.string()) },
      define: (g, { names }) =>
        g.collection("each", {
          over: names,
          as: "name",
          key: (name) => name,
          mode: "failFast",
          concurrency: 1,
          each: (g, { name }) =>
            g.lookup("work", {
              needs: { name },
              retry: { attempts: 1 },
              run: ({ name }) => {
                ran.push(name);
                if (isBroken && name === "c") throw new Error("broken");
                return name;
              },
            }),
        }),
    });
    const kindling = await openKindling({ contracts: [work] });
    const run = await kindling.start(work, { names: ["a", "b", "c"] });
    expect((await run.settled()).status).toBe("failed");
    isBroken = false;
    const fork = await run.fork();
    expect((await fork.result()).keys).toEqual(["a", "b", "c"]);
    expect(ran).toEqual(["a", "b", "c", "c"]);
  });

  it("under an idempotency key is one run", async () => {
    const kindling = await openKindling({ contracts: [chain] });
    const run = await kindling.start(chain, { a: 1, b: 2 });
    await run.result();
    const one = await run.fork({ idempotencyKey: "k" });
    const two = await run.fork({ idempotencyKey: "k" });
    expect([two.id, two.created]).toEqual([one.id, false]);
  });

  it.each([
    [{ inputs: { c: 1 } }, "invalid_inputs"],
    [{ inputs: { a: "x" } }, "invalid_inputs"],
    [{ nodes: { frist: 1 } }, "no_such_node"],
    [{ nodes: { a: 1 } }, "no_such_node"],
    [{ nodes: { first: Number.NaN } }, "invalid_value"],
    [{ models: { first: "scripted:x" } }, "override_unknown"],
    [{ at: "run_x:1" }, "fact_not_found"],
  ])("refuses %j with what is wrong", async (options, code) => {
    const kindling = await openKindling({ contracts: [chain] });
    const run = await kindling.start(chain, { a: 1, b: 2 });
    await run.result();
    await expect(run.fork(options)).rejects.toMatchObject({ code });
  });
});
