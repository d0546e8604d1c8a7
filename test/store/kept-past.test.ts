// Stores whose past is cut, against a naive model: random histories of writes, removals, compactions, prunings, purges and restarts, then every question there is, at every moment
// there was. What is kept reads as before; what is not is said to be gone, and is never another value.

import { type AsOf, defineStore, fileLedger, memoryLedger, toTime } from "kindling";
import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Ledger, LedgerPlace } from "../../src/ledger/ledger.ts";
import { orderOf } from "../../src/store/change.ts";
import { FactKeeper } from "../../src/store/fact-keeper.ts";
import { factById, findFact } from "../../src/store/fact-reader.ts";
import { LogFeed } from "../../src/host/feed.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { StoreHandle } from "../../src/store/handle.ts";
import { factChangesOf } from "../../src/host/fact-changes.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

/** A long night: `FACT_HISTORIES=10000`. One again: `FACT_SEED=…`, as it was printed. */
const HISTORIES = Number(process.env["FACT_HISTORIES"] ?? 250);
const SEED = process.env["FACT_SEED"] === undefined ? {} : { seed: Number(process.env["FACT_SEED"]) };

const KEYS = ["a", "b"];
/** Large ones stand beside the log. */
const LARGE = "x".repeat(40_000);
const things = defineStore("things", {
  schema: z.union([z.number(), z.string()]),
  indexes: { parity: (n) => (typeof n === "number" ? n % 2 : 2) },
});

interface Naive {
  readonly key: string;
  readonly number: number;
  readonly id: string;
  readonly value: number | string | undefined;
  readonly time: number;
  readonly position: number;
  readonly validFrom: number;
  isGone: boolean;
}

const key = fc.constantFrom(...KEYS);
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      act: fc.constant("write" as const),
      key,
      value: fc.option(fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 5 }) }, { weight: 1, arbitrary: fc.constant(LARGE) }), {
        nil: undefined,
        freq: 6,
      }),
      validFrom: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("last" as const), last: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("window" as const), window: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant("prune" as const), of: fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("purge" as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("restart" as const) }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant("time passes" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

describe("a store whose past is cut", () => {
  it(`reads as before where it is kept, and says what is gone, through ${HISTORIES} random histories`, {
    timeout: 30_000 + HISTORIES * 80,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 24 }), async (steps) => playAndCompare(memoryLedger(), steps)),
      { numRuns: HISTORIES, ...SEED },
    );
  });

  it("does the same in files, over many segments", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 24 }), async (steps) =>
        playAndCompare(fileLedger(await temporaryFolder(), { segmentBytes: 4_000 }), steps),
      ),
      { numRuns: Math.ceil(HISTORIES / 25), ...SEED },
    );
  });
});

async function playAndCompare(place: LedgerPlace, steps: readonly Step[]): Promise<void> {
  const world = new World(place);
  await world.begin();
  try {
    for (const each of steps) await world.play(each);
    await world.compare();
  } finally {
    await world.end();
  }
}

class World {
  readonly #place: LedgerPlace;
  readonly #facts: Naive[] = [];
  #now = 1;
  #open: { readonly ledger: Ledger; readonly writer: FactWriter; readonly keeper: FactKeeper } | undefined;

  constructor(place: LedgerPlace) {
    this.#place = place;
  }

  async begin(): Promise<void> {
    const ledger = await this.#place.open({ access: "write", now: () => this.#now });
    const writer = new FactWriter(ledger);
    this.#open = { ledger, writer, keeper: new FactKeeper(ledger, writer, () => this.#now) };
  }

  async end(): Promise<void> {
    expect((await this.#parts.ledger.verify()).ok).toBe(true);
    await this.#parts.ledger.close();
  }

  get #parts(): { readonly ledger: Ledger; readonly writer: FactWriter; readonly keeper: FactKeeper } {
    if (this.#open === undefined) throw new Error("not begun");
    return this.#open;
  }

  async play(step: Step): Promise<void> {
    const { writer, keeper } = this.#parts;
    switch (step.act) {
      case "time passes":
        this.#now += 1;
        return;
      case "restart":
        await this.end();
        return this.begin();
      case "purge":
        await keeper.keep({ verb: "purge" });
        return;
      case "write": {
        const said = step.validFrom === undefined ? {} : { validFrom: step.validFrom };
        const order = await orderOf(step.value === undefined ? things.remove(step.key, said) : things.write(step.key, step.value, said));
        const [fact] = (await writer.record({ orders: [order] })).facts;
        if (fact === undefined) throw new Error("nothing was recorded");
        const { id, number, time, position, validFrom } = fact;
        this.#facts.push({ key: step.key, number, id, value: step.value, time, position, validFrom, isGone: false });
        return;
      }
      case "last":
        return this.#compact({ last: step.last }, (own) => own.length - step.last);
      case "window":
        return this.#compact({ window: step.window }, (own) => own.filter(({ time }) => time <= this.#now - step.window).length - 1);
      case "prune":
        return this.#prune(step.of.flatMap((index) => this.#facts[index] ?? []));
    }
  }

  async #compact(
    retention: { readonly last: number } | { readonly window: number },
    goes: (own: readonly Naive[]) => number,
  ): Promise<void> {
    const order = { verb: "compact", rules: [{ kind: "store", store: "things", retention }] } as const;
    const plan = await this.#parts.keeper.keep({ ...order, dryRun: true });
    const { receipts } = await this.#parts.keeper.keep({ ...order, plan: plan.hash });
    let went = 0;
    for (const key of KEYS) {
      const own = this.#facts.filter((fact) => fact.key === key);
      for (const fact of own.slice(0, Math.max(0, Math.min(goes(own), own.length - 1)))) {
        if (!fact.isGone) went += 1;
        fact.isGone = true;
      }
    }
    expect(receipts.reduce((sum, { facts }) => sum + facts, 0)).toBe(went);
  }

  async #prune(facts: readonly Naive[]): Promise<void> {
    const isLatest = ({ key, number }: Naive): boolean => !this.#facts.some((other) => other.key === key && other.number > number);
    const { missing, blocked } = await this.#parts.keeper.keep({ verb: "prune", ids: facts.map(({ id }) => id) });
    const asked = [...new Set(facts)];
    expect(missing).toEqual(asked.filter(({ isGone }) => isGone).map(({ id }) => id));
    expect(blocked.map(({ id }) => id)).toEqual(asked.filter((fact) => !fact.isGone && isLatest(fact)).map(({ id }) => id));
    for (const fact of asked) if (!isLatest(fact)) fact.isGone = true;
  }

