// What the streams of a layer in memory are found by: their start, the keys, the times and the places that their heads say. Each list is in order at all times, so that a question costs
// what it gives. Knows nothing of the layers below.

import { dueBefore } from "./index-layer.ts";
import type { FindQuery, Head } from "./ledger.ts";
import { type Rank, rankedBefore, type RankQuery } from "./rank.ts";
import { SortedList } from "./sorted-list.ts";
import { isSameList, type Stream } from "./stream.ts";

/** A stream at one of its places. */
export interface RankedStream {
  readonly place: string;
  readonly started: number;
  readonly stream: Stream;
}

/** A stream by its time: what is there while its head says that time. */
interface TimedStream {
  readonly due: number;
  readonly started: number;
  readonly stream: Stream;
}

/** The lists of one layer. */
export class StreamLists {
  readonly #byStart = new SortedList<Stream>(startedBefore);
  readonly #byKey = new Map<string, SortedList<Stream>>();
  readonly #byPlace = new Map<string, SortedList<RankedStream>>();
  readonly #byTime = new SortedList<TimedStream>(dueBefore);

  /** A stream that has no head yet. */
  add(stream: Stream): void {
    this.#byStart.add(stream);
  }

  /** A stream that has no head any more. */
  delete(stream: Stream): void {
    this.#byStart.delete(stream);
  }

  /** Gives a stream another head, and finds it by that from now on. */
  replaceHead(stream: Stream, head: Head): void {
    const old = stream.head;
    if (!isSameList(old.keys, head.keys)) this.#replaceKeys(stream, old.keys, head.keys);
    if (old.ranks !== undefined || head.ranks !== undefined) this.#replaceRanks(stream, old.ranks ?? [], head.ranks ?? []);
    if (old.due !== head.due) {
      if (old.due !== undefined) this.#byTime.delete({ due: old.due, started: stream.started, stream });
      if (head.due !== undefined) this.#byTime.add({ due: head.due, started: stream.started, stream });
    }
    stream.head = head;
  }

  /** Streams that may match, in the order asked for: those of the rarest key, or all. */
  candidates({ keys, after, newestFirst = false }: FindQuery): Iterable<Stream> {
    let rarest = this.#byStart;
    for (const key of keys) {
      const streams = this.#byKey.get(key);
      if (streams === undefined) return [];
      if (streams.size < rarest.size) rarest = streams;
    }
    return newestFirst
      ? rarest.down(({ started }) => after !== undefined && started >= after)
      : rarest.up(({ started }) => after !== undefined && started <= after);
  }

  /** Streams with a time, the earliest first. */
  timed(): Iterable<TimedStream> {
    return this.#byTime.up(() => false);
  }

  /** The part of a list, without its limit. */
  *ranked({ list, from, before, after, descending = false }: RankQuery): Generator<RankedStream, void, undefined> {
    const streams = this.#byPlace.get(list);
    if (streams === undefined) return;
    const isUnder = ({ place }: RankedStream): boolean => from !== undefined && place < from;
    const isOver = ({ place }: RankedStream): boolean => before !== undefined && place >= before;
    if (descending) {
      const isPast = (each: RankedStream): boolean => after !== undefined && !rankedBefore(each, after);
      for (const each of streams.down((one) => isOver(one) || isPast(one))) {
        if (isUnder(each)) return;
        yield each;
      }
    } else {
      const isPast = (each: RankedStream): boolean => after !== undefined && !rankedBefore(after, each);
      for (const each of streams.up((one) => isUnder(one) || isPast(one))) {
        if (isOver(each)) return;
        yield each;
      }
    }
  }

  #replaceKeys(stream: Stream, old: readonly string[], keys: readonly string[]): void {
    for (const key of without(old, keys, Object.is)) remove(this.#byKey, key, stream);
    for (const key of without(keys, old, Object.is)) insert(this.#byKey, key, stream, startedBefore);
  }

  #replaceRanks(stream: Stream, old: readonly Rank[], ranks: readonly Rank[]): void {
    const { started } = stream;
    for (const { list, place } of without(old, ranks, isSame)) remove(this.#byPlace, list, { place, started, stream });
    for (const { list, place } of without(ranks, old, isSame)) insert(this.#byPlace, list, { place, started, stream }, rankedBefore);
  }
}

/** Those of a list that the other one has not. Most stand where they stood, so that is looked at first. */
function* without<T>(list: readonly T[], other: readonly T[], isEqual: (one: T, other: T) => boolean): Generator<T, void, undefined> {
  for (const [index, element] of list.entries()) {
    const there = other[index];
    if (there !== undefined && isEqual(element, there)) continue;
    if (!other.some((each) => isEqual(element, each))) yield element;
  }
}

function insert<T>(lists: Map<string, SortedList<T>>, name: string, element: T, isBefore: (one: T, other: T) => boolean): void {
  let list = lists.get(name);
  if (list === undefined) lists.set(name, (list = new SortedList(isBefore)));
  list.add(element);
}

function remove<T>(lists: Map<string, SortedList<T>>, name: string, element: T): void {
  const list = lists.get(name);
  list?.delete(element);
  if (list?.size === 0) lists.delete(name);
}

function isSame(one: Rank, other: Rank): boolean {
  return one.list === other.list && one.place === other.place;
}

function startedBefore(one: Stream, other: Stream): boolean {
  return one.started < other.started;
}
