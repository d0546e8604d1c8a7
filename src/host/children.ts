// Children as runs: how one begins, and how its parent learns that it has ended. Ids follow from parent, node and key, so beginning one twice is the same run.

import { BugError, type Failure } from "../errors.ts";
import type { Plan, PlanNode } from "../compile/plan.ts";
import type { Children, SettledChild } from "../graph/work.ts";
import type { JsonObject } from "../json.ts";
import { describeIssues, type Issue } from "../schema.ts";
import { childAgain, childRested } from "../run/decide.ts";
import type { ChildSettled } from "../run/fact.ts";
import { childRunId } from "../run/ids.ts";
import { checkInputs } from "../run/inputs.ts";
import { childrenIn, type Redo } from "../run/node-state.ts";
import { childPath } from "../run/path.ts";
import { lessSpending } from "../run/spending.ts";
import { isEnded, needsOf, newRunState, nodeNamed, outputsOf, stateOf, type RunState } from "../run/state.ts";
import { ActiveRun, type Word } from "./active-run.ts";
import { thrownFailure } from "./author-code.ts";
import { cancelOrphan, endedLateAsOrphan, isUnwanted } from "./cancel.ts";
import type { ChildAction } from "./carrier.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { inherit } from "./inherit.ts";
import { noteOf } from "./plans.ts";
import { reviseInputs } from "./revise-inputs.ts";

/** Begins a child, or goes on with one that is there. It reports back by `settleInParent`, or by resting. */
export function beginChild(host: EmbeddedHost, parent: ActiveRun, child: ChildAction): void {
  const { node, key, isChanged } = child;
  const id = childRunId(parent.id, node.name, key);
  const redo = childrenIn(stateOf(parent.state, node))?.redo.get(key);
  const known = host.inMemory(id);
  const note = known === undefined ? noteOf(host.ledger, id) : undefined;
  if (known === undefined && note === undefined) return createChild(host, parent, child);
  const status = known?.state.status ?? note?.status;
  if (isChanged || redo !== undefined || status === "cancelled" || parent.untold.has(id)) return goOnRevised(host, parent, child, redo);
  if (known !== undefined) return attach(host, parent, node, key, known);
  if (status === "waiting") {
    childRested(parent.state, node, key);
    return;
  }
  host.background(
    host.use(id, (run) => {
      if (isEnded(run.state)) settleInParent(host, run);
    }),
  );
}

/** A child that has run already goes on with other inputs, or tries again what failed in it. Doing that twice changes nothing. */
function goOnRevised(host: EmbeddedHost, parent: ActiveRun, child: ChildAction, redo: Redo | undefined): void {
  const { node, key } = child;
  const id = childRunId(parent.id, node.name, key);
  // What an earlier word said, and the child has not heard, is said with this one.
  const word = { isChanged: child.isChanged || parent.untold.get(id)?.isChanged === true };
  parent.untold.set(id, word);
  const inputs = word.isChanged ? checkedInputs(parent, child) : undefined;
  const told = host.use(id, async (run) => {
    const checked = await inputs;
    if (!isLastWord(host, parent, id, word)) return;
    // One that has to end first is told when it has.
    if (run.state.cancelling === undefined || isEnded(run.state)) tell(host, parent, child, run, checked, redo);
    parent.untold.delete(id);
    if (isEnded(run.state)) settleInParent(host, run);
    else if (run.state.status === "waiting") childRested(parent.state, node, key);
  });
  host.background(
    told.finally(() => {
      if (parent.untold.get(id) === word) parent.untold.delete(id);
    }),
  );
}

/** What the last word for a child says is recorded. */
function tell(
  host: EmbeddedHost,
  parent: ActiveRun,
  { node, key }: ChildAction,
  run: ActiveRun,
  inputs: CheckedInputs | undefined,
  redo: Redo | undefined,
): void {
  // It was dropped, or its parent ended, while it was brought back.
  if (isUnwanted(parent.state, { node: node.name, key })) return;
  if (inputs?.ok === false) {
    cancelOrphan(host, run);
    return settle(parent, node, key, { status: "failed", error: inputs.error });
  }
  if (inputs !== undefined) reviseInputs(run, inputs.value, undefined);
  const { round } = run.state;
  if (redo !== undefined && round < redo.round && isEnded(run.state))
    run.record({ type: "run.retried", round: redo.round, ...(redo.inside === undefined ? {} : { children: redo.inside }) });
  // It was cancelled with its parent, or since it was gone for a while; now it is wanted again. That is no round of its own: the next one of its parent is.
  else if (run.state.status === "cancelled") run.record({ type: "run.retried", round });
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

function attach(host: EmbeddedHost, parent: ActiveRun, node: PlanNode, key: string, child: ActiveRun): void {
  if (isEnded(child.state)) settleInParent(host, child);
  else if (child.state.status === "waiting") childRested(parent.state, node, key);
}

function childrenWork({ name, definition }: PlanNode): Children {
  const { work } = definition.behaviour;
  if (work.type !== "children") throw new BugError(`node "${name}" has no children`);
  return work;
}

function createChild(host: EmbeddedHost, parent: ActiveRun, child: ChildAction): void {
  const { node, part, key } = child;
  const work = childrenWork(node);
  const plan = partOf(node, part);
  const id = childRunId(parent.id, node.name, key);
  const begin = (result: CheckedInputs) => {
    if (!result.ok) return settle(parent, node, key, { status: "failed", error: result.error });
    const run = new ActiveRun(newRunState(id, plan), host, true);
    host.adopt(run);
    const forked = donorOf(host, parent.state, node, key);
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
      ...(forked === undefined ? {} : { forked }),
      // Gates inside ask who started it.
      ...(parent.state.starter === undefined ? {} : { actor: parent.state.starter }),
    });
    if (forked === undefined) return run.advance();
    run.hold();
    const inherited = inherit(host, run.state).then(() => {
      run.release();
      run.advance();
    });
    host.background(inherited);
  };
  const checked = checkedInputs(parent, child);
  if (!(checked instanceof Promise)) return begin(checked);
  const word = { isChanged: true };
  parent.untold.set(id, word);
  const begun = checked.then((result) => {
    if (!isLastWord(host, parent, id, word)) return;
    parent.untold.delete(id);
    if (!isUnwanted(parent.state, { node: node.name, key })) return begin(result);
    // It was dropped, or its parent ended, while its inputs were checked.
    childRested(parent.state, node, key);
    parent.advance();
  });
  host.background(begun);
}

