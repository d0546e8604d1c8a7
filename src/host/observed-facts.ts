// Facts as observations: when a run begins to be carried here and when it rests, when attempts begin and end, when waits open and close. It looks at facts
// before they are folded, so that it sees what was before them.

import type { PlanNode } from "../compile/plan.ts";
import { callOf, type Wait } from "../graph/work.ts";
import type { Fact } from "../run/fact.ts";
import { joinPath } from "../run/path.ts";
import { lastReadBy, nodeNamed, outputsOf, stateOf, type RunState } from "../run/state.ts";
import type { ObservedNode, ObservedRun, Observation } from "./observer.ts";
import type { ContentOf, Observers } from "./observers.ts";

/** A fact about to be folded. */
export interface ComingFact {
  readonly state: RunState;
  readonly fact: Fact;
  readonly at: number;
}

/** Facts by which a run that rests does not begin to do anything. */
const PASSIVE: ReadonlySet<Fact["type"]> = new Set<Fact["type"]>([
  "event.refused",
  "event.buffered",
  "event.taken",
  "await.opened",
  "await.reminded",
  "timer.set",
  "child.started",
  "run.upgraded",
  "run.waiting",
  "run.compacted",
  "exit.started",
  "exit.succeeded",
  "exit.failed",
]);

/** Tells observers of a fact. Gives it back, with the spans that are to be recorded with it. `carried` holds the runs that have begun here and do not rest. */
export function tellFact(observers: Observers, carried: WeakSet<RunState>, coming: ComingFact): Fact {
  const { state, fact, at } = coming;
  const run = observedRun(state, fact, at);
  if (!carried.has(state)) {
    if (PASSIVE.has(fact.type)) return fact;
    carried.add(state);
    const trace = fact.type === "run.started" || fact.type === "event.delivered" ? fact.trace : undefined;
    const earlier = state.spans ?? {};
    const inputs = fact.type === "run.started" ? fact.inputs : state.inputs;
    observers.tell({ type: "run.began", at, run, by: fact.type, trace, earlier }, () => ({ input: inputs }));
  }
  if (fact.type === "run.started") return fact.parent === undefined ? withSpans(observers, run, fact) : fact;
  // Asked for before it is told: a run that rests is in no span any more.
  const recorded = fact.type === "run.waiting" ? withSpans(observers, run, fact) : fact;
  const told = observationOf(coming, run);
  if (told !== undefined) observers.tell(told, contentOf(coming));
  if (told?.type === "run.rested") carried.delete(state);
  return recorded;
}

/** Tells observers that code begins which leaves no fact at its beginning. */
export function beganPurely(
  observers: Observers,
  state: RunState,
  node: PlanNode,
  { attempt, at }: { readonly attempt: number; readonly at: number },
): void {
  const observed = { ...observedNode(state, node, attempt, "work"), isPure: true };
  observers.tell({ type: "node.began", at, run: observedRun(state), node: observed, isLookingAgain: false }, () => ({
    input: lastReadBy(state, node),
  }));
}

/** A run as observers see it. */
export function observedRun(state: RunState, fact?: Fact, at = 0): ObservedRun {
  const { id, plan } = state;
  const { root, path, parent, correlation } = fact?.type === "run.started" ? fact : state;
  const starter = fact?.type === "run.started" ? fact.actor : state.starter;
  const startedAt = fact?.type === "run.started" ? at : state.startedAt;
  return { id, root, path, contract: plan.name, version: plan.version, parent, correlation, starter, startedAt };
}

function observedNode(state: RunState, node: PlanNode, attempt: number, purpose: ObservedNode["purpose"]): ObservedNode {
  const { kind, behaviour } = node.definition;
  const asksModels = behaviour.forecast?.type === "model";
  const which = behaviour.tool === undefined ? undefined : lastReadBy(state, node)["which"];
  const tool = behaviour.tool === undefined ? undefined : { name: behaviour.tool, call: typeof which === "string" ? which : "" };
  const isBox = behaviour.work.type === "children" && callOf(behaviour.work) === undefined;
  const { store } = behaviour;
  return { name: node.name, path: joinPath(state.path, node.name), kind, asksModels, tool, store, attempt, purpose, isBox, isPure: false };
}

function withSpans<F extends Fact>(observers: Observers, run: ObservedRun, fact: F): F {
  const spans = observers.spansOf(run.id);
  return Object.keys(spans).length === 0 ? fact : { ...fact, spans };
}

