// How a node ended in one run, in a form in which runs can be compared: also in a run of a version of its contract that is not here any more.

import type { Failure } from "../errors.ts";
import type { SettledChild } from "../graph/work.ts";
import type { JsonValue } from "../json.ts";
import { factsAbout, lastFact, placeOf, type LoadedRun } from "./explain-tree.ts";
import type { ChildSettled } from "./fact.ts";
import { childrenIn } from "./node-state.ts";
import { isEnded, stateOf } from "./state.ts";

/** What is known of a node, or of an item, in one run. */
export interface NodeRecord {
  readonly status: string;
  readonly value: JsonValue | undefined;
  readonly error: Failure | undefined;
  /** The run whose fact made the value. */
  readonly maker: string;
}

/** The children of a node in one run. */
export interface ChildrenRecord {
  readonly keys: ReadonlySet<string>;
  readonly settled: ReadonlyMap<string, SettledChild>;
  /** Ids of those that have a stream of their own. */
  readonly runs: ReadonlyMap<string, string>;
}

/**
 * What is known of a node; undefined for one that the run's contract does not have. With `byFacts` it is only what its facts say, as for a node that is different
 * now: then the value of a node with children is what each of them gave.
 */
export function recordOf(run: LoadedRun, name: string, byFacts: boolean): NodeRecord | undefined {
  if (!isKnown(run, name)) return undefined;
  const node = run.state.plan.byName.get(name);
  if (node === undefined || byFacts) return recordedOnly(run, name);
  const now = stateOf(run.state, node);
  const maker = run.state.id;
  switch (now.status) {
    case "succeeded":
      return { status: now.status, value: now.value, error: undefined, maker: now.source === undefined ? maker : placeOf(now.source).run };
    case "failed":
      return { status: now.status, value: undefined, error: now.error, maker };
    default:
      return { ...NOTHING, status: isEnded(run.state) || !node.needed ? "skipped" : describeOpen(now.status), maker };
  }
}

/** True for a node that is different now than it was in the run, or gone. */
export function isPast(run: LoadedRun, name: string): boolean {
  return run.changed.has(name) || !run.state.plan.byName.has(name);
}

/** The children of a node; with `byFacts` as its facts tell them. */
export function childrenRecord(run: LoadedRun, name: string, byFacts: boolean): ChildrenRecord {
  const node = run.state.plan.byName.get(name);
  const now = node === undefined || byFacts ? undefined : childrenIn(stateOf(run.state, node));
  if (now !== undefined) return { keys: new Set(now.keys), settled: now.settled, runs: now.started };
  let keys = new Set<string>();
  const settled = new Map<string, SettledChild>();
  const runs = new Map<string, string>();
  for (const { fact } of factsAbout(run, name)) {
    if (fact.type === "children.listed") {
      keys = new Set(fact.more === true ? [...keys, ...fact.keys] : fact.keys);
      for (const key of fact.changed ?? []) settled.delete(key);
    } else if (fact.type === "child.started") runs.set(fact.key, fact.child);
    else if (fact.type === "child.settled") settled.set(fact.key, outcomeOf(fact));
  }
  return { keys, settled, runs };
}

function outcomeOf({ key, status, value = null, error }: ChildSettled): SettledChild {
  return status === "succeeded"
    ? { key, status, value }
    : { key, status, error: error ?? { code: "child_failed", message: `the child "${key}" failed` } };
}

function recordedOnly(run: LoadedRun, name: string): NodeRecord {
  const last = factsAbout(run, name).findLast(({ fact }) => OUTCOMES.has(fact.type))?.fact;
  const maker = run.state.id;
  switch (last?.type) {
    case "node.succeeded":
      return { ...NOTHING, status: "succeeded", value: last.value ?? childValues(run, name), maker };
    case "event.delivered":
      return { ...NOTHING, status: "succeeded", value: last.payload, maker };
    case "node.reused": {
      const { run: source, number } = placeOf(last.source);
      const made = source === run.state.id ? run.facts[number - 1]?.fact : undefined;
      const before = made?.type === "node.succeeded" ? made.value : made?.type === "event.delivered" ? made.payload : undefined;
      return { ...NOTHING, status: "succeeded", value: last.value ?? before ?? childValues(run, name), maker: source };
    }
    case "node.failed":
      return { ...NOTHING, status: "failed", error: last.error, maker };
    default:
      return { ...NOTHING, status: isEnded(run.state) ? "skipped" : "running", maker };
  }
}

const NOTHING = { value: undefined, error: undefined } as const;

/** What each child gave, as one value. */
function childValues(run: LoadedRun, name: string): JsonValue {
  const { keys, settled } = childrenRecord(run, name, true);
  return Object.fromEntries(
    [...keys].map((key): [string, JsonValue] => {
      const child = settled.get(key);
      return [key, child?.status === "succeeded" ? child.value : null];
    }),
  );
}

const OUTCOMES: ReadonlySet<string> = new Set(["node.succeeded", "event.delivered", "node.reused", "node.failed"]);

/** What is known of an item or child; undefined for one that is not there. */
export function itemRecord(run: LoadedRun, name: string, { keys, settled }: ChildrenRecord, key: string): NodeRecord | undefined {
  if (!keys.has(key)) return undefined;
  const fact = lastFact(
    factsAbout(run, name).filter((each) => "key" in each.fact && each.fact.key === key),
    "child.settled",
  )?.fact;
  const maker = fact?.source ?? run.state.id;
  const child = settled.get(key);
  if (child === undefined) return { ...NOTHING, status: isEnded(run.state) ? "skipped" : "running", maker };
  return child.status === "succeeded"
    ? { ...NOTHING, status: child.status, value: child.value, maker }
    : { ...NOTHING, status: child.status, error: child.error, maker };
}

function describeOpen(status: string): string {
  return status === "children" || status === "retrying" ? "running" : status;
}

/** True for a node of the contract as the run has it, which may be another version than there is now. */
export function isKnown({ state, fingerprints, facts }: LoadedRun, name: string): boolean {
  if (Object.keys(fingerprints).length > 0) return Object.hasOwn(fingerprints, name);
  return state.plan.byName.has(name) || facts.some(({ fact }) => "node" in fact && fact.node === name);
}
