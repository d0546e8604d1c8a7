// Questions to the indexes of a store: which part of an index, in its order, page by page; as it is now at the cost of what is given, or as it was at a moment.

import { InputError } from "../errors.ts";
import type { Page } from "../host/client.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { AsOf } from "../ledger/moment.ts";
import { type Ranked, type RankedHead, rankedBefore } from "../ledger/rank.ts";
import { type Asked, factOf, latestOf } from "./fact-reader.ts";
import { type IndexRange, type IndexValue, type PlaceRange, placesOf } from "./index-value.ts";
import { headsInTurns } from "./heads.ts";
import { assertOptions } from "../graph/given.ts";
import { headKeys } from "./names.ts";
import { cursorOf, limitOf, placeIn, questionOf } from "./page.ts";
import { indexList, keptList, keptPlace, placesIn, wasKept } from "./ranks.ts";
import type { ReadableStore } from "./store.ts";
import { readWritten, type Written } from "./value.ts";

/** Which part of what an index finds, in which order. */
export interface QueryOptions {
  /** By value, and of equal values by when the key was first written; `descending` is exactly the other way round. Ascending when left out. */
  readonly order?: "ascending" | "descending";
  /** 1 to 1,000; 100 when left out. */
  readonly limit?: number;
  /** Of the part before: of the same question to the same ledger. */
  readonly cursor?: string;
  /** As it was recorded then. Every key of the store is looked at: in a store of over 10,000 keys only with `scan`. */
  readonly asOf?: AsOf;
  /** The question may cost as much as the store is large. */
  readonly scan?: boolean;
}

/** Keys that are looked at for one question unless more is allowed. */
const SCAN_LIMIT = 10_000;

/** A value with its place in an index. */
interface Found<T> extends Ranked {
  readonly fact: Written<T>;
}

/**
 * Each value stands once in the answer, at the first of its places that is asked for.
 * @throws InputError `unknown_index`, `bad_index_value`, `bad_range`, `bad_order`, `bad_limit`, `bad_cursor`, `index_incomplete`, `scan_needed`
 */
export async function queryStore<T>(
  store: ReadableStore<T>,
  asked: Asked,
  index: string,
  wanted: IndexValue | IndexRange,
  options: QueryOptions = {},
): Promise<Page<Written<T>>> {
  assertIndex(store, index);
  assertOptions("query", options);
  const { order = "ascending", asOf, scan = false } = options;
  const isDescending = descendingIn(order);
  const limit = limitOf(options.limit);
  const places = placesOf(store.name, index, wanted);
  const question = questionOf(asked.ledger, ["query", store.name, index, places, order, asOf]);
  const after = options.cursor === undefined ? undefined : rankedIn(options.cursor, question);
  const part: Part = { index, places, isDescending, after, limit: limit + 1 };
  const found = asOf === undefined ? await foundNow(store, asked.ledger, part) : await foundThen(store, asked, part, { asOf, scan });
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items: items.map(({ fact }) => fact), cursor: last === undefined ? undefined : cursorOf([last.place, last.started], question) };
}

/** @throws InputError `unknown_index` */
export function assertIndex({ name, indexes }: Indexed, index: string): void {
  if (Object.hasOwn(indexes, index)) return;
  const names = Object.keys(indexes);
  throw new InputError("unknown_index", `${name} has no index ${JSON.stringify(index)}`, {
    fix: `There ${names.length === 0 ? "are none: name some in defineStore" : `are ${names.join(", ")}`}.`,
    details: { store: name, index, indexes: names },
  });
}

/** Of a definition, its name and its indexes. */
interface Indexed {
  readonly name: string;
  readonly indexes: object;
}

interface Part {
  readonly index: string;
  readonly places: PlaceRange;
  readonly isDescending: boolean;
  readonly after: Ranked | undefined;
  readonly limit: number;
}

async function foundNow<T>(store: ReadableStore<T>, ledger: Ledger, part: Part): Promise<readonly Found<T>[]> {
  assertComplete(store, ledger, part.index);
  const heads = firstPlaces(ledger, indexList(store.name, part.index), part);
  const facts = await latestOf(ledger, heads);
  const found = await Promise.all(facts.map((fact) => readWritten(store, fact)));
  return heads.flatMap(({ place, started }, at) => {
    const fact = found[at];
    return fact === undefined ? [] : { place, started, fact };
  });
}

/** Streams of a list, each at the first of its places that is asked for. */
function firstPlaces(ledger: Ledger, list: string, { places, isDescending, after, limit }: Part): readonly RankedHead[] {
  const found: RankedHead[] = [];
  let behind = after;
  for (;;) {
    const wanted = limit - found.length;
    const heads = ledger.ranked({
      list,
      ...places,
      descending: isDescending,
      limit: wanted,
      ...(behind === undefined ? {} : { after: behind }),
    });
    for (const head of heads) {
      const own = head.ranks?.flatMap((rank) => (rank.list === list ? rank.place : [])) ?? [];
      if (head.place === firstOf(own, places, isDescending)) found.push(head);
    }
    behind = heads.at(-1);
    if (heads.length < wanted || found.length === limit) return found;
  }
}

