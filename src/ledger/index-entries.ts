// What a layer in memory adds to the tables below it, as entries of a further table: in the order of their keys, and in small steps.

import { encodeNumber, encodeStream, listOf, NAME_PREFIX, pad, rankedOf, ranksOf, textsOf, timesOf } from "./index-keys.ts";
import type { Place } from "./index-layer.ts";
import type { StoredIndex, TableEntry } from "./stored-index.ts";
import type { ChangedStream } from "./stream.ts";
import type { StreamIndex } from "./stream-index.ts";
import { type TableValue, VARINT_BYTES, writeVarint } from "./table/block.ts";
import { sortSteps } from "./table/sort-steps.ts";

/** A commit out of so many has its place in the index; those between are found by reading on. */
const PLACE_EVERY = 64;

/** Commits of a stream that stand in one entry. */
const CHUNK_COMMITS = 512;

/** Streams looked at between two steps. */
const STEP_STREAMS = 256;

/** What a layer adds to the tables below it, in the order of the keys; `undefined` wherever others may go on, since there can be much of it. */
export function* entriesOf(layer: StreamIndex, below: StoredIndex): Generator<TableEntry | undefined, void, undefined> {
  const streams: ChangedStream[] = [];
  const times: TableEntry[] = [];
  const ranks: TableEntry[] = [];
  const lists = new Lists();
  const prefixOf = once(rankedOf);
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
    for (const [rank, value] of differences(ranksOf(before, prefixOf), ranksOf(head, prefixOf))) ranks.push([rank, value]);
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
  yield* yield* stepping(sortSteps(ranks, isBefore));
  for (const stream of streams) yield [`s${pad(startOf(stream))}`, streamIn(stream)];
}

function streamIn({ head, slot, places, firsts }: ChangedStream): TableValue {
  if (head === undefined) return undefined;
  // Whatever of a stream is new came with a commit.
  return encodeStream(head, slot, { first: firsts.at(-1) ?? 1, offset: places.at(-1)?.offset ?? 0 });
}

/** What streams are added to or taken from lists. They come in the order of their start, so each list is in order by itself, and most streams are in the same few. */
class Lists {
  /** By what keys of the list begin with: where a stream stands in it, and what becomes of it. */
  readonly #changes = new Map<string, TableEntry[]>();
  readonly #prefixOf = once(listOf);

  add(text: string, started: string, value: TableValue): void {
    const prefix = this.#prefixOf(text);
    const changes = this.#changes.get(prefix);
    if (changes === undefined) this.#changes.set(prefix, [[started, value]]);
    else changes.push([started, value]);
  }

  *entries(): Generator<TableEntry | undefined> {
    const sorted = yield* stepping(sortSteps([...this.#changes], ([one], [other]) => one < other));
    for (const [prefix, changes] of sorted) for (const [started, value] of changes) yield [prefix + started, value];
  }
}

/** The same, worked out once for each name. */
function once(prefixOf: (name: string) => string): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    let prefix = known.get(name);
    if (prefix === undefined) known.set(name, (prefix = prefixOf(name)));
    return prefix;
  };
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

/** What is there now and was not, and what was there and is gone. */
function* differences(before: readonly string[], now: readonly string[]): Generator<readonly [string, TableValue]> {
  if (before.length === now.length && before.every((one, index) => one === now[index])) return;
  const were = new Set(before);
  const are = new Set(now);
  for (const one of are) if (!were.has(one)) yield [one, NOTHING];
  for (const one of were) if (!are.has(one)) yield [one, undefined];
}

const NOTHING = Buffer.alloc(0);
