// Facts that wait for a derived store since it could not take them in.

import type { Ledger } from "../ledger/ledger.ts";
import type { Derived } from "./derive.ts";
import { factById, findFact } from "./fact-reader.ts";
import { placeOf } from "./names.ts";
import { type SourceChange, sourceChange } from "./source-change.ts";

/** Changes that could not be taken in before. */
export async function changesAgain(ledger: Ledger, derived: Derived<unknown>, ids: readonly string[]): Promise<readonly SourceChange[]> {
  const changes: SourceChange[] = [];
  for (const id of ids) {
    const fact = await factById({ ledger }, id);
    for (const [source, { kind, name }] of derived.rule.sources) {
      const isIts = fact?.store === name && placeOf(id)?.kind === kind;
      const change = isIts ? await sourceChange(ledger, derived, source, fact) : undefined;
      if (change !== undefined) changes.push(change);
    }
  }
  return changes;
}

/** True when it is known what facts say, and this edition can read what was before them. Events have nothing before them, and one that was given up is missed for good. */
export async function canBeTold(ledger: Ledger, { rule }: Derived<unknown>, ids: readonly string[]): Promise<boolean> {
  for (const id of ids) {
    const place = placeOf(id);
    if (place?.kind !== "store") continue;
    const found = await findFact({ ledger }, id);
    if (found.status === "given_up") return false;
    if (found.status !== "found" || found.fact.previous === null) continue;
    const before = await findFact({ ledger }, found.fact.previous);
    if (before.status !== "found") return false;
    const { version } = before.fact;
    if ([...rule.sources.values()].some(({ kind, name, version: known }) => kind === "store" && name === place.store && version > known))
      return false;
  }
  return true;
}
