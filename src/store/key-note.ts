// What the head of a key's stream notes: which fact is its latest, whether it has a value, and where its facts stand once older ones were given up. Knows no facts.

import { isJsonObject, type JsonObject } from "../json.ts";
import type { StreamHead } from "../ledger/ledger.ts";
import { placeOf } from "./names.ts";

/** Where facts stand in a stream that was cut: those behind `to` one after the other from `at` on, all others in what the cut has left. */
export interface CutPlace {
  /** Number of the last fact that stands in what the cut has left. */
  readonly to: number;
  /** Place in the stream of the one behind it. */
  readonly at: number;
  /** So many facts are gone from the beginning. */
  readonly gone: number;
  /** When the first one that is there was recorded. */
  readonly since: number;
  /** Where the one behind `to` was recorded first, when the cut wrote it again. */
  readonly latest?: { readonly position: number; readonly time: number };
}

/** How a key stands. */
export interface KeyNote {
  /** Of the latest fact; 0 for none. Those of a key that was erased go on counting. */
  readonly number: number;
  readonly id: string | null;
  readonly isPresent: boolean;
  /** By the edition that wrote the latest fact. */
  readonly valueVersion: number;
  readonly cut: CutPlace | undefined;
  /** Facts up to this number were erased before it was written anew; 0 for none. */
  readonly erased: number;
}

/** The note for a head. */
export function keyNote({
  id,
  isPresent,
  valueVersion,
  cut,
  erased,
}: Omit<KeyNote, "number" | "id"> & { readonly id: string }): JsonObject {
  return {
    id,
    present: isPresent,
    ...(valueVersion === 1 ? {} : { version: valueVersion }),
    ...(cut === undefined ? {} : { cut: { ...cut } }),
    ...(erased === 0 ? {} : { erased }),
  };
}

/** How a key stands by the head of its stream. */
export function keyNoteOf(head: Pick<StreamHead, "version" | "note"> | undefined): KeyNote {
  const { id, present, version = 1, cut, erased = 0 } = head?.note ?? {};
  const place = typeof id === "string" ? placeOf(id) : undefined;
  const number = place?.number ?? head?.version ?? 0;
  return {
    number,
    id: typeof id === "string" ? id : null,
    isPresent: present === true,
    valueVersion: Number(version),
    // Written by `keyNote`.
    cut: isJsonObject(cut) ? (cut as JsonObject & CutPlace) : undefined,
    // What is erased takes the note along.
    erased: place === undefined ? number : Number(erased),
  };
}

/** Where and when the latest fact of a key was recorded: a cut that wrote it again is no news of it. */
export function latestPlaceOf(head: StreamHead): { readonly position: number; readonly time: number } {
  const { number, cut } = keyNoteOf(head);
  const { position, time } = (number - 1 === cut?.to ? cut.latest : undefined) ?? head;
  return { position, time };
}

/** How many facts of a key are kept, by its note. */
export function factsKept({ number, cut, erased }: Pick<KeyNote, "number" | "cut" | "erased">): number {
  return number - Math.max(cut?.gone ?? 0, erased);
}

/** Where a fact that stands in a commit of its own does so. */
export function streamPlace({ cut }: Pick<KeyNote, "cut">, number: number): number {
  return cut === undefined ? number : cut.at + number - cut.to - 1;
}
