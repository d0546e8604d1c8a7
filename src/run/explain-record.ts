// How a node ended in one run, in a form in which runs can be compared: also in a run of a version of its contract that is not here any more.

import type { PlanNode } from "../compile/plan.ts";
import type { Failure } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { factsAbout, lastFact, placeOf, type LoadedRun } from "./explain-tree.ts";
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

/** What is known of a node; undefined for one that the run's contract does not have. */
export function recordOf(run: LoadedRun, name: string): NodeRecord | undefined {
  if (!isKnown(run, name)) return undefined;
  const node = run.state.plan.byName.get(name);
  if (node === undefined || run.changed.has(name)) return recordedOnly(run, name);
  const now = stateOf(run.state, node);
  const maker = run.state.id;
  switch (now.status) {
    case "succeeded":
      return { status: now.status, value: now.value, error: undefined, maker: now.source === undefined ? maker : placeOf(now.source).run };
    case "failed":
      return { status: now.status, value: undefined, error: now.error, maker };
    default:
      return {
        status: isEnded(run.state) || !node.needed ? "skipped" : describeOpen(now.status),
        value: undefined,
        error: undefined,
        maker,
      };
  }
}

/** A node that is different now, or gone: what its facts say of it. */
function recordedOnly(run: LoadedRun, name: string): NodeRecord {
  const last = factsAbout(run, name).findLast(({ fact }) => OUTCOMES.has(fact.type))?.fact;
  const maker = run.state.id;
  switch (last?.type) {
    case "node.succeeded":
      return { status: "succeeded", value: last.value, error: undefined, maker };
    case "event.delivered":
      return { status: "succeeded", value: last.payload, error: undefined, maker };
    case "node.reused":
      return { status: "succeeded", value: last.value, error: undefined, maker: placeOf(last.source).run };
    case "node.failed":
      return { status: "failed", value: undefined, error: last.error, maker };
    default:
      return { status: isEnded(run.state) ? "skipped" : "running", value: undefined, error: undefined, maker };
  }
}

const OUTCOMES: ReadonlySet<string> = new Set(["node.succeeded", "event.delivered", "node.reused", "node.failed"]);

/** What is known of an item or child. */
export function itemRecord(run: LoadedRun, node: PlanNode, key: string): NodeRecord {
  const settled = childrenIn(stateOf(run.state, node))?.settled.get(key);
  const fact = lastFact(
    factsAbout(run, node.name).filter((each) => "key" in each.fact && each.fact.key === key),
    "child.settled",
  )?.fact;
  const maker = fact?.source ?? run.state.id;
  if (settled?.status === "succeeded") return { status: "succeeded", value: settled.value, error: undefined, maker };
  if (settled?.status === "failed") return { status: "failed", value: undefined, error: settled.error, maker };
  return { status: isEnded(run.state) ? "skipped" : "running", value: undefined, error: undefined, maker };
}

function describeOpen(status: string): string {
  return status === "children" || status === "retrying" ? "running" : status;
}

/** True for a node of the contract as the run has it, which may be another version than there is now. */
export function isKnown({ state, fingerprints, facts }: LoadedRun, name: string): boolean {
  if (Object.keys(fingerprints).length > 0) return Object.hasOwn(fingerprints, name);
  return state.plan.byName.has(name) || facts.some(({ fact }) => "node" in fact && fact.node === name);
}
