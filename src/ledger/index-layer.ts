// What is known of the streams of a log up to a position. A layer stands on the one below it: what it does not know itself, that one does.

import type { FindQuery, StreamHead } from "./ledger.ts";
import type { RankedHead, RankQuery } from "./rank.ts";

/** A commit, and where its line begins in the log. */
export interface Place {
  readonly position: number;
  readonly offset: number;
}

/** True for the start of a stream of which a layer above knows more: it is passed over without a look at what it says, since there can be many of them in a row. */
export type IsHidden = (started: number) => boolean;

/** One layer. Everything is in order and comes as it is asked for, so that a limit costs no more than what it lets through. */
export interface IndexLayer {
  /** Position and time of the last commit it knows; 0 for none. */
  readonly position: number;
  readonly time: number;
  /** Facts in all streams. */
  readonly facts: number;
  head(run: string): StreamHead | undefined;
  /** In an encrypted ledger: the slot of the key that the stream's latest commit was sealed with. */
  slotOf(run: string): number | undefined;
  /** Streams that match, oldest first or newest first; `limit` is the caller's affair. */
  find(query: FindQuery, isHidden?: IsHidden): Iterable<StreamHead>;
  /** Streams of a list, by their places; `limit` is the caller's affair. */
  ranked(query: RankQuery, isHidden?: IsHidden): Iterable<RankedHead>;
  /** Open streams that are due at a time, earliest first; of equals, the older stream. */
  due(until: number, isHidden?: IsHidden): Iterable<StreamHead>;
  /** The commits of a stream, from the one that holds fact number `from` on, at most `limit` of them. */
  places(run: string, from: number, limit?: number): readonly Place[];
  /** The last commit at or before a position whose place is known. */
  placeBefore(position: number): Place | undefined;
}

/** Of the uppermost layer, everything is shown. */
export const NOTHING_HIDDEN: IsHidden = () => false;

/** Knows nothing: what every other layer stands on in the end. */
export const NO_INDEX: IndexLayer = Object.freeze({
  position: 0,
  time: 0,
  facts: 0,
  head: () => undefined,
  slotOf: () => undefined,
  find: () => [],
  ranked: () => [],
  due: () => [],
  places: () => [],
  placeBefore: () => undefined,
});

type Timed = Pick<StreamHead, "due" | "started">;

/** The order in which streams are due. */
export function dueBefore(one: Timed, other: Timed): boolean {
  const [first, second] = [one.due ?? 0, other.due ?? 0];
  return first === second ? one.started < other.started : first < second;
}

/** Two ordered lists as one. */
export function* inOrder<T>(one: Iterable<T>, other: Iterable<T>, isBefore: (one: T, other: T) => boolean): Generator<T> {
  const [first, second] = [one[Symbol.iterator](), other[Symbol.iterator]()];
  let left = first.next();
  let right = second.next();
  while (left.done !== true && right.done !== true) {
    if (isBefore(right.value, left.value)) {
      yield right.value;
      right = second.next();
    } else {
      yield left.value;
      left = first.next();
    }
  }
  for (; left.done !== true; left = first.next()) yield left.value;
  for (; right.done !== true; right = second.next()) yield right.value;
}

/** The first values of a list, as many as are asked for. */
export function upTo<T>(values: Iterable<T>, limit = Number.POSITIVE_INFINITY): readonly T[] {
  const taken: T[] = [];
  if (limit <= 0) return taken;
  for (const value of values) {
    taken.push(value);
    if (taken.length >= limit) break;
  }
  return taken;
}
