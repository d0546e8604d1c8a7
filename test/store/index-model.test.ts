// Indexes, relations and watches against a naive model: random histories with restarts, in memory and on files whose index goes to tables all the time, then every part in every order,
// page by page, now and in the past.

import { defineStore, fileLedger, type IndexRange, type IndexValue, type LedgerPlace, memoryLedger, type QueryOptions } from "kindling";
import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { orderOf } from "../../src/store/change.ts";
import { LogFeed } from "../../src/host/feed.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { type FactAccess, StoreHandle } from "../../src/store/handle.ts";
import { SimulatedDisk } from "../ledger/simulated-disk.ts";

/** A long night: `FACT_HISTORIES=10000`. One again: `FACT_SEED=…`, as it was printed. */
const HISTORIES = Number(process.env["FACT_HISTORIES"] ?? 120);
const SEED = process.env["FACT_SEED"] === undefined ? {} : { seed: Number(process.env["FACT_SEED"]) };

const KEYS = ["a", "b", "c", "d", "e"];
const ROOMS = ["r1", "r2"];
const DUES = [null, -1.5, 0, 1, 2, "a", "ab", "b"];

const rooms = defineStore("rooms", { schema: z.number() });
const things = defineStore("things", {
  schema: z.object({ due: z.union([z.null(), z.number(), z.string()]), tags: z.array(z.number()), room: z.string().nullable() }),
  indexes: { due: ({ due }) => (due === 2 ? undefined : due), tags: ({ tags }) => tags },
  relations: { room: { to: () => rooms, by: ({ room }) => room } },
});
type Thing = { due: number | string | null; tags: number[]; room: string | null };

const thing = fc.record({
  due: fc.constantFrom(...DUES),
  tags: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
  room: fc.constantFrom(...ROOMS, null),
});
const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ key: fc.constantFrom(...KEYS), thing: fc.option(thing, { nil: undefined, freq: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ key: fc.constantFrom(...ROOMS), room: fc.option(fc.integer(), { nil: undefined, freq: 3 }) }) },
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant("restart" as const) },
  { weight: 2, arbitrary: fc.constant("next page" as const) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A fact as a child would keep it. */
interface Naive {
  readonly store: "things" | "rooms";
  readonly key: string;
  readonly value: Thing | number | undefined;
  readonly position: number;
  readonly id: string;
}

describe("indexes, relations and watches", () => {
  it(`say what a naive model says, through ${HISTORIES} random histories`, { timeout: 30_000 + HISTORIES * 400 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(step, { minLength: 1, maxLength: 16 }), async (onDisk, steps) => {
        const place = onDisk
          ? fileLedger("/ledger", { disk: new SimulatedDisk({ random: () => 0.3 }).begin(), newId: () => "simulated", indexBytes: 1_500 })
          : memoryLedger();
        const world = new World(place);
        for (const each of steps) await world.take(each);
        await world.compare();
      }),
      { numRuns: HISTORIES, ...SEED },
    );
  });
});

interface Question {
  readonly index: "due" | "tags" | "room";
  readonly wanted: IndexValue | IndexRange;
  /** Under what a value stands there. */
  readonly of: (value: Thing) => readonly IndexValue[];
  readonly holds: (value: IndexValue) => boolean;
}

const dues = ({ due }: Thing): readonly IndexValue[] => (due === 2 ? [] : [due]);
const tags = (value: Thing): readonly IndexValue[] => value.tags;
const isNumber = (value: IndexValue): value is number => typeof value === "number";
const isText = (value: IndexValue): value is string => typeof value === "string";

const QUESTIONS: readonly Question[] = [
  { index: "due", wanted: {}, of: dues, holds: () => true },
  { index: "due", wanted: null, of: dues, holds: (value) => value === null },
  { index: "due", wanted: 1, of: dues, holds: (value) => value === 1 },
  { index: "due", wanted: { from: -1.5, to: 0 }, of: dues, holds: (value) => isNumber(value) && value >= -1.5 && value <= 0 },
  { index: "due", wanted: { above: -1.5 }, of: dues, holds: (value) => isNumber(value) && value > -1.5 },
  { index: "due", wanted: { below: 1 }, of: dues, holds: (value) => isNumber(value) && value < 1 },
  { index: "due", wanted: { startsWith: "a" }, of: dues, holds: (value) => isText(value) && value.startsWith("a") },
  { index: "due", wanted: { above: "a" }, of: dues, holds: (value) => isText(value) && value > "a" },
  { index: "tags", wanted: {}, of: tags, holds: () => true },
  { index: "tags", wanted: { from: 1, below: 3 }, of: tags, holds: (value) => isNumber(value) && value >= 1 && value < 3 },
  { index: "room", wanted: "r1", of: ({ room }) => (room === null ? [] : [room]), holds: (value) => value === "r1" },
];

