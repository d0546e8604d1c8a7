// The run that another one was forked from, as it stood at that place of the ledger.

import type { Entry } from "../ledger/ledger.ts";
import { compactedNote } from "../run/compacted.ts";
import { isErased } from "../run/erased.ts";
import type { Fact } from "../run/fact.ts";
import { fold } from "../run/fold.ts";
import { inheritFrom } from "../run/inherit.ts";
import { readFact } from "../run/read-fact.ts";
import type { RunState } from "../run/state.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { foldEntries } from "./plans.ts";
import { recordedRun } from "./recorded-run.ts";

/** Offers a forked run the work of the other one; a run that was not forked, or has ended, is left as it is. */
export async function inherit(host: Pick<EmbeddedHost, "ledger">, state: RunState): Promise<void> {
  const { forked, plan } = state;
  if (forked === undefined || state.endedAt !== undefined) return;
  const head = host.ledger.head(forked.run);
  // What an erased or compacted run did is done again.
  if (head === undefined || isErased(head.note) || compactedNote(head.note) !== undefined) return;
  const recorded = await recordedRun(host.ledger, forked.run, plan);
  const entries = recorded.entries.filter(({ position }) => position <= forked.position);
  // It may have been removed, or have begun only later: then there is nothing to take over.
  if (entries.length === 0) return;
  const { changed, migrated, accepted } = recorded;
  const different = new Set([...changed, ...migrated.keep, ...migrated.rerun, ...accepted]);
  const donor = foldEntries(forked.run, plan, entries, different);
  // What was taken back since stands no more, from wherever the fork goes on.
  for (const entry of recorded.entries) if (entry.position > forked.position) foldTakenBack(donor, entry);
  inheritFrom(state, donor, different);
}

const TAKING_BACK: ReadonlySet<Fact["type"]> = new Set(["run.compensating", "compensation.succeeded", "child.compensated"]);

function foldTakenBack(donor: RunState, { run, facts, time }: Entry): void {
  for (const json of facts) {
    const fact = readFact(json, run);
    if (TAKING_BACK.has(fact.type)) fold(donor, fact, time);
  }
}
