// Runs as they are read back to be explained or compared: state, facts with their places, and the way to other runs. Knows no ledger: whoever asks hands in what it read.

import type { PlanNode } from "../compile/plan.ts";
import type { Fact } from "./fact.ts";
import { childrenIn } from "./node-state.ts";
import { joinPath } from "./path.ts";
import { stateOf, type RunState } from "./state.ts";

/** A fact with its place. */
export interface PlacedFact {
  readonly fact: Fact;
  /** Its number within its run, from 1. */
  readonly number: number;
  readonly position: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** A run read back. */
export interface LoadedRun {
  readonly state: RunState;
  readonly facts: readonly PlacedFact[];
  /** The version of the contract it is pinned to, and what its nodes were in that version: fingerprints by name. */
  readonly version: string;
  readonly fingerprints: Readonly<Record<string, string>>;
  /** Nodes it has worked on that are different in the contract there is now, or gone from it. */
  readonly changed: ReadonlySet<string>;
  /** The run as it stood after the fact of this number. */
  readonly asOf: (number: number) => RunState;
}

/** A run by its id; undefined when it is not there, or not read. */
export type ReadRun = (run: string) => LoadedRun | undefined;

/** Facts that end what a node does, for this time. */
const OUTCOMES: ReadonlySet<Fact["type"]> = new Set(["node.succeeded", "node.reused", "event.delivered"]);
const BEGINNINGS: ReadonlySet<Fact["type"]> = new Set(["node.started", "children.listed", "await.opened", "timer.set"]);

const byNode = new WeakMap<LoadedRun, ReadonlyMap<string, readonly PlacedFact[]>>();

/** The facts about one node, in order. */
export function factsAbout(run: LoadedRun, node: string): readonly PlacedFact[] {
  let known = byNode.get(run);
  if (known === undefined) {
    known = Map.groupBy(
      run.facts.filter(({ fact }) => "node" in fact),
      ({ fact }) => ("node" in fact ? fact.node : ""),
    );
    byNode.set(run, known);
  }
  return known.get(node) ?? [];
}

/** A fact's id: `<run>:<number>`. */
export function factId(run: LoadedRun, number: number): string {
  return `${run.state.id}:${number}`;
}

/** A fact's run and number, from its id. */
export function placeOf(id: string): { readonly run: string; readonly number: number } {
  const colon = id.lastIndexOf(":");
  return { run: id.slice(0, colon), number: Number(id.slice(colon + 1)) };
}

/** The path of a node, from the root run. */
export function pathOf(run: LoadedRun, node: PlanNode): string {
  return joinPath(run.state.path, node.name);
}

/** The facts of the node's last work up to a fact: what came after its outcome before. */
export function workUpTo(run: LoadedRun, node: string, number: number): readonly PlacedFact[] {
  const upTo = factsAbout(run, node).filter((each) => each.number <= number);
  const before = upTo.findLastIndex((each) => each.number < number && isOutcome(each.fact));
  return upTo.slice(before + 1);
}

/** When a node began what it is at, or what led to the outcome of this number. A pure node leaves no fact: it begins when its needs have values. */
export function beganAt(run: LoadedRun, node: PlanNode, number = Number.POSITIVE_INFINITY): number {
  const began = workUpTo(run, node.name, number).find(({ fact }) => BEGINNINGS.has(fact.type));
  if (began !== undefined) return began.time;
  const times = node.needs.map(({ node: index }) => {
    const need = run.state.nodes[index];
    return need?.status === "succeeded" ? need.at : run.state.startedAt;
  });
  return Math.max(run.state.startedAt, ...times);
}

/** The child run of a key; undefined for a child without a stream of its own, or one that was not read. */
export function childOf(run: LoadedRun, node: PlanNode, key: string, read: ReadRun): LoadedRun | undefined {
  const id = childrenIn(stateOf(run.state, node))?.started.get(key);
  return id === undefined ? undefined : read(id);
}

/** The last fact of a type about a node, where one is. */
export function lastFact<T extends Fact["type"]>(
  facts: readonly PlacedFact[],
  type: T,
): (PlacedFact & { readonly fact: Extract<Fact, { readonly type: T }> }) | undefined {
  const found = facts.findLast(({ fact }) => fact.type === type);
  // Found by its type just now.
  return found as ReturnType<typeof lastFact<T>>;
}

function isOutcome(fact: Fact): boolean {
  return OUTCOMES.has(fact.type) || (fact.type === "node.failed" && fact.retryAt === undefined);
}
