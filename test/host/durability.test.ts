// R3: nothing outside the process rests on a fact that is not durable; and what is cheap stays cheap.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type Node } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { crashed, factsOf, heldLedger, logOf } from "./ledgers.ts";
import { model } from "./models.ts";
import { nextTurn, openKindling, temporaryLedger, until } from "./open-host.ts";

const ask = contract("ask", {
  inputs: { topic: z.string() },
  define(g, { topic }) {
    const upper = g.compute("upper", { needs: { topic }, run: ({ topic }) => topic.toUpperCase() });
    const draft = g.llm("draft", { needs: { upper }, prompt: ({ upper }) => upper, model: "scripted:x" });
    return g.llm("polish", { needs: { draft }, prompt: ({ draft }) => draft, model: "scripted:x" });
  },
});

const inChildren = contract("in-children", {
  inputs: { topics: z.array(z.string()) },
  define: (g, { topics }) =>
    g.collection("each", {
      over: topics,
      as: "topic",
      key: (topic) => topic,
      each: (inner, { topic }) =>
        inner.compose("part", {
          needs: { topic },
          child: (deep, { topic }) => deep.llm("draft", { needs: { topic }, prompt: ({ topic }) => topic, model: "scripted:x" }),
        }),
    }),
});

const chain = contract("chain", {
  inputs: { n: z.number() },
  define(g, { n }) {
    let last: Node<number> = n;
    for (let index = 0; index < 100; index++) last = g.compute(`add${index}`, { needs: { last }, run: ({ last }) => last + 1 });
    return last;
  },
});

describe("a model is called only when everything it rests on is durable (R3):", () => {
  it("the inputs, the values it reads, and that the attempt begins", async () => {
    const held = heldLedger();
    const seen: string[][] = [];
    const scripted = model(async () => {
      seen.push((await factsOf(held)).map(({ type, node = "" }) => `${type} ${node}`.trim()));
      return "text";
    });
    const kindling = await openKindling({ contracts: [ask], ledger: held, models: [scripted] });
    held.hold();
    const run = kindling.start(ask, { topic: "a" });
    await nextTurn(10);
    expect(scripted.requests, "nothing is durable yet").toHaveLength(0);
    held.release();
    await (await run).result();
    expect(seen[0]).toEqual(["run.started", "node.succeeded upper", "node.started draft", "model.requested draft"]);
    expect(seen[1]).toEqual(
      expect.arrayContaining(["model.replied draft", "node.succeeded draft", "node.started polish", "model.requested polish"]),
    );
  });

  it("also in a child of a child, whose parents' facts come first", async () => {
    const held = heldLedger();
    const scripted = model(async (request) => {
      const facts = await factsOf(held);
      const last = request.messages[0]?.content[0];
      const topic = last?.type === "text" ? last.text : "";
      for (const type of ["run.started", "children.listed", "child.started", "node.started", "model.requested"])
        expect(
          facts.map((fact) => fact.type),
          topic,
        ).toContain(type);
      return topic;
    });
    const kindling = await openKindling({ contracts: [inChildren], ledger: held, models: [scripted] });
    const run = await kindling.start(inChildren, { topics: ["a", "b", "c"] });
    expect(await run.result()).toMatchObject({ items: [{ value: "a" }, { value: "b" }, { value: "c" }] });
  });
});

describe("what is acknowledged survives a crash:", () => {
  it("a start", async () => {
    const held = heldLedger();
    const kindling = await openKindling({ contracts: [chain], ledger: held });
    held.hold();
    let isStarted = false;
    const starting = kindling.start(chain, { n: 0 }).then((run) => {
      isStarted = true;
      return run;
    });
    await nextTurn(5);
    expect(isStarted).toBe(false);
    held.release();
    const { id } = await starting;
    const again = await openKindling({ contracts: [chain], ledger: await crashed(held) });
    expect(await (await again.run(id)).result()).toBe(100);
  });

  it("a cancel", async () => {
    const place = await temporaryLedger();
    const waits = contract("waits", { inputs: {}, define: (g) => g.await("go", { event: "go", schema: z.null() }) });
    const kindling = await openKindling({ contracts: [waits], ledger: place });
    const run = await kindling.start(waits, {});
    await run.cancel({ reason: "no longer needed" });
    const again = await openKindling({ contracts: [waits], ledger: await crashed(place) });
    expect(await again.get(run.id)).toMatchObject({ status: "cancelled", error: { message: "no longer needed" } });
  });
});

