// The index of the older part of a log, in tables on disk: how streams, their keys, their times and their commits stand in a sorted map, written and read.
//
//   d<due 15><started 12>           an open stream that is due
//   h<started 12><first fact 12>    commits of a stream: position, offset and facts of each, as differences
//   k<hash of a key 16><started 12> a stream that carries the key
//   n<run>                          where the stream of that name started: its number
//   p<position 12>                  where every so many-th commit lies
//   s<started 12>                   all there is to know about a stream

import { hash } from "node:crypto";
import { type IndexLayer, NO_INDEX, type Place } from "./index-layer.ts";
import type { FindQuery, Head, ReadOptions, StreamHead } from "./ledger.ts";
import type { ChangedStream } from "./stream.ts";
import type { StreamIndex } from "./stream-index.ts";
import { type TableValue, VARINT_BYTES, VarintReader, writeVarint } from "./table/block.ts";
import { intersection } from "./table/intersection.ts";
import { sortSteps } from "./table/sort-steps.ts";
import type { Tables } from "./table/tables.ts";

/** What keys begin with that are looked up one by one. */
export const NAME_PREFIX = "n";

/** A commit out of so many has its place in the index; those between are found by reading on. */
const PLACE_EVERY = 64;

/** Commits of a stream that stand in one entry. */
const CHUNK_COMMITS = 512;

/** No caller's key: such a text is never hashed for one, since theirs are prefixed. */
const OPEN = "open";

/** Sorts behind all digits. */
const LAST = "~";

/** How far tables reach, besides what stands in them. */
export interface IndexExtent {
  readonly position: number;
  readonly time: number;
  readonly facts: number;
}

/** Tables as a layer of the index. */
export class StoredIndex implements IndexLayer {
  readonly position: number;
  readonly time: number;
  readonly facts: number;
  readonly tables: Tables;

  constructor(tables: Tables, { position, time, facts }: IndexExtent) {
    this.tables = tables;
    this.position = position;
    this.time = time;
    this.facts = facts;
  }

  head(run: string): StreamHead | undefined {
    const started = this.#startOf(run);
    return started === undefined ? undefined : this.#stream(started);
  }

  slotOf(run: string): number | undefined {
    const started = this.#startOf(run);
    const value = started === undefined ? undefined : this.tables.get(`s${started}`);
    return value === undefined ? undefined : (readRecord(value)[6] ?? undefined);
  }

  *find({ keys, open, after, newestFirst = false }: FindQuery): Generator<StreamHead> {
    const lists = keys.map((key) => listOf(`key ${key}`));
    if (open === true) lists.push(listOf(OPEN));
    const direction = newestFirst ? "down" : "up";
    const from = newestFirst ? (after === undefined ? LAST : pad(after)) : pad((after ?? 0) + 1);
    for (const started of this.#starts(lists, from, direction)) {
      const head = this.#stream(started);
      // Two keys with one hash would be told apart here.
      if (head !== undefined && (open === undefined || head.open === open) && keys.every((key) => head.keys.includes(key))) yield head;
    }
  }

  *due(until: number): Generator<StreamHead> {
    const last = dueText(until);
    for (const { rest } of this.tables.scan("d", "")) {
      if (rest.slice(0, DUE_DIGITS) > last) return;
      const head = this.#stream(rest.slice(DUE_DIGITS));
      // The key knows whole milliseconds.
      if (head?.due !== undefined && head.due <= until) yield head;
    }
  }

  places(run: string, from: number, limit = Number.POSITIVE_INFINITY): readonly Place[] {
    const started = this.#startOf(run);
    if (started === undefined) return [];
    const prefix = `h${started}`;
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

  #startOf(run: string): string | undefined {
    const value = this.tables.get(NAME_PREFIX + run);
    return value === undefined ? undefined : pad(new VarintReader(value).next());
  }

  #stream(started: string): StreamHead | undefined {
    const value = this.tables.get(`s${started}`);
    return value === undefined ? undefined : decodeStream(Number(started), value);
  }
}

/** No tables yet. */
export function emptyIndex(tables: Tables): StoredIndex {
  return new StoredIndex(tables, NO_INDEX);
}

/** What a table is told of a key. */
type TableEntry = readonly [key: string, value: TableValue];

/** Streams looked at between two steps. */
const STEP_STREAMS = 256;

/** What a layer adds to the tables below it, in the order of the keys; `undefined` wherever others may go on, since there can be much of it. */
export function* entriesOf(layer: StreamIndex, below: StoredIndex): Generator<TableEntry | undefined, void, undefined> {
  const streams: ChangedStream[] = [];
  const times: TableEntry[] = [];
  const lists = new Lists();
  const names: TableEntry[] = [];
  for (const stream of yield* stepping(layer.changed())) {
    if (streams.push(stream) % STEP_STREAMS === 0) yield undefined;
    const { before, head } = stream;
    const started = pad(startOf(stream));
    if (head === undefined) {
      // Another stream may have begun under its name.
      if (before !== undefined && layer.head(before.run) === undefined) names.push([NAME_PREFIX + before.run, undefined]);
    } else if (before === undefined) names.push([NAME_PREFIX + head.run, encodeNumber(head.started)]);
    for (const [time, value] of differences(timesOf(before), timesOf(head))) times.push([`d${time}${started}`, value]);
    for (const [text, value] of differences(textsOf(before), textsOf(head))) lists.add(text, started, value);
  }
  yield* yield* stepping(sortSteps(times, isBefore));
  for (const stream of streams) {
    if (stream.isCut) yield* below.withoutPlaces(startOf(stream));
    yield* chunksOf(stream);
  }
  yield* lists.entries();
  yield* yield* stepping(sortSteps(names, isBefore));
  const first = Math.ceil(layer.below.position / PLACE_EVERY) * PLACE_EVERY + 1;
  for (let position = first; position <= layer.position; position += PLACE_EVERY) {
    const place = layer.placeBefore(position);
    // It may have been removed.
    if (place?.position === position) yield [`p${pad(position)}`, encodeNumber(place.offset)];
  }
  for (const stream of streams)
    yield [`s${pad(startOf(stream))}`, stream.head === undefined ? undefined : encodeStream(stream.head, stream.slot)];
}

