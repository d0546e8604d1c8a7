// The index of the older part of a log, in tables on disk. Each question is answered from the sorted map, at the cost of what is found.

import {
  decodeStream,
  DUE_DIGITS,
  dueText,
  LAST,
  LAST_PLACE,
  listOf,
  NAME_PREFIX,
  OPEN,
  pad,
  PLACE_TAIL,
  placeKey,
  rankedOf,
  type StoredStream,
} from "./index-keys.ts";
import { type IndexLayer, NO_INDEX, NOTHING_HIDDEN, type Place } from "./index-layer.ts";
import type { FindQuery, ReadOptions, StreamHead } from "./ledger.ts";
import type { RankedHead, RankQuery } from "./rank.ts";
import { Recent } from "./recent.ts";
import { type TableValue, VarintReader } from "./table/block.ts";
import { intersection } from "./table/intersection.ts";
import type { Tables } from "./table/tables.ts";

/** What a table is told of a key. */
export type TableEntry = readonly [key: string, value: TableValue];

/** How far tables reach, besides what stands in them. */
export interface IndexExtent {
  readonly position: number;
  readonly time: number;
  readonly facts: number;
}

/** Whoever has found a stream goes on to read it, a page of them at a time. */
const RECENT_STREAMS = 256;

/** Tables as a layer of the index. */
export class StoredIndex implements IndexLayer {
  readonly position: number;
  readonly time: number;
  readonly facts: number;
  readonly tables: Tables;
  /** Streams that were asked for lately, by their names: what the tables say does not change. */
  readonly #recent = new Recent<string, StoredStream>(RECENT_STREAMS);

  constructor(tables: Tables, { position, time, facts }: IndexExtent) {
    this.tables = tables;
    this.position = position;
    this.time = time;
    this.facts = facts;
  }

  head(run: string): StreamHead | undefined {
    return this.#named(run)?.head;
  }

  slotOf(run: string): number | undefined {
    return this.#named(run)?.slot;
  }

  *find({ keys, open, after, newestFirst = false }: FindQuery, isHidden = NOTHING_HIDDEN): Generator<StreamHead> {
    const lists = keys.map((key) => listOf(`key ${key}`));
    if (open === true) lists.push(listOf(OPEN));
    const direction = newestFirst ? "down" : "up";
    const from = newestFirst ? (after === undefined ? LAST : pad(after)) : pad((after ?? 0) + 1);
    for (const started of this.#starts(lists, from, direction)) {
      if (isHidden(Number(started))) continue;
      const head = this.#stream(started)?.head;
      // Two keys with one hash would be told apart here.
      if (head !== undefined && (open === undefined || head.open === open) && keys.every((key) => head.keys.includes(key))) yield head;
    }
  }

  *ranked({ list, from = "", before, after, descending = false }: RankQuery, isHidden = NOTHING_HIDDEN): Generator<RankedHead> {
    const [prefix, last] = [rankedOf(list), before ?? LAST_PLACE];
    // Upwards it begins behind what was given last; downwards before it.
    const [behind, under] =
      after === undefined ? ["", LAST_PLACE] : [placeKey(after.place, after.started + 1), placeKey(after.place, after.started)];
    const scan = descending
      ? this.tables.scan(prefix, under < last ? under : last, "down")
      : this.tables.scan(prefix, behind > from ? behind : from);
    for (const { rest } of scan) {
      const place = rest.slice(0, -PLACE_TAIL);
      if (descending ? place < from : place >= last) return;
      const started = rest.slice(1 - PLACE_TAIL);
      if (isHidden(Number(started))) continue;
      const head = this.#stream(started)?.head;
      // Two lists with one hash would be told apart here.
      if (head?.ranks?.some((rank) => rank.list === list && rank.place === place) === true) yield { ...head, place };
    }
  }

  *due(until: number, isHidden = NOTHING_HIDDEN): Generator<StreamHead> {
    const last = dueText(until);
    for (const { rest } of this.tables.scan("d", "")) {
      if (rest.slice(0, DUE_DIGITS) > last) return;
      const started = rest.slice(DUE_DIGITS);
      if (isHidden(Number(started))) continue;
      const head = this.#stream(started)?.head;
      // The key knows whole milliseconds.
      if (head?.due !== undefined && head.due <= until) yield head;
    }
  }

  places(run: string, from: number, limit = Number.POSITIVE_INFINITY): readonly Place[] {
    const stream = this.#named(run);
    if (stream === undefined || from > stream.head.version || limit <= 0) return [];
    const { head, last } = stream;
    // The latest fact is asked for most.
    if (from >= last.first) return [{ position: head.position, offset: last.offset }];
    const prefix = `h${pad(head.started)}`;
    // The entry that holds the fact is the last one that does not begin behind it.
    const [holding] = this.tables.scan(prefix, pad(from + 1), "down");
    const places: Place[] = [];
    for (const { rest, value } of this.tables.scan(prefix, holding?.rest ?? "")) {
      if (places.length >= limit) break;
      readPlaces(value, Number(rest), { from, limit }, places);
    }
    return places;
  }

  placeBefore(position: number): Place | undefined {
    const [place] = this.tables.scan("p", pad(position + 1), "down");
    return place === undefined ? undefined : { position: Number(place.rest), offset: new VarintReader(place.value).next() };
  }

  /** Takes the commits of a stream out that tables know of. */
  *withoutPlaces(started: number): Generator<TableEntry> {
    const prefix = `h${pad(started)}`;
    for (const { rest } of this.tables.scan(prefix, "")) yield [prefix + rest, undefined];
  }

  *#starts(lists: readonly string[], from: string, direction: "up" | "down"): Generator<string> {
    if (lists.length > 0) yield* intersection(this.tables, lists, from, direction);
    else for (const { rest } of this.tables.scan("s", from, direction)) yield rest;
  }

  #named(run: string): StoredStream | undefined {
    const known = this.#recent.get(run);
    if (known !== undefined) return known;
    const value = this.tables.get(NAME_PREFIX + run);
    return value === undefined ? undefined : this.#stream(pad(new VarintReader(value).next()));
  }

  #stream(started: string): StoredStream | undefined {
    const value = this.tables.get(`s${started}`);
    if (value === undefined) return undefined;
    const stream = decodeStream(Number(started), value);
    this.#recent.set(stream.head.run, stream);
    return stream;
  }
}

/** No tables yet. */
export function emptyIndex(tables: Tables): StoredIndex {
  return new StoredIndex(tables, NO_INDEX);
}

function readPlaces(bytes: Buffer, firstFact: number, { from, limit }: Required<ReadOptions>, into: Place[]): void {
  const reader = new VarintReader(bytes);
  let [position, offset, first] = [0, 0, firstFact];
  while (reader.at < bytes.length && into.length < limit) {
    position += reader.next();
    offset += reader.next();
    first += reader.next();
    if (first > from) into.push({ position, offset });
  }
}
