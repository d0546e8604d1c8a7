// Why a run, or something in it, stands as it stands: what it waits for, what failed, what was reused and why. Pure; reading executes nothing.

import type { PlanNode } from "../compile/plan.ts";
import { causesBefore, causesIn } from "./explain-blocked.ts";
import { countFailures, failuresIn, uncompensatedIn } from "./explain-failed.ts";
import { forkHint, hintsFor, retryHint, retryHints } from "./explain-hint.ts";
import { itemStanding, missingNeeds, nodeStanding } from "./explain-node.ts";
import { targetAt, type Target } from "./explain-path.ts";
import type {
  BlockedNode,
  Cause,
  ChildCounts,
  Explanation,
  Hint,
  NextTimer,
  NodeExplanation,
  RunExplanation,
  Standing,
} from "./explain-shape.ts";
import { storedBy } from "./explain-stored.ts";
import { childOf, factId, factsAbout, lastFact, pathOf, type LoadedRun, type ReadRun } from "./explain-tree.ts";
import { lineageOf, lineageOfItem, type LineageOptions } from "./lineage.ts";
import { childrenIn } from "./node-state.ts";
import { childPath, joinPath } from "./path.ts";
import { isEnded, stateOf, type RunStatus } from "./state.ts";

const BLOCKED_LIMIT = 50;
const FAILURES_LIMIT = 20;

/** Explains a root run, or what stands at a path of it. @throws InputError `path_not_found` with the nearest path */
export function explain(root: LoadedRun, path: string | undefined, read: ReadRun, options: LineageOptions = {}): Explanation {
  return path === undefined ? explainWhole(root, read) : explainTarget(root, path, targetAt(root, path, read), read, options);
}

function explainWhole(root: LoadedRun, read: ReadRun): RunExplanation {
  const { state } = root;
  const causes = causesIn(root, read);
  const blocked = blockedIn(root, read);
  const failures = failuresIn(root, read, FAILURES_LIMIT);
  const cancelled = lastFact(root.facts, "run.cancelled")?.fact ?? state.cancelling;
  const last = lastIn(root, read);
  const status = statusOf(state.status, causes.list);
  return {
    subject: "run",
    run: state.id,
    contract: state.plan.name,
    version: root.version,
    status,
    since:
      state.endedAt ??
      (status === "waiting" ? (lastFact(root.facts, "run.waiting")?.time ?? state.startedAt) : (last?.time ?? state.startedAt)),
    startedAt: state.startedAt,
    starter: state.starter,
    causes: causes.list,
    blocked: blocked.slice(0, BLOCKED_LIMIT).map(([run, node]) => blockedBy(run, node, read)),
    next: nextTimer(causes.list),
    last,
    failures,
    cancelled:
      cancelled === undefined || (state.status !== "cancelled" && state.cancelling === undefined)
        ? undefined
        : { reason: cancelled.reason, actor: cancelled.actor },
    uncompensated: uncompensatedIn(root, read),
    exits: exitsOf(root),
    spending: state.spending,
    stored: storedBy(root, read),
    hints: wholeHints(state.id, status, causes.list, failures),
    cut: {
      causes: causes.cut,
      blocked: Math.max(0, blocked.length - BLOCKED_LIMIT),
      failures: Math.max(0, countFailures(root) - failures.length),
    },
  };
}

/** The last fact of a run and of its children that are open. */
function lastIn(run: LoadedRun, read: ReadRun): RunExplanation["last"] {
  let [last, of] = [run.facts.at(-1), run];
  for (const child of openChildren(run, read)) {
    const fact = child.facts.at(-1);
    if (fact !== undefined && fact.position > (last?.position ?? 0)) [last, of] = [fact, child];
  }
  if (last === undefined) return undefined;
  const { fact, number, time } = last;
  return { id: factId(of, number), type: fact.type, path: "node" in fact ? joinPath(of.state.path, fact.node) : of.state.path, time };
}

/** The children of a run that have not settled, and theirs. */
function openChildren(run: LoadedRun, read: ReadRun): readonly LoadedRun[] {
  return run.state.plan.nodes.flatMap((node) => {
    const children = childrenIn(stateOf(run.state, node));
    const open = children === undefined ? [] : [...children.started.keys()].filter((key) => !children.settled.has(key));
    return open.flatMap((key) => {
      const child = childOf(run, node, key, read);
      return child === undefined ? [] : [child, ...openChildren(child, read)];
    });
  });
}

