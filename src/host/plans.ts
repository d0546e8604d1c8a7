// The plans a runtime knows, and which of them a recorded run belongs to.

import type { AnyContract } from "../graph/contract.ts";
import { canonicalJson, type JsonObject } from "../json.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import { describePlan, planOf, type Plan } from "../compile/plan.ts";
import { overriddenGraph } from "../compile/override.ts";
import type { Fact, ParentLink } from "../run/fact.ts";
import { fold } from "../run/fold.ts";
import { readNote, type RunNote } from "../run/head.ts";
import { readFact } from "../run/read-fact.ts";
import { newRunState, type RunState } from "../run/state.ts";
import { waitsFor } from "./waits-for.ts";

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

  /** The history that an event is taken from; undefined for one that is delivered. */
  fedBy(event: string): string | undefined {
    const [plan] = this.events.has(event) ? this.awaiting(event) : [];
    return plan === undefined ? undefined : waitsFor(plan, event)[0]?.on?.history.name;
  }

  names(): string[] {
    return [...this.#byContract.keys()];
  }

  all(): Iterable<Plan> {
    return this.#byContract.values();
  }

  get(contract: string): Plan | undefined {
    return this.#byContract.get(contract);
  }

  /** The plan of a contract's run with these overrides. @throws InputError `override_unknown` */
  planFor(contract: string, overrides: JsonObject): Plan | undefined {
    const plan = this.#byContract.get(contract);
    return plan === undefined ? undefined : planOf(overriddenGraph(plan.graph, overrides));
  }

  /** The plans in which an event is awaited. */
  awaiting(event: string): readonly Plan[] {
    return [...this.#byContract.values()].filter((plan) => plan.events.has(event));
  }

  /** The plan of a recorded run, through its parents; undefined when this runtime does not have its contract. */
  of(ledger: Ledger, run: string): Plan | undefined {
    const note = noteOf(ledger, run);
    if (note === undefined) return undefined;
    if (note.parent === undefined) return this.planFor(note.contract, note.overrides ?? {});
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

/**
 * Folds a run's entries. Whoever asks to run it on must compare it with the plan first: see `comparePlan`.
 * @param changed nodes that were different when these facts were made: only the values they gave are taken from them
 */
export function foldEntries(run: string, plan: Plan, entries: readonly Entry[], changed: ReadonlySet<string> = NONE): RunState {
  const state = newRunState(run, plan);
  let isPast = changed.size > 0;
  for (const entry of entries) {
    for (const json of entry.facts) {
      const fact = readFact(json, run);
      if (fact.type === "run.upgraded" && fact.plan === plan.hash) isPast = false;
      if (isPast && "node" in fact && changed.has(fact.node)) foldPast(state, fact, entry.time);
      else fold(state, fact, entry.time);
    }
  }
  return state;
}

const NONE: ReadonlySet<string> = new Set();

/** A fact of a node that was different then, or is not there any more: its value, where it gave one by itself, which facts of stores that rests on, and nothing else. */
function foldPast(state: RunState, fact: Fact, time: number): void {
  const gaveValue = (fact.type === "node.succeeded" && fact.value !== undefined) || fact.type === "event.delivered";
  const ofStores = fact.type === "facts.read" || fact.type === "facts.recorded";
  if ((gaveValue || ofStores) && state.plan.byName.has(fact.node)) fold(state, fact, time);
  else state.version += 1;
}