/** A walk through pages while others write. */
interface Walk {
  readonly since: number;
  readonly keys: string[];
  cursor: string | undefined;
}

class World {
  readonly #place: LedgerPlace;
  readonly #facts: Naive[] = [];
  #open: { readonly ledger: Ledger; readonly writer: FactWriter } | undefined;
  #walk: Walk | undefined;

  constructor(place: LedgerPlace) {
    this.#place = place;
  }

  async take(given: Step): Promise<void> {
    if (given === "restart") return this.#close();
    if (given === "next page") return this.#nextPage();
    const { writer } = await this.#opened();
    const changes = given.map((each) => {
      if ("room" in each) return each.room === undefined ? rooms.remove(each.key) : rooms.write(each.key, each.room);
      return each.thing === undefined ? things.remove(each.key) : things.write(each.key, each.thing);
    });
    const { facts } = await writer.record({ orders: await Promise.all(changes.map((change) => orderOf(change))) });
    for (const [index, { key, position, id }] of facts.entries()) {
      const each = given[index];
      if (each === undefined) throw new Error("more facts than changes");
      const isRoom = "room" in each;
      this.#facts.push({ store: isRoom ? "rooms" : "things", key, value: isRoom ? each.room : each.thing, position, id });
    }
  }

  async compare(): Promise<void> {
    while (this.#walk !== undefined) await this.#nextPage();
    const { ledger } = await this.#opened();
    const store = await this.#store();
    const end = ledger.position;
    const moments = [...new Set([Math.ceil(end / 3), Math.ceil((2 * end) / 3)])].filter((position) => position > 0);
    for (const position of [undefined, ...moments]) {
      const at = position === undefined ? {} : { asOf: { position } };
      const then = this.#facts.filter((fact) => position === undefined || fact.position <= position);
      for (const question of QUESTIONS) {
        for (const order of ["ascending", "descending"] as const) {
          const right = found(then, question, order);
          for (const limit of [1, 2, 100])
            expect(await pages(store, question, { ...at, order, limit }), `${question.index} ${order} ${limit}`).toEqual(right);
        }
      }
      for (const key of KEYS) await this.#compareRelation(store, key, then, at);
      for (const room of ROOMS) {
        const { target } = await store.relatedTo("room", room, at);
        expect(target?.value).toBe(latest(then, "rooms").get(room)?.value);
      }
    }
    for (const question of QUESTIONS)
      for (const after of [0, ...moments]) expect(await watched(store, question, after)).toEqual(changesOf(this.#facts, question, after));
    await this.#close();
  }

  async #compareRelation(store: Handle, key: string, then: readonly Naive[], at: QueryOptions): Promise<void> {
    const value = latest(then, "things").get(key)?.value as Thing | undefined;
    const related = await store.related("room", key, at);
    if (value === undefined) expect(related).toBeUndefined();
    else if (value.room === null) expect(related).toEqual([]);
    else {
      expect(related?.map((each) => [each.key, each.fact?.value])).toEqual([[value.room, latest(then, "rooms").get(value.room)?.value]]);
    }
  }

  /** Goes on with a walk, and when it ends looks whether what did not change meanwhile was given once. */
  async #nextPage(): Promise<void> {
    const store = await this.#store();
    const walk = (this.#walk ??= { since: this.#facts.length, keys: [], cursor: undefined });
    const page = await store.query("due", {}, { limit: 1, ...(walk.cursor === undefined ? {} : { cursor: walk.cursor }) });
    walk.keys.push(...page.items.map(({ key }) => key));
    walk.cursor = page.cursor;
    if (page.cursor !== undefined) return;
    this.#walk = undefined;
    const changed = new Set(this.#facts.slice(walk.since).map(({ key }) => key));
    const [whole] = QUESTIONS;
    if (whole === undefined) throw new Error("there are questions");
    const still = found(this.#facts.slice(0, walk.since), whole, "ascending");
    const kept = still.map((id) => id.replace(/^store:things:(.*)@.*$/, "$1")).filter((key) => !changed.has(key));
    expect(walk.keys.filter((key) => !changed.has(key))).toEqual(kept);
  }

  async #store(): Promise<Handle> {
    const { ledger } = await this.#opened();
    const access: FactAccess = {
      asked: async () => ({ ledger, now: 0 }),
      record: () => Promise.reject(new Error("only reads")),
      follow: (query, { check, pick }) =>
        new LogFeed({ ledger, assertOpen: () => undefined }, { query, check, pick: (entry) => pick(entry, ledger) }),
    };
    return new StoreHandle(things, access);
  }

  async #opened(): Promise<{ readonly ledger: Ledger; readonly writer: FactWriter }> {
    if (this.#open === undefined) {
      const ledger = await this.#place.open({ access: "write", now: () => 0 });
      this.#open = { ledger, writer: new FactWriter(ledger) };
    }
    return this.#open;
  }

  async #close(): Promise<void> {
    await this.#open?.ledger.close();
    this.#open = undefined;
  }
}

type Handle = StoreHandle<Thing, "due" | "tags", { readonly room: number }>;

async function pages(store: Handle, { index, wanted }: Question, options: QueryOptions): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await store.query(index, wanted, { ...options, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.items.map(({ id }) => id));
    // A walk that does not get on has no end.
    expect(ids.length).toBeLessThanOrEqual(KEYS.length);
    cursor = page.cursor;
  }
  return ids;
}

