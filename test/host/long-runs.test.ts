// R7: bringing back a run with a long history costs what has happened since its snapshot.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type GraphBuilder, type LedgerPlace, type Node } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { planOf } from "../../src/compile/plan.ts";
import type { JsonObject } from "../../src/json.ts";
import { sharedHash } from "../../src/run/share.ts";
import { newRunState, nodeNamed } from "../../src/run/state.ts";
import { countingLedger } from "./counting-ledger.ts";
import { SNAPSHOT_FACTS } from "../../src/host/snapshot.ts";
import { nextTurn, openBareHost, openKindling, until } from "./open-host.ts";

/** As many children as it is told, and how many they are once they have ended. */
function childrenOf(g: GraphBuilder, items: Node<number>): Node<number> {
  const list = g.compute("list", { needs: { items }, run: ({ items }) => Array.from({ length: items }, (_, index) => index) });
  const all = g.collection("all", {
    over: list,
    as: "item",
    key: (item) => `${item}`,
    each: (inner, { item }) => inner.map("twice", item, (item) => 2 * item),
  });
  return g.map("count", all, (all) => all.keys.length);
}

/** Has children, and then waits for one event after the other. */
const long = contract("long", {
  inputs: { id: z.string(), items: z.number() },
  correlate: ["id"],
  define(g, { items }) {
    const count = childrenOf(g, items);
    const first = g.await("first", { event: "first", schema: z.number(), show: { count } });
    const second = g.await("second", { event: "second", schema: z.number(), show: { first } });
    return g.compute("sum", { needs: { count, first, second }, run: ({ count, first, second }) => count + first + second });
  },
});

const answer = (event: string) => ({ event, correlation: { id: "1" }, payload: 1 });

/** A run with a long history that waits; its snapshot is kept. */
async function begun(place: LedgerPlace, items: number): Promise<string> {
  const host = await openBareHost([long], place);
  const { id } = await host.start({ contract: "long", inputs: { id: "1", items } });
  for (const end = performance.now() + 30_000; host.ledger.head(id)?.keys.includes("waits") !== true; await nextTurn())
    if (performance.now() > end) throw new Error("the run does not wait");
  const version = host.ledger.head(id)?.version ?? 0;
  await until(async () => version - ((await host.ledger.snapshots.get(id))?.version ?? 0) < SNAPSHOT_FACTS, "the snapshot of the run");
  await host.close();
  return id;
}

describe("a run with 100,000 facts", () => {
  it("is read from its snapshot when an event comes, and when somebody asks for it", async () => {
    const place = countingLedger(memoryLedger());
    const id = await begun(place, 100_000);
    const kindling = await openKindling({ contracts: [long], ledger: place });
    place.reset();
    expect(await kindling.deliver(answer("first"))).toMatchObject({ status: "delivered" });
    const run = await kindling.run(id);
    await run.settled();
    const delivered = place.counts.facts;
    expect(await kindling.deliver(answer("second"))).toMatchObject({ status: "delivered" });
    expect(await run.result()).toBe(100_002);
    console.log(
      `a run with 100,000 facts: ${delivered} read for an event and a look, ${place.counts.facts} for another event and the result, too`,
    );
    expect(place.counts.facts).toBeLessThan(SNAPSHOT_FACTS);
  });
});

describe("a snapshot", () => {
  it("is kept after 512 facts, and none of a run with fewer", async () => {
    const place = memoryLedger();
    const id = await begun(place, 600);
    const host = await openBareHost([long], place);
    expect((await host.ledger.snapshots.get(id))?.version).toBeGreaterThanOrEqual(SNAPSHOT_FACTS);
    const { id: short } = await host.start({ contract: "long", inputs: { id: "2", items: 100 } });
    await until(() => host.residents.size === 0);
    expect(await host.ledger.snapshots.get(short)).toBeUndefined();
  });
});

describe("a value that a long run shares", () => {
  it("is found from the end of the run, and most of its other facts are not read", async () => {
    const place = countingLedger(memoryLedger());
    const shares = contract("shares", {
      inputs: { items: z.number() },
      define(g, { items }) {
        const count = childrenOf(g, items);
        return {
          early: g.lookup("early", { needs: { items }, reuse: { across: true }, run: ({ items }) => items }),
          late: g.lookup("late", { needs: { count }, reuse: { across: true }, run: ({ count }) => -count }),
        };
      },
    });
    const host = await openBareHost([shares], place);
    const { id } = await host.start({ contract: "shares", inputs: { items: 5_000 } });
    await until(() => host.ledger.head(id)?.open === false && host.residents.size === 0);
    // Snapshots are made of it meanwhile, which reads it.
    const version = host.ledger.head(id)?.version ?? 0;
    await until(async () => version - ((await host.ledger.snapshots.get(id))?.version ?? 0) < SNAPSHOT_FACTS);
    const valueOf = (name: string, needs: JsonObject) => {
      const node = nodeNamed(newRunState(id, planOf(shares.graph)), name);
      return host.sharedValues.find(node, sharedHash(node, needs) ?? "");
    };
    expect(await valueOf("early", { items: 5_000 }), "far from the end").toMatchObject({ value: 5_000 });
    place.reset();
    expect(await valueOf("late", { count: 5_000 })).toMatchObject({ value: -5_000 });
    expect(place.counts.facts).toBeLessThan(2_000);
  });
});
