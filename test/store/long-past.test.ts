// A key with thousands of facts, asked what it was at some moment: what that costs in reads of the ledger.

import { defineStore, type Kindling, memoryLedger, project } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Ledger, LedgerPlace } from "../../src/ledger/ledger.ts";
import { openKindling } from "../host/open-host.ts";

const levels = defineStore("levels", { schema: z.number() });
const kept = defineStore("kept", { schema: z.number(), indexes: { all: () => true }, retention: { last: 1_000 } });
const sum = project("sum", {
  from: { kept },
  schema: z.number(),
  initial: 0,
  fold: { kept: (total, fact) => total + (fact.act === "written" ? fact.value : 0) },
});
const FACTS = 4_096;
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** Counts what is read of a ledger. */
class Reads {
  count = 0;

  /** A ledger in memory whose reads are counted. */
  place(): LedgerPlace {
    const memory = memoryLedger();
    return { ...memory, open: async (options) => this.#counted(await memory.open(options)) };
  }

  #counted(ledger: Ledger): Ledger {
    return new Proxy(ledger, {
      get: (target, name) => {
        if (name === "read") this.count += 1;
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        const bound: unknown = member.bind(target);
        return bound;
      },
    });
  }
}

/** Asks at a hundred moments all over the past of the level, which counts its facts. Gives how many reads a question took at most. */
async function askedAllOver(kindling: Kindling, reads: Reads, times: readonly number[]): Promise<number> {
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  let most = 0;
  for (let part = 0; part <= 100; part++) {
    const time = first + Math.floor(((last - first) * part) / 100);
    reads.count = 0;
    const then = await kindling.store(levels).get("level", { asOf: { time } });
    most = Math.max(most, reads.count);
    expect(then?.value).toBe(times.findLastIndex((each) => each <= time));
  }
  return most;
}

describe("a key with 4,096 facts, as of a moment", () => {
  it.each([
    ["written steadily: a few reads", () => SECOND, 5],
    [
      "written in bursts, with nights between: still no more than twice the logarithm",
      (fact: number) => (fact % 400 === 0 ? 12 * HOUR : fact % 7),
      26,
    ],
    ["nearly all of it on the last day of a year: still no more than that", (fact: number) => (fact === 0 ? 365 * 24 * HOUR : SECOND), 26],
  ])("%s", async (_how, gapAfter, most) => {
    const [clock, reads] = [manualClock(), new Reads()];
    await using kindling = await openKindling({ contracts: [], stores: [levels], clock, ledger: reads.place() });
    const times: number[] = [];
    for (let fact = 0; fact < FACTS; fact++) {
      await kindling.store(levels).write("level", fact);
      times.push(clock.now());
      clock.advance(gapAfter(fact));
    }
    expect(await askedAllOver(kindling, reads, times)).toBeLessThanOrEqual(most);
  });
});

describe("a key of which some facts are kept and others were given up", () => {
  async function countOf(items: AsyncIterable<unknown>): Promise<number> {
    let count = 0;
    for await (const _item of items) count += 1;
    return count;
  }

  it("tells each who asks what was recorded, whatever others did to what they were told", async () => {
    const boxes = defineStore("boxes", { schema: z.object({ size: z.unknown() }), retention: { last: 2 } });
    await using kindling = await openKindling({ contracts: [], stores: [boxes] });
    for (const size of [1, 2, 3]) await kindling.store(boxes).write("b", { size: { size } });
    const id = (await kindling.store(boxes).history("b")).items[1]?.id ?? "";
    await kindling.compactFacts();
    const told = (await kindling.fact(id))?.value;
    Object.assign(Object(told), { size: "another one" });
    expect((await kindling.fact(id))?.value).toEqual({ size: { size: 2 } });
  });

  it.each<readonly [string, (kindling: Kindling) => Promise<number>, number]>([
    ["exported", (kindling) => countOf(kindling.exportFacts()), 2_002],
    ["followed", (kindling) => countOf(kindling.factChanges()), 1_000],
    ["watched", (kindling) => countOf(kindling.store(kept).watch("all", true)), 1_000],
    ["folded", async (kindling) => (await kindling.projection(sum).get()).state, 1_000],
  ])("is %s, fact by fact, with few reads: many facts stand together", async (_how, told, count) => {
    const reads = new Reads();
    await using kindling = await openKindling({ contracts: [], stores: [kept], ledger: reads.place() });
    for (let from = 0; from < 2_000; from += 500) await kindling.record(Array.from({ length: 500 }, () => kept.write("key", 1)));
    await kindling.compactFacts();
    reads.count = 0;
    expect(await told(kindling)).toBe(count);
    expect(reads.count).toBeLessThan(50);
  });
});
