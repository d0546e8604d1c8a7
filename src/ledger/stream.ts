// A stream as a layer of the index in memory knows it.

import type { Place } from "./index-layer.ts";
import type { Head, StreamHead } from "./ledger.ts";

/** A stream that a layer knows something new of. */
export interface ChangedStream {
  /** As it was before the layer; undefined for one that began in it. */
  readonly before: StreamHead | undefined;
  /** As it is now; undefined for one that was given up. */
  readonly head: StreamHead | undefined;
  readonly slot: number | undefined;
  /** Its new commits, and the number of the first fact of each. */
  readonly places: readonly Place[];
  readonly firsts: readonly number[];
  /** Commits of it that layers below know are no longer its own. */
  readonly isCut: boolean;
}

/** Whatever began at a place of the log. */
export type Started = Stream | Pick<Stream, "started" | "before">;

/** A stream in memory: what one layer knows of it. */
export interface Stream {
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
  /** What layers below know of its commits counts no more. */
  isCut: boolean;
  isGone: boolean;
}

/** A stream that never got a head can still grow and is found by no key. */
export const NO_HEAD: Head = Object.freeze({ open: true, keys: Object.freeze([]), note: Object.freeze({}) });

/** The stream as it stands. */
export function view({ run, version, started, startedAt, position, time, head }: Stream): StreamHead {
  return { ...head, run, version, started, position, startedAt, time };
}

/** What was said of a stream last. */
export function headOf({ open, keys, note, due, ranks }: StreamHead): Head {
  return { open, keys, note, ...(due === undefined ? {} : { due }), ...(ranks === undefined ? {} : { ranks }) };
}

/** What a stream said until now is not asked for again. */
export function cut(stream: Stream): void {
  stream.isCut = true;
  stream.firsts.length = 0;
  stream.positions.length = 0;
}

/** True for two lists with the same elements in the same order. */
export function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
