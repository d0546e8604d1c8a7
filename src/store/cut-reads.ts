// What was read lately of what cuts have left: whoever walks over facts asks for one after the other, and many of them stand together. Knows how cuts are told apart, and reads nothing.

import type { Ledger } from "../ledger/ledger.ts";
import { Recent } from "../ledger/recent.ts";
import type { CutRecord, PastFact } from "./cut.ts";
import type { CutPlace } from "./key-note.ts";

/** The record of a cut, and its place in the stream. */
export interface CutEntry {
  readonly record: CutRecord;
  readonly place: number;
}

/** What was read of one cut: its record, and one chunk. */
export interface CutReads {
  entry: Promise<CutEntry> | undefined;
  chunk: { readonly index: number; readonly facts: Promise<readonly PastFact[]> } | undefined;
}

/** Keys of a ledger of which that is kept in memory. */
const KEYS_MOST = 8;

const recent = new WeakMap<Ledger, Recent<string, CutReads>>();

/** Of a cut that a head tells of: another one of the same key stands elsewhere, and of a key that was erased no head tells any. */
export function readsOf(ledger: Ledger, stream: string, { at }: CutPlace): CutReads {
  const known = recent.get(ledger) ?? new Recent<string, CutReads>(KEYS_MOST);
  recent.set(ledger, known);
  const name = `${at} ${stream}`;
  const reads = known.get(name) ?? { entry: undefined, chunk: undefined };
  known.set(name, reads);
  return reads;
}
