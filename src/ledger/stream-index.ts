// The index of the youngest part of a log, in memory: what its commits say of their streams, on top of what an older layer knows. Knows positions, not bytes or files.

import { BugError } from "../errors.ts";
import { dueBefore, type IndexLayer, inOrder, NO_INDEX, type Place } from "./index-layer.ts";
import type { Entry, FindQuery, Head, StreamHead } from "./ledger.ts";
import { sortSteps } from "./table/sort-steps.ts";

/** Fed every durable entry in order, asked by everyone. */
export class StreamIndex implements IndexLayer {
  #below: IndexLayer;
  readonly #base: number;
  readonly #streams = new Map<string, Stream>();
  readonly #byStart: Stream[] = [];
  readonly #byKey = new Map<string, Set<Stream>>();
  readonly #timed = new Set<Stream>();
  /** Where commit `base + n` begins, at n - 1. */
  readonly #offsets: number[] = [];
  #time: number;
  #facts: number;
  #isSorted = true;

  constructor(below: IndexLayer = NO_INDEX) {
    this.#below = below;
    this.#base = below.position;
    this.#time = below.time;
    this.#facts = below.facts;
  }

  get position(): number {
    return this.#base + this.#offsets.length;
  }

  get time(): number {
    return this.#time;
  }

  get facts(): number {
    return this.#facts;
  }

  /** What it stands on. */
  get below(): IndexLayer {
    return this.#below;
  }

  /** Commits that only this layer knows. */
  get commits(): number {
    return this.#offsets.length;
  }

