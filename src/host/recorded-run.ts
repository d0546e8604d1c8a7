// A run as the ledger holds it, seen from the plan there is now: nodes under the names they have now, and what about it is different (R9).

import type { Migration } from "../graph/graph.ts";
import type { JsonObject } from "../json.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import type { Plan } from "../compile/plan.ts";
import { compactedNote, runCompacted } from "../run/compacted.ts";
import { comparePlan } from "./compare-plan.ts";

/** A recorded run. */
export interface Recorded {
  readonly entries: readonly Entry[];
  /** The plan the run is pinned to is this one. */
  readonly isSame: boolean;
  /** Nodes the run has begun that are different now, and of which nothing says what becomes of them. */
  readonly changed: readonly string[];
  /** Different ones of which the contract says it, and that the run has not taken note of yet. */
  readonly migrated: { readonly keep: readonly string[]; readonly rerun: readonly string[] };
  /** Different ones that the run has taken note of. */
  readonly accepted: ReadonlySet<string>;
}

/** Reads a run. */
export async function recordedRun(ledger: Ledger, run: string, plan: Plan): Promise<Recorded> {
  const raw = await ledger.read(run);
  // Whoever comes here began to look before it was compacted.
  if (raw[0]?.facts[0]?.["type"] === "run.compacted") throw runCompacted(run, compactedNote(ledger.head(run)?.note ?? {}));
  const migration = migrationFor(plan, raw);
  const oldNames = new Map(Object.entries(migration?.nodes ?? {}));
  const entries = oldNames.size === 0 ? raw : renamed(raw, plan, oldNames);
  const { isSame, changed, accepted } = await comparePlan(ledger, run, plan, entries, oldNames);
  const saysOf = (name: string) => migration?.changed[name];
  return {
    entries,
    isSame,
    accepted,
    changed: changed.filter((name) => saysOf(name) === undefined),
    migrated: { keep: changed.filter((name) => saysOf(name) === "keep"), rerun: changed.filter((name) => saysOf(name) === "rerun") },
  };
}

function migrationFor({ graph }: Plan, [first]: readonly Entry[]): Migration | undefined {
  const version = first?.facts[0]?.["version"];
  return graph.migrations.find(({ from }) => typeof version === "string" && from.includes(version));
}

/** Facts of renamed nodes under their new names; from where the run took note of the new plan on they have them already. */
function renamed(entries: readonly Entry[], plan: Plan, oldNames: ReadonlyMap<string, string>): readonly Entry[] {
  const newNames = new Map([...oldNames].map(([now, before]) => [before, now]));
  let isPast = true;
  const rename = (fact: JsonObject): JsonObject => {
    if (fact["type"] === "run.upgraded" && fact["plan"] === plan.hash) isPast = false;
    const name = fact["node"];
    const now = isPast && typeof name === "string" ? newNames.get(name) : undefined;
    return now === undefined ? fact : { ...fact, node: now };
  };
  return entries.map((entry) => ({ ...entry, facts: entry.facts.map(rename) }));
}
