// Facts that a derived store had not taken in when the log went on to begin behind them.

import { defineStore, derive, memoryLedger } from "kindling";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { orderOf } from "../../src/store/change.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { missedFacts } from "../../src/store/missed.ts";

const people = defineStore("people", { schema: z.string() });
const names = derive("names", {
  schema: z.array(z.string()),
  from: people,
  key: () => "all",
  compute: (all) => all.map(({ value }) => value),
});

/** A ledger that begins further behind from some read on. */
function purgedAt(ledger: Ledger, reads: number, [before, after]: readonly [number, number]): Ledger {
  let left = reads;
  return new Proxy(ledger, {
    get: (target, name) => {
      if (name === "oldest") return left > 0 ? before : after;
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...given: readonly unknown[]): unknown => {
        if (name === "read") left -= 1;
        return Reflect.apply(member, target, given);
      };
    },
  });
}

it("are those before one place, also while the log goes on: a fact of another key is not passed over", async () => {
  const ledger = await memoryLedger().open({ access: "write" });
  onTestFinished(() => ledger.close());
  const writer = new FactWriter(ledger);
  const places: number[] = [];
  for (const key of ["a", "a", "b"]) {
    const { facts } = await writer.record({ orders: [await orderOf(people.write(key, `${key} ${places.length}`))] });
    places.push(facts[0]?.position ?? 0);
  }
  const [first = 0] = places;
  // Gone on, it would tell of the last one, and not of the one before it.
  const missed = await missedFacts(purgedAt(ledger, 2, [first + 1, ledger.position + 1]), names, 0);
  expect(missed?.map(({ position }) => position)).toEqual([first]);
});
