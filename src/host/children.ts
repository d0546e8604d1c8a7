// Children as runs: how one begins, and how its parent learns that it has ended. Ids follow from parent, node and key, so beginning one twice is the same run.

import { BugError, type Failure } from "../errors.ts";
import type { PlanNode } from "../compile/plan.ts";
import { describeIssues } from "../schema.ts";
import { childRested } from "../run/decide.ts";
import { childPath, type ChildSettled } from "../run/fact.ts";
import { childRunId } from "../run/ids.ts";
import { checkInputs } from "../run/inputs.ts";
import { isEnded, needsOf, newRunState, nodeNamed, outputsOf, stateOf, type RunState } from "../run/state.ts";
import { ActiveRun } from "./active-run.ts";
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
    host.activate(id).then((child) => {
      if (isEnded(child.state)) settleInParent(host, child);
      else child.advance();
    }),
  );
}

/** Tells the parent how a child ended; the parent is loaded when it is not in memory. */
export function settleInParent(host: EmbeddedHost, child: ActiveRun): void {
  const link = child.state.parent;
  if (link === undefined) throw new BugError(`run ${child.id} has no parent to settle in`);
  const parent = host.inMemory(link.run);
  if (parent !== undefined) return report(parent, child.state);
  if (noteOf(host.ledger, link.run)?.status === "succeeded") return;
  host.background(host.activate(link.run).then((loaded) => report(loaded, child.state)));
}

function attach(host: EmbeddedHost, parent: ActiveRun, node: PlanNode, key: string, child: ActiveRun): void {
  if (isEnded(child.state)) settleInParent(host, child);
  else if (child.state.status === "waiting") childRested(parent.state, node, key);
}

function createChild(host: EmbeddedHost, parent: ActiveRun, node: PlanNode, part: string, key: string): void {
  const { work } = node.definition.behaviour;
  const plan = node.parts[part];
  if (work.type !== "children" || plan === undefined) throw new BugError(`node "${node.name}" has no part "${part}"`);
  const given = work.inputs(needsOf(parent.state, node), key);
  const checked = plan.graph.inline ? ({ ok: true, value: given } as const) : checkInputs(plan.graph, given, "ignore");
  const begin = (result: Awaited<typeof checked>) => {
    if (!result.ok) {
      settle(parent, node, key, { status: "failed", error: { code: "invalid_inputs", message: `${childPath(parent.state.path, node.name, key)}: ${describeIssues(result.issues)}` } });
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
      correlation: { ...parent.state.correlation, ...work.correlation(key) },
      root: parent.state.root,
      path: childPath(parent.state.path, node.name, key),
      parent: { run: parent.id, node: node.name, key, part },
    });
    run.advance();
  };
  if (checked instanceof Promise) host.background(checked.then(begin));
  else begin(checked);
}

function report(parent: ActiveRun, child: RunState): void {
  const link = child.parent;
  if (link === undefined) return;
  const node = nodeNamed(parent.state, link.node);
  const spending = child.spending.calls === 0 ? {} : { spending: child.spending };
  const outcome = child.status === "succeeded" ? { status: "succeeded" as const, value: outputsOf(child) } : { status: "failed" as const, error: failureOf(child) };
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

function failureOf(child: RunState): Failure {
  return child.error ?? { code: "child_failed", message: `the child at ${child.path} ended as ${child.status}` };
}