/** False when the child is told something else meanwhile, or its parent, brought back, tells it anew. */
function isLastWord(host: EmbeddedHost, parent: ActiveRun, child: string, word: Word): boolean {
  return parent.untold.get(child) === word && host.inMemory(parent.id) === parent;
}

type CheckedInputs = { readonly ok: true; readonly value: JsonObject } | { readonly ok: false; readonly error: Failure };

/** What a child is given, checked by its contract. */
function checkedInputs(parent: ActiveRun, { node, part, key }: ChildAction): CheckedInputs | Promise<CheckedInputs> {
  const { graph, name } = partOf(node, part);
  const given = inputsOf(childrenWork(node), parent.state, node, key);
  if (!given.ok || graph.inline) return given;
  const judged = (checked: Awaited<ReturnType<typeof checkInputs>>): CheckedInputs =>
    checked.ok ? checked : { ok: false, error: misfit(parent, node, key, name, checked.issues) };
  const checked = checkInputs(graph, given.value, "ignore");
  return checked instanceof Promise ? checked.then(judged) : judged(checked);
}

function partOf(node: PlanNode, part: string): Plan {
  const plan = node.parts[part];
  if (plan === undefined) throw new BugError(`node "${node.name}" has no part "${part}"`);
  return plan;
}

function misfit(parent: ActiveRun, node: PlanNode, key: string, contract: string, issues: readonly Issue[]): Failure {
  const path = childPath(parent.state.path, node.name, key);
  return {
    code: "invalid_inputs",
    message: `${path}: contract "${contract}": ${describeIssues(issues)}`,
    fix: "Give what its inputs take; put a g.compute between where a value must be changed.",
    details: { node: path },
  };
}

/** The inputs of one child. Reading them calls the author's code, which may throw. */
function inputsOf(work: Children, parent: RunState, node: PlanNode, key: string): CheckedInputs {
  try {
    return { ok: true, value: work.inputs(needsOf(parent, node), key, settledOf(parent, node), parent.journals.get(node.index) ?? []) };
  } catch (error) {
    return { ok: false, error: thrownFailure(error) };
  }
}

function settledOf(parent: RunState, node: PlanNode): ReadonlyMap<string, SettledChild> {
  return childrenIn(stateOf(parent, node))?.settled ?? new Map();
}

/** The run whose unchanged work a child takes over: the same child of the run that its parent was forked from. */
function donorOf(host: EmbeddedHost, parent: RunState, node: PlanNode, key: string): RunState["forked"] {
  const { forked } = parent;
  if (forked === undefined) return undefined;
  const run = childRunId(forked.run, node.name, key);
  return host.ledger.head(run) === undefined ? undefined : { run, position: forked.position };
}

/** The keys by which a child's own contract wants to be found. */
function ownCorrelation(plan: Plan, inputs: JsonObject): JsonObject {
  return Object.fromEntries(plan.graph.correlate.map((key) => [key, inputs[key] ?? null]));
}

function report(parent: ActiveRun, child: RunState): void {
  const link = child.parent;
  if (link === undefined || parent.untold.has(child.id)) return;
  const node = nodeNamed(parent.state, link.node);
  if (endedLateAsOrphan(child) && parent.state.lost === undefined && !isUnwanted(parent.state, link)) {
    childAgain(parent.state, node, link.key);
    return parent.advance();
  }
  const spent = lessSpending(child.spending, child.reported);
  const spending = spent.calls === 0 ? {} : { spending: spent };
  const outcome =
    child.status === "succeeded"
      ? { status: "succeeded" as const, value: outputsOf(child) }
      : { status: "failed" as const, error: endOf(child) };
  settle(parent, node, link.key, { ...outcome, ...spending });
}

function settle(parent: ActiveRun, node: PlanNode, key: string, outcome: Omit<ChildSettled, "type" | "v" | "node" | "key">): void {
  const children = childrenIn(stateOf(parent.state, node));
  if (children !== undefined && !children.settled.has(key)) {
    childRested(parent.state, node, key);
    parent.record({ type: "child.settled", v: 2, node: node.name, key, ...outcome });
  }
  parent.advance();
}

function endOf(child: RunState): Failure {
  return child.error ?? { code: "child_failed", message: `the child at ${child.path} ended as ${child.status}` };
}
