// A cut: older facts of a key are given up, and what is left of its past is written again, in one change. It leaves a record of what is gone, the facts that are kept in chunks,
// and the latest one in a commit of its own, as it was: whoever asks what is there now does not notice. Pure.
//
// Numbers, ids and hashes stay. What is gone from the beginning leaves its count, a hash over its hashes and the last of them, which the next fact names: the facts of a key stay
// a chain. What was taken out in between leaves all but its value.

import { BugError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Commit, StreamHead } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import { inChunks } from "./chunks.ts";
import type { RawFact, RecordedAt } from "./fact.ts";
import { keyNote, keyNoteOf } from "./key-note.ts";

/** A fact of a past: as it was recorded, and under which receipt its value was given up, if it was. */
export interface PastFact {
  readonly fact: RawFact;
  readonly json: JsonObject;
  readonly receipt: string | undefined;
}

/** Facts from the beginning of a key that are gone. */
export interface Gone {
  /** Number of the last of them; 0 when none are. */
  readonly to: number;
  /** Up to this number they were erased; 0 for none. */
  readonly erased: number;
  /** SHA-256 over the hashes of the others: each over the one before and the next hash. */
  readonly digest: string;
  /** Hash of the last of them. */
  readonly last: string | null;
  /** The earliest and the latest time since when one of them held; null where there are none, or where it is not known: of facts that went in another ledger. */
  readonly validFrom: readonly [number, number] | null;
  /** Which receipt tells of those up to a number. */
  readonly by: readonly GoneBy[];
}

/** Facts behind those of the part before, up to a number, and the receipt of their going. */
export interface GoneBy {
  readonly to: number;
  readonly receipt: string;
}

/** Facts that were written again together: where the first of them was recorded. */
export interface Chunk extends RecordedAt {
  /** Number of its first fact. */
  readonly from: number;
}

/** What the record of a cut says. */
export interface CutRecord {
  readonly gone: Gone;
  readonly chunks: readonly Chunk[];
}

/** What is known before anything is gone. */
export const NOTHING_GONE: Gone = { to: 0, erased: 0, digest: "", last: null, validFrom: null, by: [] };

/** Facts of a key that are kept may have so much JSON: they are written again together. */
export const KEPT_LIMIT_BYTES = 64 * 1024 * 1024;

/** Commits of facts that are written again together, in one change with what is left of their notes. */
const CHUNKS_MOST = 900;
/** Parts of what is gone that name a receipt of their own; older ones are told under the receipt behind them. */
const PARTS_MOST = 256;

/** Takes facts in order into what is gone. @param receipt of their going; none for those that were erased */
export function withGone(gone: Gone, facts: readonly (PastFact | undefined)[], receipt: string): Gone {
  if (facts.length === 0) return gone;
  let { digest, last, erased, validFrom } = gone;
  let { to } = gone;
  const isUnknown = validFrom === null && to > erased;
  for (const past of facts) {
    to += 1;
    if (past === undefined) {
      erased = to;
      continue;
    }
    const { hash, validFrom: since } = past.fact;
    digest = sha256(`${digest}${hash}`);
    last = hash;
    if (!isUnknown) validFrom = [Math.min(validFrom?.[0] ?? since, since), Math.max(validFrom?.[1] ?? since, since)];
  }
  const by = [...gone.by.filter((part) => part.receipt !== receipt), { to, receipt }];
  return { to, erased, digest, last, validFrom, by: by.slice(-PARTS_MOST) };
}

/** The same fact without its value: what names it can be followed on. */
export function withoutValue({ fact, json: { value: _value, ...json } }: PastFact, receipt: string): PastFact {
  return { fact: { ...fact, value: undefined }, json: { ...json, givenUp: receipt }, receipt };
}

/** How much JSON facts are that would be written again. */
export function sizeOf(facts: readonly PastFact[]): number {
  return facts.reduce((sum, { json }) => sum + JSON.stringify(json).length, 0);
}

/**
 * The commits that put a cut past in the place of a stream. They are one change.
 * @param facts those that stay, the latest one at the end
 */
export function cutCommits(head: StreamHead, gone: Gone, facts: readonly PastFact[]): readonly Commit[] {
  const latest = facts.at(-1);
  const before = keyNoteOf(head);
  if (latest === undefined || latest.fact.id !== before.id) throw new BugError(`a cut of ${head.run} would lose its latest fact`);
  const chunks = inChunks(facts.slice(0, -1), (fact) => sizeOf([fact]), CHUNKS_MOST);
  const record: CutRecord = {
    gone,
    chunks: chunks.map(([first]) => ({ from: first.fact.number, position: first.fact.position, time: first.fact.time })),
  };
  // Every member of it is JSON.
  const texts = [
    { type: "store.cut", ...(record as unknown as JsonObject) },
    ...chunks.map((chunk) => ({ type: "store.past", facts: chunk.map(again) })),
    again(latest),
  ];
  const { run, version: _version, started: _started, position: _position, startedAt: _startedAt, time: _time, ...said } = head;
  const since = facts[0]?.fact.time ?? latest.fact.time;
  const { number, position, time } = latest.fact;
  const cut = { to: number - 1, at: head.version + texts.length, gone: gone.to, since, latest: { position, time } };
  const note = { ...head.note, ...keyNote({ ...before, id: latest.fact.id, cut }) };
  return texts.map((fact, index): Commit => {
    const commit = { run, expected: head.version + index, facts: [fact] };
    return index === 0 ? { ...commit, head: { ...said, note }, replaces: "before" } : commit;
  });
}

/** As it was recorded, with where that was. */
function again({ fact: { position, time }, json }: PastFact): JsonObject {
  return { ...json, at: { position, time } };
}
