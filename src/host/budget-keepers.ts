// The runs that keep the budgets above a call: the calling run and those it is a part of. They stay in memory while the call is under way.

import type { PlanNode } from "../compile/plan.ts";
import { accountsFor } from "../run/budget.ts";
import type { RunNote } from "../run/head.ts";
import type { RunState } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { noteOf } from "./plans.ts";

/** A run that keeps budgets towards which a call counts. */
export interface Keeper {
  readonly run: ActiveRun;
  readonly accounts: readonly string[];
}

/** Where a call counts: the run, and its node that calls or whose child does. */
export interface KeeperPlace {
  readonly run: string;
  readonly node: string;
}

/** The places at which a budget is kept, outermost first. Loads nothing: most calls are under none. */
export function keepersOf(host: EmbeddedHost, run: ActiveRun, { name }: PlanNode): readonly KeeperPlace[] {
  const places: KeeperPlace[] = [];
  let place: KeeperPlace | undefined = { run: run.id, node: name };
  while (place !== undefined) {
    const state: RunState | undefined = host.inMemory(place.run)?.state;
    const note: RunNote | undefined = state === undefined ? noteOf(host.ledger, place.run) : undefined;
    const known = state ?? unloaded(host, place.run, note?.budget === true);
    if (known !== undefined && accountsFor(known, place.node).length > 0) places.unshift(place);
    const link: RunState["parent"] = state === undefined ? note?.parent : state.parent;
    place = link === undefined ? undefined : { run: link.run, node: link.node };
  }
  return places;
}

/** What is known of the budgets of a run that is not in memory: those of its contract, and whether somebody gave it one. */
function unloaded(host: EmbeddedHost, run: string, isGiven: boolean): Pick<RunState, "plan" | "budget"> | undefined {
  const plan = host.plans.of(host.ledger, run);
  return plan === undefined ? undefined : { plan, budget: isGiven ? {} : undefined };
}

/** Brings the runs into memory and keeps them there until `release`. */
export async function keptRuns(
  host: EmbeddedHost,
  places: readonly KeeperPlace[],
): Promise<{ readonly keepers: readonly Keeper[]; readonly release: () => void }> {
  const releases: (() => void)[] = [];
  const release = () => releases.splice(0).forEach((each) => each());
  try {
    const keepers: Keeper[] = [];
    for (const { run: id, node } of places) {
      const { run, letGo } = await held(host, id);
      releases.push(letGo);
      keepers.push({ run, accounts: accountsFor(run.state, node) });
    }
    return { keepers, release };
  } catch (error) {
    release();
    throw error;
  }
}

function held(host: EmbeddedHost, id: string): Promise<{ readonly run: ActiveRun; readonly letGo: () => void }> {
  return new Promise((resolve, reject) => {
    host.use(id, (run) => new Promise<void>((letGo) => resolve({ run, letGo }))).catch(reject);
  });
}
