// How streams, their keys, their places, their times and their commits stand in the sorted map of the tables: what keys look like, and what is said of a stream.
//
//   d<due 15><started 12>           an open stream that is due
//   h<started 12><first fact 12>    commits of a stream: position, offset and facts of each, as differences
//   k<hash of a key 16><started 12> a stream that carries the key
//   n<run>                          where the stream of that name started: its number
//   p<position 12>                  where every so many-th commit lies
//   r<hash of a list 16><place> U+0000 <started 12>   a stream at one of its places in the list
//   s<started 12>                   all there is to know about a stream

import { hash } from "node:crypto";
import type { Head, StreamHead } from "./ledger.ts";
import { headOf } from "./stream.ts";
import type { Lookups } from "./table/filter.ts";
import { VARINT_BYTES, writeVarint } from "./table/block.ts";

/** What keys begin with that lead from names to streams. */
export const NAME_PREFIX = "n";

/** A table with commits of a stream has what there is to know about it, too. */
export const LOOKUPS: Lookups = {
  isLookedUp: (key) => key.startsWith(NAME_PREFIX) || key.startsWith("s"),
  beside: (prefix) => (prefix.startsWith("h") ? `s${prefix.slice(1, 1 + START_DIGITS)}` : undefined),
};

/** No caller's key: such a text is never hashed for one, since theirs are prefixed. */
export const OPEN = "open";

/** Sorts before all that a place may hold, so that a place stands before those that go on behind it. */
const PLACE_END = "\u0000";

/** Sorts behind all that places may begin with. */
export const LAST_PLACE = "\uffff";

/** Sorts behind all digits. */
export const LAST = "~";

/** What keys begin with of the streams that are listed by a text. */
export function listOf(text: string): string {
  return `k${hash("sha256", text, "base64url").slice(0, 16)}`;
}

/** What a stream is listed by. */
export function textsOf(head: StreamHead | undefined): readonly string[] {
  if (head === undefined) return [];
  const texts = head.keys.map((key) => `key ${key}`);
  if (head.open) texts.push(OPEN);
  return texts;
}

/** Where a stream stands in lists that are in order. */
export function ranksOf(head: StreamHead | undefined, prefixOf: (list: string) => string): readonly string[] {
  return head?.ranks?.map(({ list, place }) => prefixOf(list) + placeKey(place, head.started)) ?? [];
}

/** What keys begin with of the places in a list. */
export function rankedOf(list: string): string {
  return `r${hash("sha256", list, "base64url").slice(0, 16)}`;
}

/** A place as it stands behind the list. */
export function placeKey(place: string, started: number): string {
  return place + PLACE_END + pad(started);
}

/** The times a stream is due at. */
export function timesOf(head: StreamHead | undefined): readonly string[] {
  return head?.open === true && head.due !== undefined ? [dueText(head.due)] : [];
}

/** Run, version, time of the start, position, time, head, the slot of its key, and of its last commit the first fact and the offset. */
type StreamRecord = readonly [string, number, number, number, number, Head, number | null, number, number];

/** The last commit of a stream: its first fact, and where it begins in the log. */
export interface LastCommit {
  readonly first: number;
  readonly offset: number;
}

/** A stream as tables know it. */
export interface StoredStream {
  readonly head: StreamHead;
  readonly slot: number | undefined;
  readonly last: LastCommit;
}

/** All there is to know about a stream. */
export function encodeStream(stream: StreamHead, slot: number | undefined, { first, offset }: LastCommit): Buffer {
  const { run, version, startedAt, position, time } = stream;
  const record: StreamRecord = [run, version, startedAt, position, time, headOf(stream), slot ?? null, first, offset];
  return Buffer.from(JSON.stringify(record));
}

export function decodeStream(started: number, value: Buffer): StoredStream {
  // Written by `encodeStream`, and read under a checksum.
  const record = JSON.parse(value.toString("utf8")) as StreamRecord;
  const [run, version, startedAt, position, time, head, slot, first, offset] = record;
  return { head: { ...head, run, version, started, startedAt, position, time }, slot: slot ?? undefined, last: { first, offset } };
}

export function encodeNumber(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(VARINT_BYTES);
  return bytes.subarray(0, writeVarint(bytes, 0, value));
}

export const DUE_DIGITS = 15;

export function dueText(due: number): string {
  return String(Math.min(Math.max(0, Math.floor(due)), 999_999_999_999_999)).padStart(DUE_DIGITS, "0");
}

const START_DIGITS = 12;

/** What stands behind a place. */
export const PLACE_TAIL = PLACE_END.length + START_DIGITS;

export function pad(position: number): string {
  return String(position).padStart(START_DIGITS, "0");
}
