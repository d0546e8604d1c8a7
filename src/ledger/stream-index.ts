// What is known about every stream without reading the log: version, head, keys, and which commits are its own. Knows positions, not bytes or files.

import { BugError } from "../errors.ts";
import type { DueQuery, Entry, FindQuery, Head, StreamHead } from "./ledger.ts";

/** The index of a log: fed every durable entry in order, asked by everyone. */
export class StreamIndex {
  readonly #streams = new Map<string, Stream>();
  readonly #byStart: Stream[] = [];
  readonly #byKey = new Map<string, Set<Stream>>();
  readonly #timed = new Set<Stream>();
  #position = 0;
  #time = 0;
  #facts = 0;

  /** Position of the last entry. */
  get position(): number {
    return this.#position;
  }

  /** Time of the last entry. */
  get time(): number {
    return this.#time;
  }

  /** Facts in all streams. */
  get facts(): number {
    return this.#facts;
  }

  /** Number of facts in a stream; 0 for an unknown one. */
  version(run: string): number {
    return this.#streams.get(run)?.version ?? 0;
  }

  add(entry: Entry): void {
    const stream = this.#streams.get(entry.run) ?? this.#begin(entry);
    if (entry.first !== stream.version + 1)
      throw new BugError(`${entry.run} has ${stream.version} facts, and an entry was indexed that begins with fact ${entry.first}.`);
    stream.firsts.push(entry.first);
    stream.positions.push(entry.position);
    stream.version += entry.facts.length;
    stream.position = entry.position;
    stream.time = entry.time;
    if (entry.head !== undefined) this.#replaceHead(stream, entry.head);
    this.#position = entry.position;
    this.#time = entry.time;
    this.#facts += entry.facts.length;
  }

  head(run: string): StreamHead | undefined {
    const stream = this.#streams.get(run);
    return stream === undefined ? undefined : view(stream);
  }

  find(query: FindQuery): readonly StreamHead[] {
    const { open, after, newestFirst = false, limit = Number.POSITIVE_INFINITY } = query;
    const isAsked = (stream: Stream): boolean =>
      (open === undefined || stream.head.open === open) &&
      (after === undefined || (newestFirst ? stream.started < after : stream.started > after)) &&
      query.keys.every((key) => stream.head.keys.includes(key));
    const found: StreamHead[] = [];
    for (const stream of this.#candidates(query)) {
      if (found.length >= limit) break;
      if (isAsked(stream)) found.push(view(stream));
    }
    return found;
  }

  /** Open streams that are due, earliest first. */
  due({ until, limit = Number.POSITIVE_INFINITY }: DueQuery): readonly StreamHead[] {
    const isDue = ({ head }: Stream): boolean => head.open && head.due !== undefined && head.due <= until;
    const due = [...this.#timed].filter(isDue).sort((one, other) => (one.head.due ?? 0) - (other.head.due ?? 0));
    return due.slice(0, limit).map(view);
  }

  /** Positions of the entries of a stream, from the one that holds fact number `from` on. */
  positionsOf(run: string, from: number): readonly number[] {
    const stream = this.#streams.get(run);
    if (stream === undefined || from > stream.version) return [];
    const next = lowerBound(stream.firsts, from + 1);
    return stream.positions.slice(Math.max(0, next - 1));
  }

  #begin(entry: Entry): Stream {
    const stream: Stream = {
      run: entry.run,
      version: 0,
      started: entry.position,
      startedAt: entry.time,
      position: 0,
      time: 0,
      head: NO_HEAD,
      firsts: [],
      positions: [],
    };
    this.#streams.set(entry.run, stream);
    this.#byStart.push(stream);
    return stream;
  }

  #replaceHead(stream: Stream, head: Head): void {
    for (const key of stream.head.keys) {
      const streams = this.#byKey.get(key);
      streams?.delete(stream);
      if (streams?.size === 0) this.#byKey.delete(key);
    }
    for (const key of head.keys) {
      const streams = this.#byKey.get(key);
      if (streams === undefined) this.#byKey.set(key, new Set([stream]));
      else streams.add(stream);
    }
    if (head.due === undefined) this.#timed.delete(stream);
    else this.#timed.add(stream);
    stream.head = head;
  }

  /** Streams that may match, in the order asked for: those of the rarest key, or all. */
  #candidates({ keys, after, newestFirst = false }: FindQuery): Iterable<Stream> {
    if (keys.length === 0) return newestFirst ? backwards(this.#byStart) : this.#byStart.slice(this.#startsUpTo(after ?? 0));
    let rarest: Set<Stream> | undefined;
    for (const key of keys) {
      const streams = this.#byKey.get(key);
      if (streams === undefined) return [];
      if (rarest === undefined || streams.size < rarest.size) rarest = streams;
    }
    return [...(rarest ?? [])].sort((one, other) => (newestFirst ? other.started - one.started : one.started - other.started));
  }

  #startsUpTo(position: number): number {
    return bisect(this.#byStart.length, (index) => (this.#byStart[index]?.started ?? 0) > position);
  }
}

interface Stream {
  readonly run: string;
  version: number;
  readonly started: number;
  readonly startedAt: number;
  position: number;
  time: number;
  head: Head;
  /** Side by side, one element for every commit: the number of its first fact, and its position. Two flat lists take a tenth of a list of objects. */
  readonly firsts: number[];
  readonly positions: number[];
}

/** A stream that never got a head can still grow and is found by no key. */
const NO_HEAD: Head = Object.freeze({ open: true, keys: Object.freeze([]), note: Object.freeze({}) });

function view({ run, version, started, startedAt, position, time, head }: Stream): StreamHead {
  return { ...head, run, version, started, position, startedAt, time };
}

function* backwards(streams: readonly Stream[]): Generator<Stream> {
  for (let index = streams.length - 1; index >= 0; index--) {
    const stream = streams[index];
    if (stream !== undefined) yield stream;
  }
}

/** Index of the first element that is not under `value`, in an ascending list. */
function lowerBound(ascending: readonly number[], value: number): number {
  return bisect(ascending.length, (index) => (ascending[index] ?? value) >= value);
}

/** The first index for which a test holds, when it holds for all that follow. */
function bisect(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
