// The smallest examples of what was found at crashes between two facts, and where a run takes up again what was cancelled.

import { contract, memoryLedger, type GraphBuilder, type Node } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ledgerWith, logOf } from "../host/ledgers.ts";
import { broken, open, rest } from "./small-examples.ts";

describe("a crash while a run takes back", () => {
  /** A run with an effect in a child (of a child, with `isDeep`), which waits for an answer and fails by it. */
  function sending(isDeep: boolean) {
    const [sent, takenBack] = [new Set<string>(), new Set<string>()];
    const order = contract("order", {
      inputs: { n: z.number() },
      define(g, { n }) {
        const send = (g: GraphBuilder, { n }: { readonly n: Node<number> }) =>
          g.effect("send", {
            needs: { n },
            run: (_needs, { idempotencyKey }) => sent.add(idempotencyKey).size,
            compensate: (_value, _needs, { idempotencyKey }) => void takenBack.add(idempotencyKey.replace(/:compensate$/, "")),
          });
        const part = isDeep
          ? g.compose("part", {
              needs: { n },
              child: (g, { n }) => ({
                inner: g.compose("inner", { needs: { n }, child: send }),
                ask: g.await("ask", { event: "never", schema: z.boolean(), show: { n } }),
              }),
            })
          : g.compose("part", { needs: { n }, child: send });
        const ask = g.await("ask", { event: "answered", schema: z.boolean(), show: { n } });
        return { part, check: g.guard("check", { needs: { ask }, check: ({ ask }) => ask }) };
      },
    });
    return { order, sent, takenBack };
  }

  it("F25: a child never takes back what its run does not know to be lost", async () => {
    const { order } = sending(false);
    const place = memoryLedger();
    const kindling = await open(order, place);
    const run = await kindling.start(order, { n: 1 });
    await rest(run);
    await kindling.deliver({ event: "answered", run: run.id, payload: false });
    await rest(run);
    const types = (await logOf(place)).entries.flatMap(({ facts }) =>
      facts.map(({ type, node }) => `${String(type)} ${String(node ?? "")}`.trim()),
    );
    expect(types.indexOf("node.failed check")).toBeLessThan(types.indexOf("run.compensating"));
  });

  it("F23: what the child of a child did is taken back, though its parent had not noted that it ended", async () => {
    // `cancelRun` ended a child at once that knew of nothing done; its own children may have ended without its knowing.
    const { order, sent, takenBack } = sending(true);
    const place = memoryLedger();
    const kindling = await open(order, place);
    const run = await kindling.start(order, { n: 1 });
    await rest(run);
    const { entries, blobs } = await logOf(place);
    await kindling.cancel(run.id);
    await rest(run);
    const cancelled = (await logOf(place)).entries.filter((entry) => entry.run === run.id).at(-1);
    await kindling.close();
    takenBack.clear();
    // The child of the child has ended, nobody has noted it, and the run was cancelled.
    const ended = entries.findIndex(({ facts }) => facts.some(({ type }) => type === "run.succeeded"));
    const cut = entries.slice(0, ended + 1);
    const version = cut.filter((entry) => entry.run === run.id).reduce((sum, { facts }) => sum + facts.length, 0);
    if (cancelled === undefined) throw new Error("the run was not cancelled");
    const facts = cancelled.facts.filter(({ type }) => type === "run.cancelled");
    const left = await ledgerWith({ entries: [...cut, { ...cancelled, first: version + 1, facts }], blobs });
    await rest(await (await open(order, left)).run(run.id));
    expect([...takenBack]).toEqual([...sent]);
  });
});

describe("a crash after an update", () => {
  it("leaves no child that is no longer there waiting for an answer", async () => {
    const asks = contract("asks", {
      inputs: { items: z.array(z.string()) },
      define: (g, { items }) => ({
        each: g.collection("each", {
          over: items,
          as: "item",
          key: (item) => item,
          each: (g, { item }) => g.await("ask", { event: "answered", schema: z.string(), show: { item } }),
        }),
        last: g.await("last", { event: "last", schema: z.string(), show: {} }),
      }),
    });
    const place = memoryLedger();
    const first = await open(asks, place);
    const run = await first.start(asks, { items: ["a", "b"] });
    await rest(run);
    await run.update({ items: ["b"] });
    await rest(run);
    const { entries, blobs } = await logOf(place);
    await first.close();
    const listed = entries.findIndex(({ facts }) => facts.some(({ dropped }) => Array.isArray(dropped) && dropped.length > 0));
    const second = await open(asks, await ledgerWith({ entries: entries.slice(0, listed + 1), blobs }));
    await rest(await second.run(run.id));
    expect((await second.inbox()).map(({ path }) => path).toSorted()).toEqual(["each[b]/ask", "last"]);
  });
});

describe("a child that was cancelled with its run and began again", () => {
  it("is tried again by a later retry", async () => {
    let isBroken = true;
    const sides = contract("sides", {
      inputs: { n: z.number() },
      define(g, { n }) {
        const side = g.compose("side", {
          needs: { n },
          child(g, { n }) {
            const ask = g.await("ask", { event: "answered", schema: z.string(), show: { n } });
            return g.lookup("read", { needs: { ask }, retry: { attempts: 1 }, run: ({ ask }) => (isBroken ? broken() : ask) });
          },
        });
        return { side, other: g.lookup("other", { needs: { n }, retry: { attempts: 1 }, run: ({ n }) => (n === 0 ? broken() : n) }) };
      },
    });
    const kindling = await open(sides);
    const run = await kindling.start(sides, { n: 0 });
    await rest(run);
    await run.update({ n: 1 });
    await rest(run);
    await kindling.deliver({ event: "answered", run: run.id, payload: "yes" });
    expect((await rest(run)).status).toBe("failed");
    isBroken = false;
    await run.retry();
    expect((await rest(run)).outputs).toEqual({ side: "yes", other: 1 });
  });
});