  /** Streams that it knows something new of. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Stands on another layer that knows the same, from now on. */
  rest(below: IndexLayer): void {
    if (below.position !== this.#base)
      throw new BugError(`an index that begins behind ${this.#base} was put on one up to ${below.position}`);
    this.#below = below;
  }

  /** Number of facts in a stream; 0 for an unknown one. */
  version(run: string): number {
    return (this.#streams.get(run) ?? this.#below.head(run))?.version ?? 0;
  }

  /** @param slot that of the key the commit was sealed with */
  add(entry: Entry, offset = 0, slot?: number): void {
    const stream = this.#streams.get(entry.run) ?? this.#begin(entry);
    if (entry.first !== stream.version + 1)
      throw new BugError(`${entry.run} has ${stream.version} facts, and an entry was indexed that begins with fact ${entry.first}.`);
    stream.firsts.push(entry.first);
    stream.positions.push(entry.position);
    stream.version += entry.facts.length;
    stream.position = entry.position;
    stream.time = entry.time;
    if (entry.head !== undefined) this.#replaceHead(stream, entry.head);
    if (slot !== undefined) stream.slot = slot;
    this.#offsets.push(offset);
    this.#time = entry.time;
    this.#facts += entry.facts.length;
  }

  head(run: string): StreamHead | undefined {
    const stream = this.#streams.get(run);
    return stream === undefined ? this.#below.head(run) : view(stream);
  }

  slotOf(run: string): number | undefined {
    const stream = this.#streams.get(run);
    return stream === undefined ? this.#below.slotOf(run) : stream.slot;
  }

  find(query: FindQuery): Iterable<StreamHead> {
    const { open, after, newestFirst = false } = query;
    const isAsked = (stream: Stream): boolean =>
      (open === undefined || stream.head.open === open) &&
      (after === undefined || (newestFirst ? stream.started < after : stream.started > after)) &&
      query.keys.every((key) => stream.head.keys.includes(key));
    const own = mapped(filtered(this.#candidates(query), isAsked), view);
    if (this.#below.position === 0) return own;
    return inOrder(own, this.#others(this.#below.find(query)), (one, other) =>
      newestFirst ? one.started > other.started : one.started < other.started,
    );
  }

  due(until: number): Iterable<StreamHead> {
    const due: StreamHead[] = [];
    for (const stream of this.#timed) {
      const { head } = stream;
      if (head.open && head.due !== undefined && head.due <= until) due.push(view(stream));
    }
    due.sort((one, other) => (dueBefore(one, other) ? -1 : 1));
    return this.#below.position === 0 ? due : inOrder(due, this.#others(this.#below.due(until)), dueBefore);
  }

  places(run: string, from: number): readonly Place[] {
    const stream = this.#streams.get(run);
    if (stream === undefined) return this.#below.places(run, from);
    if (from > stream.version) return [];
    const [first = 0] = stream.firsts;
    const under = from < first ? this.#below.places(run, from) : [];
    const index = Math.max(0, lowerBound(stream.firsts, from + 1) - 1);
    const own = stream.positions.slice(index).map((position) => ({ position, offset: this.#offsetOf(position) }));
    return under.length === 0 ? own : [...under, ...own];
  }

  placeBefore(position: number): Place | undefined {
    if (position <= this.#base || this.#offsets.length === 0) return this.#below.placeBefore(position);
    const known = Math.min(position, this.position);
    return { position: known, offset: this.#offsetOf(known) };
  }

  /** The streams that this layer knows something new of, by their start, and the commits of each that are new. */
  *changed(): Generator<void, Iterable<ChangedStream>> {
    const streams = yield* sortSteps([...this.#streams.values()], (one, other) => one.started < other.started);
    return mapped(streams, (stream) => {
      const places = stream.positions.map((position) => ({ position, offset: this.#offsetOf(position) }));
      return { before: stream.before, head: view(stream), places, firsts: stream.firsts, slot: stream.slot };
    });
  }

  #others(heads: Iterable<StreamHead>): Iterable<StreamHead> {
    return filtered(heads, ({ run }) => !this.#streams.has(run));
  }

  #offsetOf(position: number): number {
    return this.#offsets[position - this.#base - 1] ?? 0;
  }

  /** A stream that this layer hears of for the first time: a new one, or one that began before it. */
  #begin(entry: Entry): Stream {
    const known = this.#below.head(entry.run);
    const stream: Stream = {
      run: entry.run,
      version: known?.version ?? 0,
      started: known?.started ?? entry.position,
      startedAt: known?.startedAt ?? entry.time,
      position: 0,
      time: 0,
      before: known,
      head: NO_HEAD,
      slot: known === undefined ? undefined : this.#below.slotOf(entry.run),
      firsts: [],
      positions: [],
    };
    this.#streams.set(entry.run, stream);
    if ((this.#byStart.at(-1)?.started ?? 0) > stream.started) this.#isSorted = false;
    this.#byStart.push(stream);
    if (known !== undefined) {
      const { open, keys, note, due } = known;
      this.#replaceHead(stream, { open, keys, note, ...(due === undefined ? {} : { due }) });
    }
    return stream;
  }

  #replaceHead(stream: Stream, head: Head): void {
    if (!isSameList(stream.head.keys, head.keys)) this.#replaceKeys(stream, head);
    if (head.due === undefined) this.#timed.delete(stream);
    else this.#timed.add(stream);
    stream.head = head;
  }

  #replaceKeys(stream: Stream, head: Head): void {
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
  }

  /** Streams that may match, in the order asked for: those of the rarest key, or all. */
  #candidates({ keys, after, newestFirst = false }: FindQuery): Iterable<Stream> {
    if (keys.length === 0) {
      const all = this.#sorted();
      return newestFirst ? backwards(all) : all.slice(bisect(all.length, (index) => (all[index]?.started ?? 0) > (after ?? 0)));
    }
    let rarest: Set<Stream> | undefined;
    for (const key of keys) {
      const streams = this.#byKey.get(key);
      if (streams === undefined) return [];
      if (rarest === undefined || streams.size < rarest.size) rarest = streams;
    }
    return [...(rarest ?? [])].sort((one, other) => (newestFirst ? other.started - one.started : one.started - other.started));
  }

  #sorted(): readonly Stream[] {
    if (!this.#isSorted) this.#byStart.sort((one, other) => one.started - other.started);
    this.#isSorted = true;
    return this.#byStart;
  }
}

/** A stream that a layer knows something new of. */
export interface ChangedStream {
  /** As it was before the layer; undefined for one that began in it. */
  readonly before: StreamHead | undefined;
  readonly head: StreamHead;
  readonly slot: number | undefined;
  /** Its new commits, and the number of the first fact of each. */
  readonly places: readonly Place[];
  readonly firsts: readonly number[];
}

interface Stream {
  readonly run: string;
  version: number;
  readonly started: number;
  readonly startedAt: number;
  position: number;
  time: number;
  /** As it was before this layer. */
  readonly before: StreamHead | undefined;
  head: Head;
  slot: number | undefined;
  /** Side by side, one element for every commit: the number of its first fact, and its position. Two flat lists take a tenth of a list of objects. */
  readonly firsts: number[];
  readonly positions: number[];
}

/** A stream that never got a head can still grow and is found by no key. */
const NO_HEAD: Head = Object.freeze({ open: true, keys: Object.freeze([]), note: Object.freeze({}) });

function view({ run, version, started, startedAt, position, time, head }: Stream): StreamHead {
  return { ...head, run, version, started, position, startedAt, time };
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

function* mapped<T, U>(values: Iterable<T>, change: (value: T) => U): Generator<U, void, undefined> {
  for (const value of values) yield change(value);
}

function* filtered<T>(values: Iterable<T>, isAsked: (value: T) => boolean): Generator<T, void, undefined> {
  for (const value of values) if (isAsked(value)) yield value;
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
