// Stores against a naive model: random histories of writes, removals, refusals and restarts, then every question there is, at every moment there was.

import { memoryLedger, defineStore, type AsOf, type StoreChange, toTime, type Written } from "kindling";
import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { orderOf } from "../../src/store/change.ts";
import { LogFeed } from "../../src/host/feed.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { type FactAccess, StoreHandle } from "../../src/store/handle.ts";

/** A long night: `FACT_HISTORIES=10000`. One again: `FACT_SEED=…`, as it was printed. */
const HISTORIES = Number(process.env["FACT_HISTORIES"] ?? 300);
const SEED = process.env["FACT_SEED"] === undefined ? {} : { seed: Number(process.env["FACT_SEED"]) };

const KEYS = ["a", "b", "c"];
const COLOURS = ["red", "green", null];
const things = defineStore("things", {
  schema: z.object({ colour: z.string().nullable(), size: z.number() }),
  indexes: { colour: ({ colour }) => colour, sizes: ({ size }) => (size === 0 ? undefined : [size, -size]) },
});
type Thing = Written<{ colour: string | null; size: number }>["value"];

/** A fact as a child would keep it. */
interface Naive {
  readonly key: string;
  readonly value: Thing | undefined;
  readonly time: number;
  readonly position: number;
  readonly validFrom: number;
  readonly id: string;
}

const valid = fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined });
const thing = fc.record({ colour: fc.constantFrom(...COLOURS), size: fc.integer({ min: 0, max: 2 }) });
const change = fc.record({
  key: fc.constantFrom(...KEYS),
  value: fc.option(thing, { nil: undefined, freq: 4 }),
  validFrom: valid,
  /** `right` and `wrong` are about what the model says at that time. */
  expect: fc.constantFrom("nothing", "nothing", "right", "wrong", "absent"),
});
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      changes: fc.array(change, { minLength: 1, maxLength: 3 }),
      key: fc.option(fc.constantFrom("k1", "k2"), { nil: undefined, freq: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant("restart" as const) },
  { weight: 2, arbitrary: fc.constant("a second passes" as const) },
);

describe("a store", () => {
  it(`says at every moment what a naive model says, through ${HISTORIES} random histories`, {
    timeout: 30_000 + HISTORIES * 60,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const world = await play(steps);
        await compare(world);
      }),
      { numRuns: HISTORIES, ...SEED },
    );
  });
});

interface World {
  readonly access: FactAccess;
  readonly facts: readonly Naive[];
  readonly moments: readonly AsOf[];
}

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function play(steps: readonly Step[]): Promise<World> {
  let now = 1;
  const place = memoryLedger();
  const begin = () => place.open({ access: "write", now: () => now });
  let ledger = await begin();
  let writer = new FactWriter(ledger);
  const facts: Naive[] = [];
  const once = new Map<string, { readonly request: string; readonly ids: readonly string[] }>();
  for (const each of steps) {
    if (each === "a second passes") now += 1;
    else if (each === "restart") {
      await ledger.close();
      ledger = await begin();
      writer = new FactWriter(ledger);
    } else {
      const planned = plan(each.changes, facts);
      const orders = await Promise.all(planned.changes.map((change) => orderOf(change)));
      const request = JSON.stringify(orders);
      const known = each.key === undefined ? undefined : once.get(each.key);
      const outcome = await writer
        .record({ orders, ...(each.key === undefined ? {} : { idempotencyKey: each.key }) })
        .catch((error: { readonly code: string }) => error.code);
      if (known !== undefined && known.request !== request) expect(outcome).toBe("idempotency_conflict");
      else if (known !== undefined) expect(outcome).toMatchObject({ repeated: true, facts: known.ids.map((id) => ({ id })) });
      else if (planned.isRefused) expect(outcome).toBe("write_conflict");
      else {
        if (typeof outcome === "string") throw new Error(outcome);
        expect(outcome.repeated).toBe(false);
        for (const [index, { id, position, time, validFrom }] of outcome.facts.entries()) {
          const { key = "", value } = each.changes[index] ?? {};
          expect(time).toBe(now);
          facts.push({ key, value, time, position, validFrom, id });
        }
        if (each.key !== undefined) once.set(each.key, { request, ids: outcome.facts.map(({ id }) => id) });
      }
    }
  }
  const positions = Array.from({ length: ledger.position }, (_, index): AsOf => ({ position: index + 1 }));
  const times = Array.from({ length: now + 1 }, (_, time): AsOf => ({ time }));
  return {
    access: {
      asked: async () => ({ ledger, now }),
      record: () => Promise.reject(new Error("only reads")),
      follow: (query, { check, pick }) =>
        new LogFeed({ ledger, assertOpen: () => undefined }, { query, check, pick: (entry) => pick(entry, ledger) }),
    },
    facts,
    moments: [...positions, ...times],
  };
}

