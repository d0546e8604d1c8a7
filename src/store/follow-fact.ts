// Whether a fact of another ledger follows on what there is here of its key. Pure: how the key stands is given.

import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Commit } from "../ledger/ledger.ts";
import { type CutRecord, NOTHING_GONE } from "./cut.ts";
import type { ForeignFact } from "./exported-fact.ts";
import { type KeyNote, keyNote } from "./key-note.ts";
import { headKeys } from "./names.ts";
import type { Tip } from "./order-draft.ts";

/** @throws InputError `facts_diverged` */
export function assertFollows({ id, place, previous }: ForeignFact, tip: Pick<KeyNote, "number" | "id">): void {
  if (place.number === tip.number + 1 && previous === tip.id) return;
  const { store, key, number } = place;
  const isGap = number > tip.number + 1;
  const here = tip.id === null ? "there is none of its key here" : `the latest one here is ${tip.id}`;
  const why = isGap ? `facts before it are missing: ${here}` : `it rests on ${previous ?? "no other"}, and ${here}`;
  throw diverged({ id, store, key, number }, why, isGap ? "gap" : "other", tip.id);
}

/** That two ledgers say different things about a key. */
export function diverged(
  { id, store, key, number }: { readonly id: string; readonly store: string; readonly key: string; readonly number: number },
  why: string,
  reason: "gap" | "other",
  found: string | null,
): InputError {
  return new InputError("facts_diverged", `${id} cannot be taken as fact ${number} of ${JSON.stringify(key)} in ${store}: ${why}`, {
    fix:
      reason === "gap"
        ? "Import what comes before it, from the position up to which facts were taken (kindling.factImports()). What was given up where it comes from cannot be brought any more."
        : "Somebody wrote this key in both ledgers. One of them must be the only one that is written to: decide which of the facts counts, and write the others anew there.",
    details: { id, store, key, number, reason, found },
  });
}

/** For a key that nobody knows here, and whose beginning is gone where the fact comes from: what says so here. Undefined for any other. */
export function begunLater(
  stream: string,
  { id, place, previous, gone, origin, act }: ForeignFact,
  tip: Tip,
): { readonly commit: Commit; readonly tip: Tip } | undefined {
  const before = place.number - 1;
  if (tip.version > 0 || before === 0 || gone === undefined || gone.to < before) return undefined;
  const by = gone.receipt === null ? [] : [{ to: before, receipt: gone.receipt }];
  const record: CutRecord = { gone: { ...NOTHING_GONE, to: before, erased: gone.receipt === null ? before : 0, by }, chunks: [] };
  const cut = { to: before, at: 2, gone: before, since: origin.time };
  const note = keyNote({ id, isPresent: act === "written", valueVersion: 1, cut, erased: 0 });
  // Every member of it is JSON.
  const facts = [{ type: "store.cut", ...(record as unknown as JsonObject) }];
  const head = { open: false, keys: [headKeys.all(place.kind, place.store)], note };
  return {
    commit: { run: stream, expected: 0, facts, head },
    tip: { version: 1, number: before, id: previous, isPresent: false, valueVersion: 1, cut, erased: 0, uses: 0 },
  };
}