function exitsOf({ state, facts }: LoadedRun): RunExplanation["exits"] {
  return [...state.exits].flatMap(([exit, { attempt, retryAt }]) => {
    const last = facts.findLast(({ fact }) => (fact.type === "exit.failed" || fact.type === "exit.succeeded") && fact.exit === exit)?.fact;
    return last?.type === "exit.failed" ? [{ exit, attempt, error: last.error, retryAt }] : [];
  });
}

/** A run that waits itself counts as running while one of its children does. */
function statusOf(status: RunStatus, causes: readonly Cause[]): RunStatus {
  return status === "waiting" && causes.some(({ type }) => type === "running" || type === "retry" || type === "compensation")
    ? "running"
    : status;
}

function wholeHints(run: string, status: RunStatus, causes: readonly Cause[], failures: RunExplanation["failures"]): readonly Hint[] {
  switch (status) {
    case "failed":
      return failures.length === 0 ? [retryHint(run, undefined, undefined)] : retryHints(run, failures);
    case "cancelled":
      return [forkHint(run)];
    case "succeeded":
    case "running":
    case "waiting":
      return [...hintsFor(run, causes), ...retryHints(run, failures)];
  }
}

/** Nodes that cannot begin, in the run and in its children that are open. */
function blockedIn(run: LoadedRun, read: ReadRun): readonly (readonly [LoadedRun, PlanNode])[] {
  return [run, ...openChildren(run, read)].flatMap((each) => {
    const { state } = each;
    if (isEnded(state) || state.lost !== undefined) return [];
    return state.plan.nodes.flatMap((node): readonly (readonly [LoadedRun, PlanNode])[] => {
      const { status } = stateOf(state, node);
      const isBlocked = node.needed && (status === "pending" || status === "stale") && state.unmet[node.index] !== 0;
      return isBlocked ? [[each, node]] : [];
    });
  });
}

function blockedBy(run: LoadedRun, node: PlanNode, read: ReadRun): BlockedNode {
  const causes = causesBefore(run, node, read).list.map(({ path }) => path);
  return { path: pathOf(run, node), by: causes.length > 0 ? [...new Set(causes)] : missingNeeds(run, node) };
}

function nextTimer(causes: readonly Cause[]): NextTimer | undefined {
  const timers = causes.flatMap((cause): readonly NextTimer[] => {
    const { path } = cause;
    switch (cause.type) {
      case "await":
        return [
          ...(cause.deadline === undefined ? [] : [{ at: cause.deadline, path, why: "deadline" as const }]),
          ...(cause.reminderAt === undefined ? [] : [{ at: cause.reminderAt, path, why: "reminder" as const }]),
        ];
      case "sleep":
        return [{ at: cause.until, path, why: "sleep" }];
      case "remote":
        return [{ at: cause.askedAgainAt, path, why: "remote" }];
      case "retry":
        return [{ at: cause.at, path, why: "retry" }];
      case "compensation":
        return cause.retryAt === undefined ? [] : [{ at: cause.retryAt, path, why: "compensation" }];
      case "running":
      case "failed":
      case "unread":
        return [];
    }
  });
  return timers.sort((a, b) => a.at - b.at)[0];
}

function explainTarget(root: LoadedRun, path: string, target: Target, read: ReadRun, options: LineageOptions): NodeExplanation {
  const standing = standingOf(target, read, options);
  const { run, node } = target;
  const lineage =
    target.type === "node"
      ? lineageOf(run, node, read, options)
      : target.type === "item"
        ? lineageOfItem(run, node, target.key, read, options)
        : undefined;
  return { ...standing, ...about(root, path, target), lineage, hints: hintsOf(root, target, standing, read) };
}