describe("pure nodes run ahead of the sync:", () => {
  it("a chain of 100 costs few commits", async () => {
    const held = heldLedger();
    const kindling = await openKindling({ contracts: [chain], ledger: held });
    const run = await kindling.start(chain, { n: 0 });
    expect(await run.result()).toBe(100);
    expect(held.commits).toBeLessThanOrEqual(3);
  });

  it("a chain of 100 that are async costs no commit each on a slow disk", async () => {
    const held = heldLedger();
    const slow = contract("slow", {
      inputs: { n: z.number() },
      define(g, { n }) {
        let last: Node<number> = n;
        for (let index = 0; index < 100; index++) last = g.compute(`add${index}`, { needs: { last }, run: async ({ last }) => last + 1 });
        return last;
      },
    });
    const kindling = await openKindling({ contracts: [slow], ledger: held });
    held.hold();
    const starting = kindling.start(slow, { n: 0 });
    await nextTurn(300);
    held.release();
    expect(await (await starting).result()).toBe(100);
    expect(held.commits).toBeLessThanOrEqual(3);
  });

  it("a child that ends in one go leaves only its settled fact", async () => {
    const fan = contract("fan", {
      inputs: { list: z.array(z.number()) },
      define: (g, { list }) =>
        g.collection("double", {
          over: list,
          as: "item",
          key: String,
          each: (inner, { item }) => inner.compute("twice", { needs: { item }, run: ({ item }) => item * 2 }),
        }),
    });
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [fan], ledger: place });
    const run = await kindling.start(fan, { list: Array.from({ length: 300 }, (_, index) => index) });
    await run.result();
    const { entries } = await logOf(place);
    expect(new Set(entries.map((entry) => entry.run))).toEqual(new Set([run.id]));
    expect(entries.length).toBeLessThan(10);
    expect((await factsOf(place)).filter(({ type }) => type === "child.settled")).toHaveLength(300);
  });
});

describe("a ledger takes any run:", () => {
  it("many values that together are larger than one commit may be", async () => {
    const big = contract("big", {
      inputs: { list: z.array(z.number()) },
      define: (g, { list }) =>
        g.collection("fill", {
          over: list,
          as: "item",
          key: String,
          each: (inner, { item }) => inner.compute("text", { needs: { item }, run: ({ item }) => `${item}`.padEnd(30_000, "x") }),
        }),
    });
    const place = await temporaryLedger();
    const kindling = await openKindling({ contracts: [big], ledger: place });
    const run = await kindling.start(big, { list: Array.from({ length: 600 }, (_, index) => index) });
    await run.result({ signal: AbortSignal.timeout(10_000) });
    await until(async () => (await run.get()).status === "succeeded");
  });

  it("a value larger than 32 KiB, which is kept as a blob and read back", async () => {
    const large = contract("large", {
      inputs: { size: z.number() },
      define: (g, { size }) => g.compute("text", { needs: { size }, run: ({ size }) => "é".repeat(size) }),
    });
    const place = await temporaryLedger();
    const first = await openKindling({ contracts: [large], ledger: place });
    const run = await first.start(large, { size: 500_000 });
    await run.result();
    await first.close();
    const again = await openKindling({ contracts: [large], ledger: place });
    expect(await (await again.run(run.id)).result()).toBe("é".repeat(500_000));
  });
});
