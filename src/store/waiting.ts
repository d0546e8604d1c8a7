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

/** True when it is known what facts say, and what was before them. Events have nothing before them, and one that was given up is missed for good. */
export async function canBeTold(ledger: Ledger, ids: readonly string[]): Promise<boolean> {
  for (const id of ids) {
    if (placeOf(id)?.kind !== "store") continue;
    const found = await findFact({ ledger }, id);
    if (found.status === "given_up") return false;
    if (found.status !== "found" || found.fact.previous === null) continue;
    if ((await findFact({ ledger }, found.fact.previous)).status !== "found") return false;
  }
  return true;
}
