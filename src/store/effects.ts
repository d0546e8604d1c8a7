// What is noted of a key, or of a run, by those that named one of its facts as a cause; and what of it is left when facts of the key are given up.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { JsonValue } from "../json.ts";
import type { Commit, Head, Ledger } from "../ledger/ledger.ts";
import { inChunks } from "./chunks.ts";
import { notesStream, placeOf, subjectOf } from "./names.ts";

/** That a fact rests on another one: ids. */
export interface EffectNote {
  readonly cause: string;
  readonly effect: string;
}

/** The head of a stream of notes. */
export const EFFECTS_HEAD: Head = { open: false, keys: ["store-effects"], note: {} };

/** Commits of notes read before everything else in this process has its turn: each may hold a thousand. */
const PAGE_NOTES = 32;

/** Which facts rest on any fact of a key or of a run, as often as it was said. @param subject a stream */
export async function* effectNotes(ledger: Ledger, subject: string): AsyncGenerator<EffectNote, void> {
  const stream = notesStream(subject);
  const size = ledger.head(stream)?.version ?? 0;
  for (let from = 1; from <= size; ) {
    const entries = await ledger.read(stream, { from, limit: PAGE_NOTES });
    for (const { cause, effect, effects } of entries.flatMap(({ facts }) => facts)) {
      if (typeof cause === "string" && typeof effect === "string") yield { cause, effect };
      else if (Array.isArray(effects)) yield* effects.map(noteOf);
    }
    const last = entries.at(-1);
    if (last === undefined) return;
    from = last.first + last.facts.length;
    if (from <= size) await nextTurn();
  }
}

/** In the change that cuts the key there is room for so many. */
const CHUNKS_MOST = 100;
/** More than this stays as it is. */
const KEPT_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * The commits that put what is left of the notes of a key in their place: none where all stay. Of a fact that is gone nobody asks any more what rests on it; which keys rest on its key is
 * asked by an erasure, for ever.
 * @param subject the stream of the key @param gone facts up to this number are gone
 */
export async function cutNotes(ledger: Ledger, subject: string, gone: number): Promise<readonly Commit[]> {
  const kept: EffectNote[] = [];
  const past: EffectNote[] = [];
  for await (const note of effectNotes(ledger, subject)) ((placeOf(note.cause)?.number ?? Infinity) <= gone ? past : kept).push(note);
  const resting = new Set([subject, ...kept.map(({ effect }) => subjectOf(effect))]);
  for (const note of past) {
    const key = subjectOf(note.effect);
    if (resting.has(key)) continue;
    resting.add(key);
    kept.push(note);
  }
  const run = notesStream(subject);
  const expected = ledger.head(run)?.version ?? 0;
  const pairs = kept.map(({ cause, effect }): Pair => [cause, effect]);
  if (past.length === 0 || sizeOf(pairs) > KEPT_LIMIT_BYTES) return [];
  // Where none are left, that is said.
  const chunks: readonly (readonly Pair[])[] = pairs.length === 0 ? [[]] : inChunks(pairs, (pair) => sizeOf([pair]), CHUNKS_MOST);
  return chunks.map((effects, index): Commit => {
    const commit = { run, expected: expected + index, facts: [{ type: "store.effects", effects: [...effects] }], head: EFFECTS_HEAD };
    return index === 0 ? { ...commit, replaces: "before" } : commit;
  });
}

type Pair = readonly [cause: string, effect: string];

function sizeOf(pairs: readonly Pair[]): number {
  return pairs.reduce((sum, pair) => sum + JSON.stringify(pair).length, 0);
}

/** Written by `cutNotes`. */
function noteOf(pair: JsonValue): EffectNote {
  const [cause, effect] = pair as unknown as Pair;
  return { cause, effect };
}
