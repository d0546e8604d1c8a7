// A key with thousands of facts, asked what it was at some moment: what that costs in reads of the ledger.

import { defineStore, type Kindling, memoryLedger } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Ledger, LedgerPlace } from "../../src/ledger/ledger.ts";
import { openKindling } from "../host/open-host.ts";

const levels = defineStore("levels", { schema: z.number() });
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
