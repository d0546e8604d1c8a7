// The run that another one was forked from, as it stood at that place of the ledger.

import { inheritFrom } from "../run/inherit.ts";
import type { RunState } from "../run/state.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { foldEntries } from "./plans.ts";
import { recordedRun } from "./recorded-run.ts";

/** Offers a forked run the work of the other one; a run that was not forked, or has ended, is left as it is. */
export async function inherit(host: Pick<EmbeddedHost, "ledger">, state: RunState): Promise<void> {
  const { forked, plan } = state;
  if (forked === undefined || state.endedAt !== undefined) return;
  if (host.ledger.head(forked.run) === undefined) return;
  const recorded = await recordedRun(host.ledger, forked.run, plan);
  const entries = recorded.entries.filter(({ position }) => position <= forked.position);
  // It may have been removed, or have begun only later: then there is nothing to take over.
  if (entries.length === 0) return;
  const { changed, migrated, accepted } = recorded;
  const different = new Set([...changed, ...migrated.keep, ...migrated.rerun, ...accepted]);
  inheritFrom(state, foldEntries(forked.run, plan, entries, different), different);
}
