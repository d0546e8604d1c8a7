// The plans a runtime knows, and which of them a recorded run belongs to.

import { LedgerError, RunError } from "../errors.ts";
import type { AnyContract } from "../graph/contract.ts";
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import { describePlan, planOf, type Plan } from "../compile/plan.ts";
import type { ParentLink } from "../run/fact.ts";
import { fold } from "../run/fold.ts";
import { readNote, type RunNote } from "../run/head.ts";
import { readFact } from "../run/read-fact.ts";
import { newRunState, type RunState } from "../run/state.ts";

/** Contracts by name, and the way from a run to its plan. */
export class Plans {
  /** All events that any contract awaits. */
  readonly events: ReadonlySet<string>;
  readonly #byContract = new Map<string, Plan>();
  readonly #kept = new Map<string, Promise<unknown>>();

  constructor(contracts: readonly AnyContract[]) {
    for (const contract of contracts) this.#byContract.set(contract.name, planOf(contract.graph));
    this.events = new Set([...this.#byContract.values()].flatMap((plan) => [...plan.events]));
  }

  names(): string[] {
    return [...this.#byContract.keys()];
  }

  get(contract: string): Plan | undefined {
    return this.#byContract.get(contract);
  }

  /** The plans in which an event is awaited. */
  awaiting(event: string): readonly Plan[] {
    return [...this.#byContract.values()].filter((plan) => plan.events.has(event));
  }

  /** The plan of a recorded run, through its parents; undefined when this runtime does not have its contract. */
  of(ledger: Ledger, run: string): Plan | undefined {
    const note = noteOf(ledger, run);
    if (note === undefined) return undefined;
    if (note.parent === undefined) return this.#byContract.get(note.contract);
    return childPlan(this.of(ledger, note.parent.run), note.parent);
  }

  /** Keeps the description of a plan beside the log, once, so that a later version of the contract can be compared with it. */
  async keep(ledger: Ledger, plan: Plan): Promise<void> {
    let kept = this.#kept.get(plan.hash);
    if (kept === undefined) {
      const parts = plan.nodes.flatMap((node) => Object.values(node.parts));
      kept = Promise.all([
        ledger.blobs.put(Buffer.from(canonicalJson(describePlan(plan)))),
        ...parts.map((part) => this.keep(ledger, part)),
      ]);
      this.#kept.set(plan.hash, kept);
    }
    await kept;
  }
}

/** The plan of a child, given its parent's. */
export function childPlan(parent: Plan | undefined, link: ParentLink): Plan | undefined {
  return parent?.byName.get(link.node)?.parts[link.part];
}

/** The note of a run; undefined for an unknown one. */
export function noteOf(ledger: Ledger, run: string): RunNote | undefined {
  const head = ledger.head(run);
  return head === undefined ? undefined : readNote(head.note);
}

/** Folds a run's entries. Whoever asks to run it on must compare it with the plan first: see `assertUnchanged`. */
export function foldEntries(run: string, plan: Plan, entries: readonly Entry[]): RunState {
  const state = newRunState(run, plan);
  for (const entry of entries) for (const json of entry.facts) fold(state, readFact(json), entry.time);
  return state;
}

/**
 * Compares the plan a run is pinned to with the one there is now (R9). Unchanged where it matters: its nodes that have begun are the same.
 * @returns true when the run goes on with another plan than its facts say
 * @throws RunError `contract_changed` with the changed nodes
 */
export async function assertUnchanged(ledger: Ledger, run: string, plan: Plan, entries: readonly Entry[]): Promise<boolean> {
  const [started] = entries[0]?.facts ?? [];
  if (started?.["type"] !== "run.started") throw new LedgerError("not_a_run", `the stream ${run} does not begin with run.started`);
  const { pinned, touched } = pinsOf(entries);
  const changed: string[] = [];
  for (const [hash, nodes] of Map.groupBy(touched, ([, under]) => under)) {
    if (hash === plan.hash) continue;
    const bytes = await ledger.blobs.get(hash);
    const old = bytes === undefined ? {} : fingerprintsOf(JSON.parse(Buffer.from(bytes).toString("utf8")) as JsonValue);
    for (const [name] of nodes) if (old[name] !== plan.byName.get(name)?.fingerprint) changed.push(name);
  }
  if (changed.length === 0) return pinned !== plan.hash;
  throw new RunError(
    "contract_changed",
    `run ${run} began with another version of the contract "${plan.name}"; changed since: ${changed.join(", ")}`,
    {
      fix: "Run it with the version it began with, or cancel it and start anew.",
      details: { run, contract: plan.name, changed },
    },
  );
}

/** The plan a run is pinned to now, and under which plan each of its nodes was worked on last. */
function pinsOf(entries: readonly Entry[]): { readonly pinned: string; readonly touched: ReadonlyMap<string, string> } {
  let pinned = "";
  const touched = new Map<string, string>();
  for (const { facts } of entries) {
    for (const { type, plan, node } of facts) {
      if ((type === "run.started" || type === "run.upgraded") && typeof plan === "string") pinned = plan;
      else if (typeof node === "string") touched.set(node, pinned);
    }
  }
  return { pinned, touched };
}

function fingerprintsOf(description: JsonValue): JsonObject {
  const nodes = isJsonObject(description) ? description["nodes"] : undefined;
  return isJsonObject(nodes) ? nodes : {};
}
