// The run that another one was forked from, as it stood at that place of the ledger.

import { inheritFrom } from "../run/inherit.ts";
import type { RunState } from "../run/state.ts";
import { comparePlan } from "./compare-plan.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { foldEntries } from "./plans.ts";

/** Offers a forked run the work of the other one; a run that was not forked, or has ended, is left as it is. */
export async function inherit(host: Pick<EmbeddedHost, "ledger">, state: RunState): Promise<void> {
  const { forked, plan } = state;
  if (forked === undefined || state.endedAt !== undefined) return;
  const entries = (await host.ledger.read(forked.run)).filter(({ position }) => position <= forked.position);
  // It may have been removed, or have begun only later: then there is nothing to take over.
  if (entries.length === 0) return;
  const { changed, accepted } = await comparePlan(host.ledger, forked.run, plan, entries);
  const different = new Set([...changed, ...accepted]);
  inheritFrom(state, foldEntries(forked.run, plan, entries, different), different);
}