/** The changes as they are to be made, and whether one of them expects what is not so. */
function plan(
  changes: readonly (typeof change extends fc.Arbitrary<infer C> ? C : never)[],
  facts: readonly Naive[],
): { readonly changes: StoreChange[]; readonly isRefused: boolean } {
  const latest = new Map(facts.map((fact) => [fact.key, fact]));
  const touched = new Set<string>();
  let isRefused = false;
  const planned = changes.map(({ key, value, validFrom, expect: expected }): StoreChange => {
    const now = latest.get(key);
    // Of a key that the same order has changed already, nobody can know the id.
    const isOwn = touched.has(key);
    const id =
      expected === "right" && !isOwn
        ? now?.id
        : expected === "wrong"
          ? "store:things:a@99#0123456789abcdef"
          : expected === "absent"
            ? "absent"
            : undefined;
    const isThere = isOwn ? latest.get(key)?.value !== undefined : now?.value !== undefined;
    if (id === "absent" ? isThere : expected === "wrong") isRefused = true;
    touched.add(key);
    latest.set(key, { key, value, time: 0, position: 0, validFrom: 0, id: "" });
    const said = { ...(validFrom === undefined ? {} : { validFrom }), ...(id === undefined ? {} : { expect: id }) };
    return value === undefined ? things.remove(key, said) : things.write(key, value, said);
  });
  return { changes: planned, isRefused };
}

async function compare({ access, facts, moments }: World): Promise<void> {
  const store = new StoreHandle(things, access);
  const told = (fact: Naive | undefined) => (fact?.value === undefined ? undefined : fact.id);
  for (const asOf of [undefined, ...moments]) {
    const then = facts.filter(
      ({ position, time }) => asOf === undefined || ("time" in asOf ? time <= (toTime(asOf.time) ?? 0) : position <= asOf.position),
    );
    const at = asOf === undefined ? {} : { asOf };
    for (const key of KEYS) {
      const own = then.filter((fact) => fact.key === key);
      expect((await store.get(key, at))?.id).toBe(told(own.at(-1)));
      for (let validAt = 0; validAt <= 13; validAt += 1) {
        const held = own.filter(({ validFrom }) => validFrom <= validAt);
        const best = held.reduce<Naive | undefined>(
          (one, other) => (one === undefined || other.validFrom >= one.validFrom ? other : one),
          undefined,
        );
        expect((await store.get(key, { ...at, validAt }))?.id).toBe(told(best));
      }
      expect((await store.history(key, at)).items.map(({ id }) => id)).toEqual(own.map(({ id }) => id));
    }
    const present = inOrder(then, facts);
    for (const colour of COLOURS) {
      const found = present.filter(({ value }) => value?.colour === colour).map(({ id }) => id);
      expect((await store.query("colour", colour, at)).items.map(({ id }) => id)).toEqual(found);
      expect((await store.query("colour", colour, { ...at, order: "descending" })).items.map(({ id }) => id)).toEqual(found.toReversed());
    }
    for (const size of [1, -2]) {
      const found = present.filter(({ value }) => value?.size === Math.abs(size)).map(({ id }) => id);
      expect((await store.query("sizes", size, at)).items.map(({ id }) => id)).toEqual(found);
    }
    if (asOf === undefined) expect((await store.list({})).items.map(({ id }) => id)).toEqual(present.map(({ id }) => id));
  }
}

/** The latest facts that have a value, by when their keys were first written. */
function inOrder(then: readonly Naive[], all: readonly Naive[]): readonly Naive[] {
  const keys = [...new Set(all.map(({ key }) => key))];
  return keys.flatMap((key) => then.findLast((fact) => fact.key === key) ?? []).filter(({ value }) => value !== undefined);
}