  async compare(): Promise<void> {
    const { ledger } = this.#parts;
    const asked = { ledger, now: this.#now };
    const store = new StoreHandle(things, {
      asked: async () => asked,
      record: () => Promise.reject(new Error("only reads")),
      follow: (query, { check, pick }) =>
        new LogFeed({ ledger, assertOpen: () => undefined }, { query, check, pick: (entry) => pick(entry, ledger) }),
    });
    const told = (of: () => Promise<{ readonly id: string } | undefined>): Promise<string | undefined> =>
      of().then(
        (fact) => fact?.id,
        (error: { readonly code: string }) => error.code,
      );
    const positions = Array.from({ length: ledger.position }, (_, index): AsOf => ({ position: index + 1 }));
    const times = Array.from({ length: this.#now + 1 }, (_, time): AsOf => ({ time }));
    for (const key of KEYS) {
      const own = this.#facts.filter((fact) => fact.key === key);
      for (const asOf of [undefined, ...positions, ...times]) {
        const then = own.filter(
          ({ position, time }) => asOf === undefined || ("time" in asOf ? time <= (toTime(asOf.time) ?? 0) : position <= asOf.position),
        );
        const at = asOf === undefined ? {} : { asOf };
        const expected = (fact: Naive | undefined) =>
          fact?.isGone === true ? "detail_unavailable" : fact?.value === undefined ? undefined : fact.id;
        expect(await told(() => store.get(key, at))).toBe(expected(then.at(-1)));
        for (let validAt = 0; validAt <= 9; validAt += 3) {
          const held = then.filter(({ validFrom }) => validFrom <= validAt);
          const best = held.reduce<Naive | undefined>(
            (one, other) => (one === undefined || other.validFrom >= one.validFrom ? other : one),
            undefined,
          );
          const answer = await told(() => store.get(key, { ...at, validAt }));
          // Of those that are gone from the beginning only the first and last time is known: an answer may be withheld, and never be another.
          if (answer !== "detail_unavailable" || !own.some(({ isGone }) => isGone)) expect(answer).toBe(expected(best));
        }
        const listed = await store.history(key, at).then(
          ({ items }) => items.map(({ id }) => id),
          (error: { readonly code: string }) => error.code,
        );
        const kept = then.filter(({ isGone }) => !isGone).map(({ id }) => id);
        if (kept.length > 0 || then.length === 0) expect(listed).toEqual(kept);
        else expect(["detail_unavailable", []]).toContainEqual(listed);
      }
      await this.#comparePages(store, key, own);
      for (const { id, isGone, value } of own) {
        const fact = await findFact(asked, id);
        expect(fact.status).toBe(isGone ? "given_up" : "found");
        if (!isGone) expect((await factById(asked, id))?.value).toEqual(value);
      }
      await this.#proveChain(own);
    }
    for (const parity of [0, 1, 2]) {
      const found = KEYS.flatMap((key) => this.#facts.findLast((fact) => fact.key === key) ?? []).filter(
        ({ value }) => value !== undefined && (typeof value === "number" ? value % 2 : 2) === parity,
      );
      expect((await store.query("parity", parity)).items.map(({ id }) => id).sort()).toEqual(found.map(({ id }) => id).sort());
    }
    await this.#compareChanges(ledger);
  }

  async #comparePages(store: StoreHandle<number | string, "parity">, key: string, own: readonly Naive[]): Promise<void> {
    for (const newestFirst of [false, true]) {
      const ids: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await store.history(key, { limit: 2, newestFirst, ...(cursor === undefined ? {} : { cursor }) });
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.cursor;
        if (cursor === undefined) break;
      }
      const kept = own.filter(({ isGone }) => !isGone).map(({ id }) => id);
      expect(ids).toEqual(newestFirst ? kept.toReversed() : kept);
    }
  }

  /** Each fact names the one before it, hash included, whether that is still there or not. */
  async #proveChain(own: readonly Naive[]): Promise<void> {
    const { ledger } = this.#parts;
    for (const [index, { id }] of own.entries()) {
      const found = await findFact({ ledger }, id);
      const ref = found.status === "found" ? found.fact : found.status === "given_up" ? found.ref : undefined;
      if (ref !== undefined) expect(ref.previous).toBe(own[index - 1]?.id ?? null);
    }
  }

  /** Nothing twice, nothing that is gone, nothing out of order; from the beginning of what is whole on, all that is there. */
  async #compareChanges(ledger: Ledger): Promise<void> {
    const seen: string[] = [];
    for await (const { id } of factChangesOf({ ledger, assertOpen: () => undefined, names: [] }, {})) seen.push(id);
    expect(seen).toEqual(this.#facts.filter(({ isGone, position }) => !isGone && position >= ledger.oldest).map(({ id }) => id));
  }
}
