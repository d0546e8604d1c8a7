// The index of the youngest part of a log, in memory: what its commits say of their streams, on top of what an older layer knows. Knows positions, not bytes or files.

import { BugError } from "../errors.ts";
import { bisect } from "./bisect.ts";
import { dueBefore, type IndexLayer, inOrder, type IsHidden, NO_INDEX, NOTHING_HIDDEN, type Place } from "./index-layer.ts";
import type { Entry, FindQuery, StreamHead } from "./ledger.ts";
import { Offsets } from "./offsets.ts";
import { rankedBefore, type RankedHead, type RankQuery } from "./rank.ts";
import { type ChangedStream, cut, headOf, NO_HEAD, type Started, type Stream, view } from "./stream.ts";
import { StreamLists } from "./stream-lists.ts";
import { sortSteps } from "./table/sort-steps.ts";

/** Fed every durable entry in order, asked by everyone. */
export class StreamIndex implements IndexLayer {
  #below: IndexLayer;
  readonly #base: number;
  /** Streams that it knows something new of. One that was given up stays here, to be known no more. */
  readonly #streams = new Map<string, Stream>();
  /** Where those of them started that a layer below knows. */
  readonly #changed = new Set<number>();
  /** Streams that a layer below knows, and that were given up. */
  readonly #gone: StreamHead[] = [];
  readonly #lists = new StreamLists();
  readonly #offsets: Offsets;
  #time: number;
  #facts: number;

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
    if (head !== undefined || replaces !== undefined) this.#lists.replaceHead(stream, head ?? NO_HEAD);
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

  find(query: FindQuery, isHidden = NOTHING_HIDDEN): Iterable<StreamHead> {
    const { open, newestFirst = false } = query;
    const isAsked = ({ head, started }: Stream): boolean =>
      (open === undefined || head.open === open) && query.keys.every((key) => head.keys.includes(key)) && !isHidden(started);
    const own = mapped(filtered(this.#lists.candidates(query), isAsked), view);
    if (this.#below.position === 0) return own;
    return inOrder(own, this.#below.find(query, this.#hiding(isHidden)), (one, other) =>
      newestFirst ? one.started > other.started : one.started < other.started,
    );
  }

  ranked(query: RankQuery, isHidden = NOTHING_HIDDEN): Iterable<RankedHead> {
    const shown = filtered(this.#lists.ranked(query), ({ started }) => !isHidden(started));
    const own = mapped(shown, ({ place, stream }): RankedHead => ({ ...view(stream), place }));
    if (this.#below.position === 0) return own;
    return inOrder(own, this.#below.ranked(query, this.#hiding(isHidden)), (one, other) =>
      query.descending === true ? rankedBefore(other, one) : rankedBefore(one, other),
    );
  }

  due(until: number, isHidden = NOTHING_HIDDEN): Iterable<StreamHead> {
    const own = this.#due(until, isHidden);
    return this.#below.position === 0 ? own : inOrder(own, this.#below.due(until, this.#hiding(isHidden)), dueBefore);
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

  *#due(until: number, isHidden: IsHidden): Generator<StreamHead, void, undefined> {
    for (const { due, started, stream } of this.#lists.timed()) {
      if (due > until) return;
      if (stream.head.open && !isHidden(started)) yield view(stream);
    }
  }

  /** What layers below are not to show. */
  #hiding(isHidden: IsHidden): IsHidden {
    return (started) => this.#changed.has(started) || isHidden(started);
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
    this.#lists.add(stream);
    if (known !== undefined) {
      this.#changed.add(known.started);
      this.#lists.replaceHead(stream, headOf(known));
    }
    return stream;
  }

  /** From now on there is no such stream; one that begins under its name is another. */
  #giveUp(stream: Stream): void {
    if (stream.before !== undefined) this.#gone.push(stream.before);
    this.#lists.replaceHead(stream, NO_HEAD);
    this.#lists.delete(stream);
    stream.isGone = true;
    stream.firsts.length = 0;
    stream.positions.length = 0;
  }
}

function* mapped<T, U>(values: Iterable<T>, change: (value: T) => U): Generator<U, void, undefined> {
  for (const value of values) yield change(value);
}

function* filtered<T>(values: Iterable<T>, isAsked: (value: T) => boolean): Generator<T, void, undefined> {
  for (const value of values) if (isAsked(value)) yield value;
}

/** Index of the first element that is not under `value`, in an ascending list. */
function lowerBound(ascending: readonly number[], value: number): number {
  return bisect(ascending.length, (index) => (ascending[index] ?? value) >= value);
}
