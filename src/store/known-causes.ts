// Causes that somebody named: what is no fact cannot be one. Those of runs have ids of another kind, and are not looked up.

import { InputError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { FactOrder } from "./change.ts";
import { findFact } from "./fact-reader.ts";
import { type KeyNote, keyNoteOf } from "./key-note.ts";
import { placeOf, streamOf } from "./names.ts";

/** Looks up the causes that are on the disk, and gives them. One that is the latest of its key is not read. @throws InputError `unknown_cause` */
export async function knownCauses(ledger: Ledger, orders: readonly FactOrder[]): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for (const cause of causesOf(orders)) {
    const place = placeOf(cause);
    if (place === undefined) continue;
    const { number, id } = keyNoteOf(ledger.head(streamOf(place.kind, place.store, place.key)));
    // Behind it is what may be on its way.
    if (place.number > number) continue;
    if (cause !== id && !(await isThere(ledger, cause))) throw unknown(cause);
    known.add(cause);
  }
  return known;
}

/**
 * Refuses causes that are neither known, nor in the order itself, nor the latest on its way.
 * @param standing how a key stands, with what is on its way @throws InputError `unknown_cause`
 */
export function assertKnown(
  orders: readonly FactOrder[],
  own: readonly { readonly id: string }[],
  { known, standing }: { readonly known: ReadonlySet<string>; readonly standing: (stream: string) => Pick<KeyNote, "id"> },
): void {
  for (const cause of causesOf(orders)) {
    const place = known.has(cause) ? undefined : placeOf(cause);
    if (place === undefined || standing(streamOf(place.kind, place.store, place.key)).id === cause) continue;
    if (!own.some(({ id }) => id === cause)) throw unknown(cause);
  }
}

/** What a fact of another ledger rests on may come later, or not at all. */
function causesOf(orders: readonly FactOrder[]): ReadonlySet<string> {
  return new Set(orders.flatMap(({ causes, foreign }) => (foreign === undefined ? causes : [])));
}

/** What was given up or erased was there. */
async function isThere(ledger: Ledger, cause: string): Promise<boolean> {
  try {
    return (await findFact({ ledger }, cause)).status !== "not_found";
  } catch (error) {
    // One that was changed where it stands is told as that.
    if (error instanceof InputError && error.code === "fact_differs" && error.details["found"] !== cause) return false;
    throw error;
  }
}

function unknown(cause: string): InputError {
  return new InputError("unknown_cause", `there is no fact ${JSON.stringify(cause)}`, {
    fix: "Give the id of a receipt or of a fact that was read.",
    details: { cause },
  });
}
