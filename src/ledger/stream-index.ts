// The index of the youngest part of a log, in memory: what its commits say of their streams, on top of what an older layer knows. Knows positions, not bytes or files.

import { BugError } from "../errors.ts";
import { bisect } from "./bisect.ts";
import { dueBefore, type IndexLayer, inOrder, NO_INDEX, type Place } from "./index-layer.ts";
import type { Entry, FindQuery, Head, StreamHead } from "./ledger.ts";
import { Offsets } from "./offsets.ts";
import { type ChangedStream, cut, isSameList, NO_HEAD, type Started, type Stream, view } from "./stream.ts";
import { sortSteps } from "./table/sort-steps.ts";

/** Fed every durable entry in order, asked by everyone. */
export class StreamIndex implements IndexLayer {
  #below: IndexLayer;
  readonly #base: number;
  /** Streams that it knows something new of. One that was given up stays here, to be known no more. */
  readonly #streams = new Map<string, Stream>();
  /** Streams that a layer below knows, and that were given up. */
  readonly #gone: StreamHead[] = [];
  readonly #byStart: Stream[] = [];
  readonly #byKey = new Map<string, Set<Stream>>();
  readonly #timed = new Set<Stream>();
  readonly #offsets: Offsets;
  #time: number;
  #facts: number;
  #isSorted = true;

  constructor(below: IndexLayer = NO_INDEX) {
    this.#below = below;
    this.#base = below.position;
    this.#offsets = new Offsets(below.position);
    this.#time = below.time;
    this.#facts = below.facts;
  }

  get position(): number {
    return this.#offsets.last;
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
    return this.#offsets.count;
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
    const stream = this.#streams.get(run);
    if (stream === undefined) return this.#below.head(run)?.version ?? 0;
    return stream.isGone ? 0 : stream.version;
  }

  /** Takes in an entry that must follow what is known of its stream. */
  add(entry: Entry, offset = 0): void {
    const version = this.take(entry, offset);
    if (version !== undefined)
      throw new BugError(`${entry.run} has ${version} facts, and an entry was indexed that begins with fact ${entry.first}.`);
  }

  /**
   * Takes in an entry. When it does not follow what is known of its stream, nothing is changed, and the number of facts it has is given.
   * @param slot that of the key the commit was sealed with
   */
  take(entry: Entry, offset: number, slot?: number): number | undefined {
    const { run, first, position, time, facts, head, replaces } = entry;
    const known = this.#streams.get(run);
    const isKnown = known !== undefined && !known.isGone;
    const below = known === undefined ? this.#below.head(run) : undefined;
    // Of a replaced stream this may be all there is.
    const version = isKnown ? known.version : (below?.version ?? (replaces === undefined ? 0 : first - 1));
    if (first !== version + 1) return version;
    const stream = isKnown ? known : this.#begin(entry, below);
    if (replaces !== undefined) cut(stream);
    stream.firsts.push(first);
    stream.positions.push(position);
    stream.version += facts.length;
    stream.position = position;
    stream.time = time;
    // The head before may have stood in a line that is taken away: an index made of what is left must know no less.
    if (head !== undefined || replaces !== undefined) this.#replaceHead(stream, head ?? NO_HEAD);
    if (slot !== undefined) stream.slot = slot;
    if (replaces?.what === "all") this.#giveUp(stream);
    this.#offsets.add({ position, offset });
    this.#time = time;
    this.#facts += facts.length;
    return undefined;
  }

  head(run: string): StreamHead | undefined {
    const stream = this.#streams.get(run);
    if (stream === undefined) return this.#below.head(run);
    return stream.isGone ? undefined : view(stream);
  }

  slotOf(run: string): number | undefined {
    const stream = this.#streams.get(run);
    if (stream === undefined) return this.#below.slotOf(run);
    return stream.isGone ? undefined : stream.slot;
  }

  find(query: FindQuery): Iterable<StreamHead> {
    const { open, after, newestFirst = false } = query;
    const isAsked = (stream: Stream): boolean =>
      !stream.isGone &&
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

  places(run: string, from: number, limit = Number.POSITIVE_INFINITY): readonly Place[] {
    const stream = this.#streams.get(run);
    if (stream === undefined) return this.#below.places(run, from, limit);
    if (stream.isGone || from > stream.version) return [];
    const [first = 0] = stream.firsts;
    const under = from < first && !stream.isCut ? this.#below.places(run, from, limit) : [];
    const index = Math.max(0, lowerBound(stream.firsts, from + 1) - 1);
    const own = stream.positions.slice(index, index + Math.max(0, limit - under.length)).map((position) => this.#placeOf(position));
    return under.length === 0 ? own : [...under, ...own];
  }

  placeBefore(position: number): Place | undefined {
    return this.#offsets.atOrBefore(position) ?? this.#below.placeBefore(position);
  }

  /** The streams that this layer knows something new of, by their start, and the commits of each that are new. */
  *changed(): Generator<void, Iterable<ChangedStream>> {
    const gone = this.#gone.map((before): Started => ({ started: before.started, before }));
    const live: readonly Started[] = [...this.#streams.values()].filter(({ isGone }) => !isGone);
    const streams = yield* sortSteps([...live, ...gone], (one, other) => one.started < other.started);
    return mapped(streams, (one) => {
      if (!("run" in one)) return { before: one.before, head: undefined, places: [], firsts: [], slot: undefined, isCut: true };
      const places = one.positions.map((position) => this.#placeOf(position));
      return { before: one.before, head: view(one), places, firsts: one.firsts, slot: one.slot, isCut: one.isCut };
    });
  }

  #others(heads: Iterable<StreamHead>): Iterable<StreamHead> {
    return filtered(heads, ({ run }) => !this.#streams.has(run));
  }

  #placeOf(position: number): Place {
    return this.#offsets.atOrBefore(position) ?? { position, offset: 0 };
  }

  /** A stream that this layer hears of for the first time: a new one, or one that began before it. */
  #begin({ run, first, position, time, replaces }: Entry, known: StreamHead | undefined): Stream {
    const begin = known ?? replaces;
    const stream: Stream = {
      run,
      version: first - 1,
      started: begin?.started ?? position,
      startedAt: begin?.startedAt ?? time,
      position: 0,
      time: 0,
      before: known,
      head: NO_HEAD,
      slot: known === undefined ? undefined : this.#below.slotOf(run),
      isCut: false,
      isGone: false,
      firsts: [],
      positions: [],
    };
    this.#streams.set(run, stream);
    if ((this.#byStart.at(-1)?.started ?? 0) > stream.started) this.#isSorted = false;
    this.#byStart.push(stream);
    if (known !== undefined) {
      const { open, keys, note, due } = known;
      this.#replaceHead(stream, { open, keys, note, ...(due === undefined ? {} : { due }) });
    }
    return stream;
  }

  /** From now on there is no such stream; one that begins under its name is another. */
  #giveUp(stream: Stream): void {
    if (stream.before !== undefined) this.#gone.push(stream.before);
    this.#replaceHead(stream, NO_HEAD);
    stream.isGone = true;
    stream.firsts.length = 0;
    stream.positions.length = 0;
  }

  #replaceHead(stream: Stream, head: Head): void {
    if (!isSameList(stream.head.keys, head.keys)) this.#replaceKeys(stream, head);
    if (head.due === undefined) this.#timed.delete(stream);
    else this.#timed.add(stream);
    stream.head = head;
  }

  #replaceKeys(stream: Stream, head: Head): void {
    for (const [index, key] of stream.head.keys.entries()) {
      // Most keys stay where they are.
      if (head.keys[index] === key) continue;
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