async function watched(store: Handle, { index, wanted }: Question, after: number): Promise<readonly unknown[]> {
  const told: unknown[] = [];
  for await (const { type, key, fact, before } of store.watch(index, wanted, { after })) told.push([type, key, fact.id, before?.id]);
  return told;
}

/** What a question finds: by the first value that it holds of each, then by when the key was first written. */
function found(then: readonly Naive[], { of, holds }: Question, order: "ascending" | "descending"): readonly string[] {
  const sign = order === "ascending" ? 1 : -1;
  const first = new Map([...then].reverse().map(({ store, key, position }) => [`${store} ${key}`, position]));
  const standing = [...latest(then, "things").values()].flatMap(({ key, id, value }) => {
    const values = value === undefined ? [] : of(value as Thing).filter(holds);
    const [place] = values.toSorted((one, other) => sign * compared(one, other));
    return place === undefined ? [] : { id, place, started: first.get(`things ${key}`) ?? 0 };
  });
  return standing.toSorted((one, other) => sign * (compared(one.place, other.place) || one.started - other.started)).map(({ id }) => id);
}

function compared(one: IndexValue, other: IndexValue): number {
  const kind = (value: IndexValue): number => (value === null ? 0 : isNumber(value) ? 1 : 2);
  if (kind(one) !== kind(other)) return kind(one) - kind(other);
  return one === other ? 0 : (one ?? 0) < (other ?? 0) ? -1 : 1;
}

function latest(then: readonly Naive[], store: Naive["store"]): ReadonlyMap<string, Naive> {
  return new Map(then.filter((fact) => fact.store === store).map((fact) => [fact.key, fact]));
}

/** What a watch tells: for each fact, whether its value stands there and the one before did. */
function changesOf(facts: readonly Naive[], { of, holds }: Question, after: number): readonly unknown[] {
  const isIn = (fact: Naive | undefined): boolean => fact?.value !== undefined && of(fact.value as Thing).some(holds);
  const own = facts.filter(({ store }) => store === "things");
  return own.flatMap((fact, at): readonly unknown[] => {
    const before = own.slice(0, at).findLast(({ key }) => key === fact.key);
    const type = isIn(fact) ? (isIn(before) ? "update" : "enter") : isIn(before) ? "leave" : undefined;
    if (type === undefined || fact.position <= after) return [];
    return [[type, fact.key, fact.id, before?.value === undefined ? undefined : before.id]];
  });
}
