// The plans a runtime knows, and which of them a recorded run belongs to.

import { LedgerError, RunError } from "../errors.ts";
import type { AnyContract } from "../graph/contract.ts";
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import { describePlan, planOf, type Plan } from "../compile/plan.ts";
import type { Fact, ParentLink } from "../run/fact.ts";
import { fold } from "../run/fold.ts";
import { readNote, type RunNote } from "../run/head.ts";
import { readFact } from "../run/read-fact.ts";
import { newRunState, type RunState } from "../run/state.ts";

/** Contracts by name, and the way from a run to its plan. */
export class Plans {
  readonly #byContract = new Map<string, Plan>();
  readonly #kept = new Set<string>();

  constructor(contracts: readonly AnyContract[]) {
    for (const contract of contracts) this.#byContract.set(contract.name, planOf(contract.graph));
  }

  names(): string[] {
    return [...this.#byContract.keys()];
  }

  get(contract: string): Plan | undefined {
    return this.#byContract.get(contract);
  }

  all(): Iterable<Plan> {
    return this.#byContract.values();
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
    if (this.#kept.has(plan.hash)) return;
    this.#kept.add(plan.hash);
    await ledger.blobs.put(Buffer.from(canonicalJson(describePlan(plan))));
    for (const node of plan.nodes) for (const part of Object.values(node.parts)) await this.keep(ledger, part);
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
 * @throws RunError `contract_changed` with the changed nodes
 */
export async function assertUnchanged(ledger: Ledger, run: string, plan: Plan, entries: readonly Entry[]): Promise<void> {
  const facts = entries.flatMap((entry) => entry.facts.map(readFact));
  const started = facts[0];
  if (started?.type !== "run.started") throw new LedgerError("not_a_run", `the stream ${run} does not begin with run.started`);
  if (started.plan === plan.hash) return;
  const bytes = await ledger.blobs.get(started.plan);
  const old = bytes === undefined ? undefined : fingerprintsOf(JSON.parse(Buffer.from(bytes).toString("utf8")) as JsonValue);
  const touched = new Set(facts.flatMap((fact: Fact) => ("node" in fact ? [fact.node] : [])));
  const changed = [...touched].filter((name) => old === undefined || old[name] !== plan.byName.get(name)?.fingerprint);
  if (changed.length === 0 && old !== undefined) return;
  throw new RunError("contract_changed", `run ${run} began with another version of the contract "${plan.name}"; changed since: ${changed.join(", ") || "unknown"}`, {
    fix: "Run it with the version it began with, or cancel it and start anew.",
    details: { run, contract: plan.name, changed },
  });
}

function fingerprintsOf(description: JsonValue): JsonObject {
  const nodes = isJsonObject(description) ? description["nodes"] : undefined;
  return isJsonObject(nodes) ? nodes : {};
}

