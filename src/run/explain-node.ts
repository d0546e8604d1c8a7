// How it stands with one node or item, by what is the case. Pure: it looks at what was read back and asks for other runs by their ids.

import type { PlanNode } from "../compile/plan.ts";
import { causesAt, causesBefore, causesOfChild, attemptSince, startedRemotely, tries, type Causes } from "./explain-blocked.ts";
import { failedItems, failureAt, failureOfItem, failuresIn } from "./explain-failed.ts";
import { reusedStanding, triggerBefore } from "./explain-reuse.ts";
import type { Cause, Reading, SkipReason, Standing } from "./explain-shape.ts";
import { beganAt, factId, factsAbout, lastFact, pathOf, placeOf, workUpTo, type LoadedRun, type ReadRun } from "./explain-tree.ts";
import { dependsOn } from "./lineage.ts";
import { childrenIn, type NodeState, type SucceededState } from "./node-state.ts";
import { childPath } from "./path.ts";
import { causesOf, isEnded, needsOf, stateOf } from "./state.ts";

/** Items whose failures are told. */
const FAILURES_LIMIT = 20;

/** How it stands with a node. */
export function nodeStanding(run: LoadedRun, node: PlanNode, read: ReadRun, values: boolean): Standing {
  const { state } = run;
  const now = stateOf(state, node);
  if (now.status === "succeeded") return done(run, node, now, read, values);
  if (now.status === "failed") {
    const failure = failureAt(run, node, read);
    if (failure !== undefined)
      return {
        status: "failed",
        error: failure.error,
        at: now.at,
        attempts: failure.attempts,
        canRetry: failure.error.retryable !== false,
        failure,
      };
  }
  const skipped = skipReason(run, node, now, read);
  return skipped === undefined ? atWork(run, node, now, read) : { status: "skipped", reason: skipped };
}

/** How it stands with one item or child of a node. */
export function itemStanding(run: LoadedRun, node: PlanNode, key: string, read: ReadRun): Standing {
  const now = stateOf(run.state, node);
  const children = childrenIn(now);
  const path = childPath(run.state.path, node.name, key);
  if (children === undefined) return nodeStanding(run, node, read, false);
  if (children.dropped.has(key)) return { status: "skipped", reason: { type: "dropped" } };
  const settled = children.settled.get(key);
  const place = lastFact(
    factsAbout(run, node.name).filter(({ fact }) => "key" in fact && fact.key === key),
    "child.settled",
  );
  if (settled?.status === "failed") {
    const failure = failureOfItem(run, node, key, settled.error, read);
    const { error, attempts, at } = failure;
    return { status: "failed", error, at, attempts, canRetry: error.retryable !== false, failure };
  }
  if (settled !== undefined && place !== undefined) return settledItem(run, node, key, place.number, place.time, place.fact.source, read);
  const skipped = isOver(run) ? skipReason(run, node, now, read) : undefined;
  if (skipped !== undefined) return { status: "skipped", reason: skipped };
  if (!children.started.has(key) && !hasPlace(node, children.keys, children.settled, key))
    return { status: "pending", reason: "no_place_yet" };
  return open(causesOfChild(run, node, key, read), path, childBegan(run, node, key));
}

function done(run: LoadedRun, node: PlanNode, now: SucceededState, read: ReadRun, values: boolean): Standing {
  if (node.definition.behaviour.work.type === "given") return given(run, node, now, read);
  if (now.source !== undefined) return reusedStanding(run, node, now, now.source, read, values);
  const outcome = run.facts[now.fact - 1]?.fact;
  const work = workUpTo(run, node.name, now.fact);
  const causes = work.findLast(({ fact }) => "cause" in fact && fact.cause !== undefined)?.fact;
  const numbers = causes !== undefined && "cause" in causes ? (causes.cause ?? []) : causesOf(run.state, node);
  const by = outcome?.type === "event.delivered" ? outcome.actor : outcome?.type === "node.succeeded" ? outcome.by : undefined;
  return {
    status: "ran",
    fact: factId(run, now.fact),
    at: now.at,
    durationMs: Math.max(0, now.at - beganAt(run, node, now.fact)),
    attempts: 1 + work.filter(({ fact }) => fact.type === "node.failed" && fact.retryAt !== undefined).length,
    reads: outcome?.type === "node.succeeded" && outcome.by !== undefined ? [] : readingsOf(run, node, values),
    rests: numbers.map((number) => factId(run, number)),
    by,
    failures: failedItems(run, node, read, FAILURES_LIMIT),
  };
}

function given(run: LoadedRun, node: PlanNode, now: SucceededState, read: ReadRun): Standing {
  const fact = run.facts[now.fact - 1]?.fact;
  const by = run.state.parent === undefined && (fact?.type === "run.started" || fact?.type === "input.updated") ? fact.actor : undefined;
  return { status: "given", at: now.at, fact: factId(run, now.fact), by, reaches: reachedFrom(run, node, read) };
}

/** The outputs of the root run that a node can reach, out of child runs. */
function reachedFrom(run: LoadedRun, node: PlanNode, read: ReadRun): readonly string[] {
  const reached = dependsOn(run.state.plan, node.name);
  const { parent } = run.state;
  if (parent === undefined || reached.length === 0) return reached;
  const above = read(parent.run);
  const giver = above?.state.plan.byName.get(parent.node);
  return above === undefined || giver === undefined ? [] : reachedFrom(above, giver, read);
}

