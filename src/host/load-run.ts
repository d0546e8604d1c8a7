// Bringing a run back from the ledger: folded, compared with the plan there is now, and ready to go on.

import { RunError } from "../errors.ts";
import { resume } from "../run/decide.ts";
import { compactedMeanwhile, compactedNote } from "../run/compacted.ts";
import { erasedMeanwhile, isErased } from "../run/erased.ts";
import { isEnded } from "../run/state.ts";
import { ActiveRun } from "./active-run.ts";
import { contractChanged } from "./compare-plan.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { inherit } from "./inherit.ts";
import { findRun, snapshotOf, type FoldedRun, type FoundRun } from "./found-run.ts";
import { assertRestReady } from "./ready.ts";
import { isSnapshotDue } from "./snapshot-keeper.ts";

/** What a caller accepts about a run whose contract has changed. */
export type Acceptance = "keep" | "rerun";

/** Loads a run; one that shall only end needs nothing that its calls need. @throws RunError `run_erased`, `run_compacted`, `contract_not_found`, `contract_changed`, `not_configured` */
export async function loadRun(host: EmbeddedHost, id: string, isEnding: boolean, policy: Acceptance | undefined): Promise<ActiveRun> {
  const head = host.ledger.head(id);
  if (head !== undefined && isErased(head.note)) throw erasedMeanwhile(id);
  const compacted = head === undefined ? undefined : compactedNote(head.note);
  if (compacted !== undefined) throw compactedMeanwhile(id, compacted);
  const plan = host.plans.of(host.ledger, id);
  if (plan === undefined)
    throw new RunError("contract_not_found", `run ${id} is of a contract this runtime does not have`, {
      details: { run: id },
      fix: "Add the contract to the runtime's contracts.",
    });
  const found = await findRun(host.ledger, id, plan);
  const { isSame, changed, migrated } = found;
  if (changed.length > 0 && policy === undefined) throw contractChanged(id, plan.name, changed);
  if (!isSame) await host.plans.keep(host.ledger, plan);
  host.assertOpen();
  const { keep, rerun } = migrated;
  const folded = found.fold();
  const { state } = folded;
  const kept = keepSnapshot(host, found, folded);
  await inherit(host, state);
  if (!isEnding && !isEnded(state)) assertRestReady(state, host.models);
  resume(state);
  const run = new ActiveRun(state, host, false, kept);
  host.adopt(run);
  const upgraded = { type: "run.upgraded", version: plan.version, plan: plan.hash } as const;
  if (!isSame) {
    run.record({ ...upgraded, ...(keep.length === 0 ? {} : { changed: keep, policy: "keep" }) });
    if (rerun.length > 0) run.record({ ...upgraded, changed: rerun, policy: "rerun" });
  }
  if (changed.length > 0 && policy !== undefined) run.record({ ...upgraded, changed, policy });
  return run;
}

/** What was just folded need not be folded again by the next who loads it. Gives how many facts stand in its snapshot. */
function keepSnapshot(host: EmbeddedHost, found: FoundRun, folded: FoldedRun): number {
  const { id, version } = folded.state;
  const snapshot = isSnapshotDue(version, found.kept, true) ? snapshotOf(found, folded) : undefined;
  if (snapshot === undefined) return found.kept;
  host.background(host.ledger.snapshots.put(id, snapshot));
  return version;
}