function standingOf(target: Target, read: ReadRun, { values = false }: LineageOptions): Standing {
  const { run, node } = target;
  switch (target.type) {
    case "node":
      return nodeStanding(run, node, read, values);
    case "item":
      return itemStanding(run, node, target.key, read);
    case "inside":
      return insideStanding(run, node, target, read);
    case "case":
      if (target.taken === undefined) return nodeStanding(run, node, read, values);
      return { status: "skipped", reason: { type: "case_not_taken", branch: pathOf(run, node), case: target.part, taken: target.taken } };
  }
}

function about(
  root: LoadedRun,
  path: string,
  target: Target,
): Pick<NodeExplanation, "subject" | "run" | "path" | "kind" | "description" | "outputs" | "children"> {
  const { outputs } = root.state.plan;
  const node: PlanNode = target.type === "inside" ? target.inner : target.node;
  const isRootNode = target.type === "node" && target.run === root;
  const given =
    isRootNode && outputs.type === "record"
      ? Object.entries(outputs.nodes).flatMap(([output, name]) => (name === node.name ? [output] : []))
      : [];
  return {
    subject: target.type === "item" ? "item" : "node",
    run: root.state.id,
    // An output's name leads to the node that gives it.
    path: target.type === "node" ? pathOf(target.run, node) : path,
    kind: node.definition.kind,
    description: node.definition.description,
    outputs: given,
    children: target.type === "node" ? countsOf(target.run, node) : undefined,
  };
}

function countsOf(run: LoadedRun, node: PlanNode): ChildCounts | undefined {
  const children = childrenIn(stateOf(run.state, node));
  if (children === undefined) return undefined;
  const succeeded = children.keys.filter((key) => children.settled.get(key)?.status === "succeeded").length;
  return {
    part: children.part,
    total: children.keys.length,
    succeeded,
    failed: children.failures,
    taken: Object.keys(node.parts).length > 1 && children.part !== "" ? children.part : undefined,
  };
}

function hintsOf(root: LoadedRun, target: Target, standing: Standing, read: ReadRun): readonly Hint[] {
  const run = root.state.id;
  switch (standing.status) {
    case "blocked":
    case "waiting":
    case "stale":
    case "running":
      return hintsFor(run, standing.causes);
    case "failed":
      return standing.canRetry || standing.error.fix !== undefined
        ? [retryHint(run, retriedAt(root, target, read), standing.error.fix)]
        : [];
    case "ran":
      return retryHints(run, standing.failures);
    case "skipped":
      if (standing.reason.type === "run_failed") return [retryHint(run, retriedAt(root, target, read), standing.reason.failure?.error.fix)];
      return standing.reason.type === "run_cancelled" ? [forkHint(run)] : [];
    case "given":
    case "pending":
    case "retrying":
    case "sleeping":
    case "postponed":
    case "reused":
    case "unrecorded":
      return [];
  }
}

/** The path by which something is tried again; undefined where it is tried again with all that failed, since the run's own node did. */
function retriedAt(root: LoadedRun, target: Target, read: ReadRun): string | undefined {
  const { run, node } = target;
  const item = target.type === "item" || target.type === "inside" ? childPath(run.state.path, node.name, target.key) : run.state.path;
  let [above, name]: readonly [LoadedRun | undefined, string] = [run, node.name];
  for (let link = run.state.parent; above !== undefined && above !== root && link !== undefined; link = above?.state.parent) {
    name = link.node;
    above = link.run === root.state.id ? root : read(link.run);
  }
  const top = root.state.plan.byName.get(name);
  const hasFailed = top !== undefined && stateOf(root.state, top).status === "failed";
  return hasFailed || item === "" ? undefined : item;
}

/** A node inside a child that left only its outcome: the failure names its node, of the others nothing is recorded. */
function insideStanding(
  run: LoadedRun,
  node: PlanNode,
  { key, inner }: Extract<Target, { readonly type: "inside" }>,
  read: ReadRun,
): Standing {
  const child = childPath(run.state.path, node.name, key);
  const item = itemStanding(run, node, key, read);
  if (item.status === "failed" && item.failure.path === joinPath(child, inner.name)) return item;
  const settled = factsAbout(run, node.name).findLast(({ fact }) => fact.type === "child.settled" && fact.key === key);
  if (settled?.fact.type !== "child.settled") return item;
  return { status: "unrecorded", child, fact: factId(run, settled.number), at: settled.time, outcome: settled.fact.status };
}
