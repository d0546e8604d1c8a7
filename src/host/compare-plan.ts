// A recorded run against the plan there is now (R9): whether it can go on, and what about it is different.

import { LedgerError, RunError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import { fingerprintUnder, type Plan } from "../compile/plan.ts";

/** How a run stands to a plan. */
export interface Comparison {
  /** The plan the run is pinned to is this one. */
  readonly isSame: boolean;
  /** Nodes that the run has begun and that are different in the plan, or gone from it. */
  readonly changed: readonly string[];
  /** Those of them that somebody accepted as they are: a `run.upgraded` names them. */
  readonly accepted: ReadonlySet<string>;
}

/** Compares the nodes that a run has begun with those of a plan. `oldNames` says how nodes of the plan were called when the run began. */
export async function comparePlan(
  ledger: Ledger,
  run: string,
  plan: Plan,
  entries: readonly Entry[],
  oldNames: ReadonlyMap<string, string> = new Map(),
): Promise<Comparison> {
  const [started] = entries[0]?.facts ?? [];
  if (started?.["type"] !== "run.started") throw new LedgerError("not_a_run", `the stream ${run} does not begin with run.started`);
  const { pinned, touched, accepted } = pinsOf(entries, plan);
  const changed: string[] = [];
  for (const [hash, nodes] of Map.groupBy(touched, ([, under]) => under)) {
    if (hash === plan.hash) continue;
    const old = await fingerprintsOf(ledger, hash);
    for (const [name] of nodes) {
      const node = plan.byName.get(name);
      const now = node === undefined ? undefined : fingerprintUnder(node, oldNames);
      if (!accepted.has(name) && old[oldNames.get(name) ?? name] !== now) changed.push(name);
    }
  }
  return { isSame: pinned === plan.hash, changed, accepted };
}

/** The refusal to go on with a run whose finished or waiting nodes are different now. */
export function contractChanged(run: string, contract: string, changed: readonly string[]): RunError {
  return new RunError(
    "contract_changed",
    `run ${run} began with another version of the contract "${contract}"; changed since: ${changed.join(", ")}`,
    {
      fix: "Accept it with `kindling upgrade` (keep or rerun what changed), also where it is to be cancelled; or run it with the version it began with.",
      details: { run, contract, changed },
    },
  );
}

interface Pins {
  /** The plan the run is pinned to now. */
  readonly pinned: string;
  /** Under which plan each of its nodes was worked on last. */
  readonly touched: ReadonlyMap<string, string>;
  readonly accepted: ReadonlySet<string>;
}

function pinsOf(entries: readonly Entry[], plan: Plan): Pins {
  let pinned = "";
  const touched = new Map<string, string>();
  const accepted = new Set<string>();
  for (const { facts } of entries) {
    for (const { type, plan: hash, node, changed } of facts) {
      if ((type === "run.started" || type === "run.upgraded") && typeof hash === "string") pinned = hash;
      else if (typeof node === "string") touched.set(node, pinned);
      if (type === "run.upgraded" && hash === plan.hash && Array.isArray(changed))
        for (const name of changed) if (typeof name === "string") accepted.add(name);
    }
  }
  return { pinned, touched, accepted };
}

async function fingerprintsOf(ledger: Ledger, hash: string): Promise<JsonObject> {
  const bytes = await ledger.blobs.get(hash);
  const description = bytes === undefined ? null : (JSON.parse(Buffer.from(bytes).toString("utf8")) as JsonValue);
  const nodes = isJsonObject(description) ? description["nodes"] : undefined;
  return isJsonObject(nodes) ? nodes : {};
}
