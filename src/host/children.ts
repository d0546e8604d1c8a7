// Children as runs: how one begins, and how its parent learns that it has ended. Ids follow from parent, node and key, so beginning one twice is the same run.

import { BugError, type Failure } from "../errors.ts";
import type { Plan, PlanNode } from "../compile/plan.ts";
import type { Children, SettledChild } from "../graph/work.ts";
import type { JsonObject } from "../json.ts";
import { describeIssues } from "../schema.ts";
import { childRested } from "../run/decide.ts";
import { childPath, type ChildSettled } from "../run/fact.ts";
import { childRunId } from "../run/ids.ts";
import { checkInputs } from "../run/inputs.ts";
import { isEnded, needsOf, newRunState, nodeNamed, outputsOf, stateOf, type RunState } from "../run/state.ts";
import { ActiveRun } from "./active-run.ts";
import { thrownFailure } from "./author-code.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { noteOf } from "./plans.ts";

/** Begins a child, or goes on with one that is there. It reports back by `settleInParent`, or by resting. */
export function beginChild(host: EmbeddedHost, parent: ActiveRun, node: PlanNode, part: string, key: string): void {
  const id = childRunId(parent.id, node.name, key);
  const known = host.inMemory(id);
  if (known !== undefined) return attach(host, parent, node, key, known);
  const note = noteOf(host.ledger, id);
  if (note === undefined) return createChild(host, parent, node, part, key);
  if (note.status === "waiting") {
    childRested(parent.state, node, key);
    return;
  }
  host.background(
    host.use(id, (child) => {
      if (isEnded(child.state)) settleInParent(host, child);
    }),
  );
}

/** Tells the parent how a child ended; the parent is loaded when it is not in memory. */
export function settleInParent(host: EmbeddedHost, child: ActiveRun): void {
  const link = child.state.parent;
  if (link === undefined) throw new BugError(`run ${child.id} has no parent to settle in`);
  const parent = host.inMemory(link.run);
  if (parent !== undefined) return report(parent, child.state);
  if (host.ledger.head(link.run)?.open !== true) return;
  host.background(host.use(link.run, (loaded) => report(loaded, child.state)));
}

/** Ends a run whose parent has ended. */
export function cancelOrphan(run: ActiveRun): void {
  run.record({ type: "run.cancelled", reason: "the run it belongs to has ended", actor: { id: "kindling", assurance: "agent" } });
  run.advance();
}

function attach(host: EmbeddedHost, parent: ActiveRun, node: PlanNode, key: string, child: ActiveRun): void {
  if (isEnded(child.state)) settleInParent(host, child);
  else if (child.state.status === "waiting") childRested(parent.state, node, key);
}

function createChild(host: EmbeddedHost, parent: ActiveRun, node: PlanNode, part: string, key: string): void {
  const { work } = node.definition.behaviour;
  const plan = node.parts[part];
  if (work.type !== "children" || plan === undefined) throw new BugError(`node "${node.name}" has no part "${part}"`);
  const given = inputsOf(work, parent.state, node, key);
  if (!given.ok) return settle(parent, node, key, { status: "failed", error: given.error });
  const checked = plan.graph.inline ? ({ ok: true, value: given.inputs } as const) : checkInputs(plan.graph, given.inputs, "ignore");
  const begin = (result: Awaited<typeof checked>) => {
    if (!result.ok) {
      settle(parent, node, key, {
        status: "failed",
        error: { code: "invalid_inputs", message: `${childPath(parent.state.path, node.name, key)}: ${describeIssues(result.issues)}` },
      });
      return;
    }
    const run = new ActiveRun(newRunState(childRunId(parent.id, node.name, key), plan), host, true);
    host.adopt(run);
    run.record({
      type: "run.started",
      contract: plan.name,
      version: plan.version,
      plan: plan.hash,
      inputs: result.value,
      correlation: { ...parent.state.correlation, ...work.correlation(key), ...ownCorrelation(plan, result.value) },
      root: parent.state.root,
      path: childPath(parent.state.path, node.name, key),
      parent: { run: parent.id, node: node.name, key, part },
      // Gates inside ask who started it.
      ...(parent.state.starter === undefined ? {} : { actor: parent.state.starter }),
    });
    run.advance();
  };
  if (checked instanceof Promise) host.background(checked.then(begin));
  else begin(checked);
}

/** The inputs of one child. Reading them calls the author's code, which may throw. */
function inputsOf(
  work: Children,
  parent: RunState,
  node: PlanNode,
  key: string,
): { readonly ok: true; readonly inputs: JsonObject } | { readonly ok: false; readonly error: Failure } {
  try {
    return { ok: true, inputs: work.inputs(needsOf(parent, node), key, settledOf(parent, node)) };
  } catch (error) {
    return { ok: false, error: thrownFailure(error) };
  }
}

function settledOf(parent: RunState, node: PlanNode): ReadonlyMap<string, SettledChild> {
  const now = stateOf(parent, node);
  return now.status === "children" ? now.settled : new Map();
}

/** The keys by which a child's own contract wants to be found. */
function ownCorrelation(plan: Plan, inputs: JsonObject): JsonObject {
  return Object.fromEntries(plan.graph.correlate.map((key) => [key, inputs[key] ?? null]));
}

function report(parent: ActiveRun, child: RunState): void {
  const link = child.parent;
  if (link === undefined) return;
  const node = nodeNamed(parent.state, link.node);
  const spending = child.spending.calls === 0 ? {} : { spending: child.spending };
  const outcome =
    child.status === "succeeded"
      ? { status: "succeeded" as const, value: outputsOf(child) }
      : { status: "failed" as const, error: endOf(child) };
  settle(parent, node, link.key, { ...outcome, ...spending });
}

function settle(parent: ActiveRun, node: PlanNode, key: string, outcome: Omit<ChildSettled, "type" | "node" | "key">): void {
  const now = stateOf(parent.state, node);
  if (now.status === "children" && !now.settled.has(key)) {
    childRested(parent.state, node, key);
    parent.record({ type: "child.settled", node: node.name, key, ...outcome });
  }
  parent.advance();
}

function endOf(child: RunState): Failure {
  return child.error ?? { code: "child_failed", message: `the child at ${child.path} ended as ${child.status}` };
}