function observationOf({ state, fact, at }: ComingFact, run: ObservedRun): Observation | undefined {
  switch (fact.type) {
    case "node.started": {
      const node = nodeNamed(state, fact.node);
      const isLookingAgain =
        stateOf(state, node).status === "postponed" || state.journals.get(node.index)?.at(-1)?.type === "remote.started";
      return { type: "node.began", at, run, node: observedNode(state, node, fact.attempt, "work"), isLookingAgain };
    }
    case "children.listed":
      return { type: "node.began", at, run, node: observedNode(state, nodeNamed(state, fact.node), 1, "work"), isLookingAgain: false };
    case "compensation.started": {
      const node = observedNode(state, nodeNamed(state, fact.node), fact.attempt, "compensation");
      return { type: "node.began", at, run, node, isLookingAgain: false };
    }
    case "node.succeeded":
    case "compensation.succeeded":
      return { type: "node.ended", at, run, node: fact.node, outcome: "succeeded", error: undefined };
    case "node.reused":
      return { type: "node.ended", at, run, node: fact.node, outcome: "reused", error: undefined };
    case "node.postponed":
      return { type: "node.ended", at, run, node: fact.node, outcome: "postponed", error: undefined };
    case "node.failed":
    case "compensation.failed":
      return {
        type: "node.ended",
        at,
        run,
        node: fact.node,
        outcome: fact.retryAt === undefined ? "failed" : "retrying",
        error: fact.error,
      };
    case "await.opened": {
      const { gate } = waitAt(nodeNamed(state, fact.node)) ?? {};
      return { type: "wait.opened", at, run, node: fact.node, event: fact.event, isGate: gate !== undefined };
    }
    case "event.delivered":
    case "timer.fired":
      return closedWait({ state, at }, fact, run);
    default:
      return restOf({ state, fact, at }, run);
  }
}

function restOf({ state, fact, at }: ComingFact, run: ObservedRun): Observation | undefined {
  const rest = { type: "run.rested", at, run, spending: state.spending, waitsFor: [], error: undefined } as const;
  switch (fact.type) {
    case "run.waiting":
      return { ...rest, status: "waiting", waitsFor: eventsAwaited(state) };
    case "run.succeeded":
      return { ...rest, status: "succeeded" };
    case "run.failed":
      return { ...rest, status: "failed", error: fact.error };
    case "run.cancelled":
      return { ...rest, status: "cancelled", error: { code: "cancelled", message: fact.reason } };
    default:
      return undefined;
  }
}

type ClosingFact = Extract<Fact, { readonly type: "event.delivered" | "timer.fired" }>;

function closedWait({ state, at }: Pick<ComingFact, "state" | "at">, fact: ClosingFact, run: ObservedRun): Observation | undefined {
  const node = nodeNamed(state, fact.node);
  const now = stateOf(state, node);
  if (now.status !== "waiting") return undefined;
  const delivered = fact.type === "event.delivered" ? fact : undefined;
  return {
    type: "wait.closed",
    at,
    run,
    node: fact.node,
    path: joinPath(state.path, fact.node),
    event: now.event,
    isGate: waitAt(node)?.gate !== undefined,
    waitedMs: Math.max(0, at - now.since),
    decision: delivered === undefined ? undefined : { deliveryId: delivered.deliveryId, actor: delivered.actor },
    earlier: state.spans ?? {},
  };
}

function eventsAwaited(state: RunState): readonly string[] {
  return [...state.waits].flatMap((index) => {
    const now = state.nodes[index];
    return now?.status === "waiting" ? [now.event] : [];
  });
}

function waitAt(node: PlanNode): Wait | undefined {
  const { work } = node.definition.behaviour;
  return work.type === "wait" ? work : undefined;
}

/** What a node read, what it gave, and what a run gave. */
function contentOf({ state, fact }: ComingFact): ContentOf {
  return () => {
    switch (fact.type) {
      case "node.started":
        return { input: lastReadBy(state, nodeNamed(state, fact.node)) };
      case "node.succeeded":
        return fact.value === undefined ? {} : { output: fact.value };
      case "run.succeeded":
        return { output: outputsOf(state) };
      case "event.delivered":
        return { decision: fact.payload };
      default:
        return {};
    }
  };
}