/** The first of some places that is asked for; undefined for none. */
export function firstOf(all: readonly string[], { from, before }: PlaceRange, isDescending: boolean): string | undefined {
  const asked = all.filter((place) => place >= from && (before === undefined || place < before)).sort();
  return isDescending ? asked.at(-1) : asked[0];
}

/** Refuses to answer from an index that some values do not stand in. @throws InputError `index_incomplete` */
function assertComplete(store: Indexed, ledger: Ledger, index: string): void {
  const { name, indexes } = store;
  const left = missing(name, indexes, ledger, (place) => !wasKept(index, place));
  if (left === undefined) return;
  // Of what is derived nobody records anything but its rule.
  const cure = "rule" in store ? `kindling.derivations.rebuild("${name}")` : "kindling.store(definition).reindex()";
  throw new InputError("index_incomplete", `${name}: values that were recorded without the index "${index}" do not stand in it`, {
    fix: `Record them anew once: await ${cure}. Whoever still writes with a definition that has no such index has to be ended first.`,
    details: { store: name, index, kept: left.place },
  });
}

/** A key whose value was recorded under other indexes than those of a definition, as `isAsked` wants them; undefined for none. Costs as much as there were definitions. */
function missing(store: string, indexes: object, ledger: Ledger, isAsked: (place: string) => boolean): RankedHead | undefined {
  const list = keptList(store);
  const own = keptPlace(indexes);
  // All that stand at the place of the definition itself are passed over.
  for (const [first, before] of [
    ["", own],
    [behindAll(own), undefined],
  ] as const) {
    for (let from = first; ; ) {
      const [head] = ledger.ranked({ list, from, limit: 1, ...(before === undefined ? {} : { before }) });
      if (head === undefined) break;
      if (isAsked(head.place)) return head;
      from = behindAll(head.place);
    }
  }
  return undefined;
}

/** The first place that may stand behind another one. */
function behindAll(place: string): string {
  return `${place}\u0001`;
}

/** Keys whose values were recorded without all indexes of a definition, some at a time. */
export function unindexed({ name, indexes }: Indexed, ledger: Ledger, limit: number): readonly RankedHead[] {
  const names = Object.keys(indexes);
  const isAsked = (place: string): boolean => names.some((index) => !wasKept(index, place));
  const first = missing(name, indexes, ledger, isAsked);
  if (first === undefined) return [];
  return ledger.ranked({ list: keptList(name), from: first.place, before: behindAll(first.place), limit });
}

/** What was there at a moment, key by key. */
async function foundThen<T>(
  store: ReadableStore<T>,
  asked: Asked,
  { index, places, isDescending, after, limit }: Part,
  { asOf, scan }: { readonly asOf: AsOf; readonly scan: boolean },
): Promise<readonly Found<T>[]> {
  const all = headKeys.all("store", store.name);
  if (!scan && (await isOverLimit(asked.ledger, all)))
    throw new InputError(
      "scan_needed",
      `${store.name} has over ${SCAN_LIMIT} keys, and a question about the past of an index looks at each`,
      {
        fix: "Say that it may: query(index, value, { asOf, scan: true }); or ask for keys: get(key, { asOf }).",
        details: { store: store.name, index, limit: SCAN_LIMIT },
      },
    );
  const isBefore = (one: Ranked, other: Ranked): boolean => (isDescending ? rankedBefore(other, one) : rankedBefore(one, other));
  let found: Found<T>[] = [];
  const keep = (): void => {
    found = found.sort((one, other) => (isBefore(one, other) ? -1 : 1)).slice(0, limit);
  };
  for await (const { run, started } of headsInTurns(asked.ledger, all)) {
    const fact = await readWritten(store, await factOf(asked, run, { asOf }));
    const place = fact === undefined ? undefined : firstOf(placesIn(store, index, fact.value), places, isDescending);
    if (fact === undefined || place === undefined || (after !== undefined && !isBefore(after, { place, started }))) continue;
    found.push({ place, started, fact });
    // Not many more are held than are asked for.
    if (found.length >= 2 * limit) keep();
  }
  keep();
  return found;
}

async function isOverLimit(ledger: Ledger, key: string): Promise<boolean> {
  let count = 0;
  for await (const _head of headsInTurns(ledger, key)) {
    count += 1;
    if (count > SCAN_LIMIT) return true;
  }
  return false;
}

function descendingIn(order: unknown): boolean {
  if (order === "ascending" || order === "descending") return order === "descending";
  throw new InputError("bad_order", `order is ${JSON.stringify(order) ?? "nothing"}`, { fix: 'Give "ascending" or "descending".' });
}

/** @throws InputError `bad_cursor` */
function rankedIn(cursor: string, question: string): Ranked | undefined {
  const [place, started] = placeIn(cursor, question);
  // A cursor of this question was made here.
  return typeof place === "string" && typeof started === "number" ? { place, started } : undefined;
}