/** What streams are added to or taken from lists. They come in the order of their start, so each list is in order by itself, and most streams are in the same few. */
class Lists {
  /** By what keys of the list begin with: where a stream stands in it, and what becomes of it. */
  readonly #changes = new Map<string, TableEntry[]>();
  readonly #prefixes = new Map<string, string>();

  add(text: string, started: string, value: TableValue): void {
    let prefix = this.#prefixes.get(text);
    if (prefix === undefined) this.#prefixes.set(text, (prefix = listOf(text)));
    const changes = this.#changes.get(prefix);
    if (changes === undefined) this.#changes.set(prefix, [[started, value]]);
    else changes.push([started, value]);
  }

  *entries(): Generator<TableEntry | undefined> {
    const sorted = yield* stepping(sortSteps([...this.#changes], ([one], [other]) => one < other));
    for (const [prefix, changes] of sorted) for (const [started, value] of changes) yield [prefix + started, value];
  }
}

function startOf({ before, head }: ChangedStream): number {
  return head?.started ?? before?.started ?? 0;
}

/** Hands the steps of some work on, and gives what it comes to. */
function* stepping<T>(work: Generator<void, T>): Generator<undefined, T, undefined> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    yield undefined;
  }
}

function isBefore([one]: TableEntry, [other]: TableEntry): boolean {
  return one < other;
}

function* chunksOf({ head, places, firsts }: ChangedStream): Generator<TableEntry> {
  if (head === undefined) return;
  for (let from = 0; from < places.length; from += CHUNK_COMMITS) {
    const to = Math.min(from + CHUNK_COMMITS, places.length);
    const bytes = Buffer.allocUnsafe(3 * VARINT_BYTES * (to - from));
    let [at, last]: [number, Place] = [0, { position: 0, offset: 0 }];
    for (let index = from; index < to; index++) {
      const place = places[index] ?? last;
      const facts = (firsts[index + 1] ?? head.version + 1) - (firsts[index] ?? 0);
      at = writeVarint(bytes, at, place.position - last.position);
      at = writeVarint(bytes, at, place.offset - last.offset);
      at = writeVarint(bytes, at, facts);
      last = place;
    }
    yield [`h${pad(head.started)}${pad(firsts[from] ?? 0)}`, bytes.subarray(0, at)];
  }
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

function listOf(text: string): string {
  return `k${hash("sha256", text, "base64url").slice(0, 16)}`;
}

/** What a stream is listed by. */
function textsOf(head: StreamHead | undefined): readonly string[] {
  if (head === undefined) return [];
  const texts = head.keys.map((key) => `key ${key}`);
  if (head.open) texts.push(OPEN);
  return texts;
}

function timesOf(head: StreamHead | undefined): readonly string[] {
  return head?.open === true && head.due !== undefined ? [dueText(head.due)] : [];
}

/** What is there now and was not, and what was there and is gone. */
function* differences(before: readonly string[], now: readonly string[]): Generator<readonly [string, TableValue]> {
  if (before.length === now.length && before.every((one, index) => one === now[index])) return;
  const were = new Set(before);
  const are = new Set(now);
  for (const one of are) if (!were.has(one)) yield [one, NOTHING];
  for (const one of were) if (!are.has(one)) yield [one, undefined];
}

const NOTHING = Buffer.alloc(0);

/** Run, version, time of the start, position, time, head, and the slot of its key. */
type StreamRecord = readonly [string, number, number, number, number, Head, number | null];

function encodeStream({ run, version, startedAt, position, time, open, keys, note, due }: StreamHead, slot: number | undefined): Buffer {
  const head: Head = { open, keys, note, ...(due === undefined ? {} : { due }) };
  const record: StreamRecord = [run, version, startedAt, position, time, head, slot ?? null];
  return Buffer.from(JSON.stringify(record));
}

function readRecord(value: Buffer): StreamRecord {
  // Written by `encodeStream`, and read under a checksum.
  return JSON.parse(value.toString("utf8")) as StreamRecord;
}

function decodeStream(started: number, value: Buffer): StreamHead {
  const [run, version, startedAt, position, time, head] = readRecord(value);
  return { ...head, run, version, started, startedAt, position, time };
}

function encodeNumber(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(VARINT_BYTES);
  return bytes.subarray(0, writeVarint(bytes, 0, value));
}

const DUE_DIGITS = 15;

function dueText(due: number): string {
  return String(Math.min(Math.max(0, Math.floor(due)), 999_999_999_999_999)).padStart(DUE_DIGITS, "0");
}

function pad(position: number): string {
  return String(position).padStart(12, "0");
}