function readingsOf(run: LoadedRun, node: PlanNode, values: boolean): readonly Reading[] {
  const all = values ? needsOf(run.state, node) : {};
  return node.needs.flatMap(({ local, node: index }): readonly Reading[] => {
    const need = run.state.plan.nodes[index];
    const now = need === undefined ? undefined : stateOf(run.state, need);
    if (need === undefined || now?.status !== "succeeded") return [];
    const value = all[local];
    return [{ as: local, from: pathOf(run, need), fact: factId(run, now.fact), ...(value === undefined ? {} : { value }) }];
  });
}

function isOver({ state }: LoadedRun): boolean {
  return isEnded(state) || state.lost !== undefined;
}

/** Why a node without a value will get none; undefined while it may. */
function skipReason(run: LoadedRun, node: PlanNode, now: NodeState, read: ReadRun): SkipReason | undefined {
  const { state } = run;
  if (!node.needed) return { type: "not_needed" };
  if (!isOver(run) || (!isEnded(state) && (now.status === "running" || now.status === "children"))) return undefined;
  const cancelled = lastFact(run.facts, "run.cancelled")?.fact ?? state.cancelling;
  if (state.status === "cancelled" || state.cancelling !== undefined)
    return { type: "run_cancelled", reason: cancelled?.reason ?? "", actor: cancelled?.actor ?? { id: "unknown", assurance: "agent" } };
  const error = state.error ?? state.lost ?? { code: "failed", message: "the run failed" };
  return { type: "run_failed", error, failure: failuresIn(run, read, 1)[0] };
}

function atWork(run: LoadedRun, node: PlanNode, now: NodeState, read: ReadRun): Standing {
  const { state } = run;
  const isMet = state.unmet[node.index] === 0;
  switch (now.status) {
    case "running":
      return {
        status: "running",
        attempt: tries(run, node).attempt + 1,
        of: tries(run, node).of,
        since: attemptSince(run, node),
        causes: [],
      };
    case "retrying":
      return { status: "retrying", error: now.error, ...tries(run, node), at: now.at };
    case "waiting": {
      const { list, cut } = causesAt(run, node, read);
      return { status: "waiting", since: now.since, causes: list, cut };
    }
    case "sleeping":
      return { status: "sleeping", since: now.since, until: now.at };
    case "postponed":
      return { status: "postponed", since: beganAt(run, node), askedAgainAt: now.at, note: now.note, ...startedRemotely(run, node) };
    case "children":
      return open(causesAt(run, node, read), pathOf(run, node), beganAt(run, node));
    case "stale":
      return {
        status: "stale",
        source: now.before?.source,
        madeAt: now.before?.at,
        trigger: triggerBefore(run, Number.POSITIVE_INFINITY, read),
        needs: missingNeeds(run, node),
        causes: isMet ? [] : causesBefore(run, node, read).list,
      };
    case "pending": {
      if (isMet) return { status: "pending", reason: "next" };
      const { list, cut } = causesBefore(run, node, read);
      return { status: "blocked", needs: missingNeeds(run, node), causes: list, cut };
    }
    case "succeeded":
    case "failed":
      return { status: "pending", reason: "next" };
  }
}

/** Paths of the nodes it waits for that have no value. */
export function missingNeeds(run: LoadedRun, node: PlanNode): readonly string[] {
  return node.waitsFor.flatMap((index) => {
    const need = run.state.plan.nodes[index];
    return need === undefined || stateOf(run.state, need).status === "succeeded" ? [] : [pathOf(run, need)];
  });
}

/** Children wait when nothing in them goes on by itself. */
function open({ list, cut }: Causes, path: string, since: number): Standing {
  const isWaiting = list.length > 0 && list.every(({ type }) => WAITING.has(type));
  if (isWaiting) return { status: "waiting", since, causes: list, cut };
  return { status: "running", attempt: 1, of: 1, since, causes: list.filter((cause) => cause.path !== path || cause.type !== "running") };
}

const WAITING: ReadonlySet<Cause["type"]> = new Set(["await", "sleep", "remote"]);

function settledItem(
  run: LoadedRun,
  node: PlanNode,
  key: string,
  number: number,
  at: number,
  source: string | undefined,
  read: ReadRun,
): Standing {
  const fact = factId(run, number);
  if (source === undefined)
    return {
      status: "ran",
      fact,
      at,
      durationMs: Math.max(0, at - childBegan(run, node, key)),
      attempts: 1,
      reads: [],
      rests: [fact],
      by: undefined,
      failures: [],
    };
  const donor = read(source);
  const made =
    donor === undefined
      ? undefined
      : lastFact(
          factsAbout(donor, node.name).filter((each) => "key" in each.fact && each.fact.key === key),
          "child.settled",
        );
  return {
    status: "reused",
    fact,
    at,
    source: donor === undefined || made === undefined ? source : factId(donor, made.number),
    sourceRun: placeOf(`${source}:0`).run,
    madeAt: made?.time,
    why: "same_reading",
    trigger: triggerBefore(run, number, read),
    reads: [],
  };
}

function childBegan(run: LoadedRun, node: PlanNode, key: string): number {
  return factsAbout(run, node.name).find(({ fact }) => fact.type === "child.started" && fact.key === key)?.time ?? beganAt(run, node);
}

/** True when a child that has left no trace yet can be in flight: the children before it leave it a place. */
function hasPlace(node: PlanNode, keys: readonly string[], settled: ReadonlyMap<string, unknown>, key: string): boolean {
  const { work } = node.definition.behaviour;
  if (work.type !== "children") return true;
  const before = keys.slice(0, keys.indexOf(key)).filter((each) => !settled.has(each)).length;
  return before < work.concurrency;
}
