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
  const at = { id, store, key, number };
  if (isErasedIn(tip)) throw diverged(at, "its key was erased here, and not where it comes from", "erased_here", null);
  if (previous === null && number > 1 && tip.id !== null)
    throw diverged(at, `its key was erased where it comes from, and not here: the latest one here is ${tip.id}`, "erased_there", tip.id);
  const isGap = number > tip.number + 1;
  const here = tip.id === null ? "there is none of its key here" : `the latest one here is ${tip.id}`;
  const why = isGap ? `facts before it are missing: ${here}` : `it rests on ${previous ?? "no other"}, and ${here}`;
  throw diverged(at, why, isGap ? "gap" : "other", tip.id);
}

function isErasedIn({ number, id }: Pick<KeyNote, "number" | "id">): boolean {
  return id === null && number > 0;
}

/** True for a fact with which its key begins here, though not with number 1: all before it is gone where it comes from, and nothing of it can be read here. */
export function beginsLater({ place, gone }: ForeignFact, tip: Pick<KeyNote, "number" | "id">): boolean {
  const before = place.number - 1;
  return tip.id === null && before > tip.number && gone !== undefined && gone.to >= before;
}

const CURES = {
  gap: "Import what comes before it, from the position up to which facts were taken (kindling.factImports()). What was given up where it comes from cannot be brought any more.",
  other:
    "Somebody wrote this key in both ledgers. One of them must be the only one that is written to: decide which of the facts counts, and write the others anew there.",
  erased_here:
    "An erasure does not travel: erase the key where the export comes from, too. What is written there from then on can be taken.",
  erased_there: "An erasure does not travel: erase the key here, too (kindling.eraseFacts), and import again.",
} as const;

/** That two ledgers say different things about a key. */
export function diverged(
  { id, store, key, number }: { readonly id: string; readonly store: string; readonly key: string; readonly number: number },
  why: string,
  reason: keyof typeof CURES,
  found: string | null,
): InputError {
  return new InputError("facts_diverged", `${id} cannot be taken as fact ${number} of ${JSON.stringify(key)} in ${store}: ${why}`, {
    fix: CURES[reason],
    details: { id, store, key, number, reason, found },
  });
}

/** For a key of which nothing is known here, or nothing any more, and whose beginning is gone where the fact comes from: what says so here. Undefined for any other. */
export function begunLater(stream: string, foreign: ForeignFact, tip: Tip): { readonly commit: Commit; readonly tip: Tip } | undefined {
  const { id, place, previous, gone, origin, act } = foreign;
  if (gone === undefined || !beginsLater(foreign, tip)) return undefined;
  const before = place.number - 1;
  const erased = gone.receipt === null ? before : 0;
  const by = gone.receipt === null ? [] : [{ to: before, receipt: gone.receipt }];
  const record: CutRecord = { gone: { ...NOTHING_GONE, to: before, erased, by }, chunks: [] };
  const cut = { to: before, at: tip.version + 2, gone: before, since: origin.time };
  const note = keyNote({ id, isPresent: act === "written", valueVersion: 1, cut, erased });
  // Every member of it is JSON.
  const facts = [{ type: "store.cut", ...(record as unknown as JsonObject) }];
  const head = { open: false, keys: [headKeys.all(place.kind, place.store)], note };
  return {
    commit: { run: stream, expected: tip.version, facts, head, ...(tip.version === 0 ? {} : { replaces: "before" }) },
    tip: { version: tip.version + 1, number: before, id: previous, isPresent: false, valueVersion: 1, cut, erased, uses: 0 },
  };
}
