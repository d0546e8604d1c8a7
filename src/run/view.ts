// What a run's state looks like from outside: nodes with status, times and a line about what they did. Pure; children come in as views of their own.

import type { PlanNode } from "../compile/plan.ts";
import type { JournalEntry } from "../graph/work.ts";
import type { Failure } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { Fact } from "./fact.ts";
import { joinPath } from "./path.ts";
import { addSpending, NO_SPENDING, replySpending, type Spending } from "./spending.ts";
import { childrenIn, type NodeState } from "./node-state.ts";
import { stateOf, type RunState } from "./state.ts";

/**
 * How a node stands: `blocked` until its needs have values, `pending` when it could begin, `skipped` when the run ended without it, `stale` when what it read
 * has changed and it is not known yet whether its value still stands.
 */
export type NodeStatus = "pending" | "blocked" | "running" | "waiting" | "succeeded" | "failed" | "skipped" | "stale";

/** One node of a run, with its children's nodes below it. */
export interface NodeView {
  /** From the root run. */
  readonly path: string;
  readonly name: string;
  readonly kind: string;
  readonly status: NodeStatus;
  readonly attempts: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly error: Failure | undefined;
  /** The recorded value, for a node that succeeded; of a collection at work, what there is of it so far. */
  readonly value: JsonValue | undefined;
  /** A line about what it did: the case a branch took, the model and its tokens, the event and who decided, the fact of a store. */
  readonly note: string | undefined;
  readonly spending: Spending | undefined;
  readonly children: readonly ChildView[];
}

/** A child of a node; one without a stream of its own shows how it ended and no nodes. */
export interface ChildView {
  readonly key: string;
  readonly status: NodeStatus;
  readonly error: Failure | undefined;
  readonly nodes: readonly NodeView[];
}

/** When nodes began, and what was said about them: gathered from the facts, since the state keeps only what deciding needs. */
export interface NodeTimes {
  readonly startedAt: Map<string, number>;
  readonly notes: Map<string, string>;
  readonly children: Map<string, Map<string, string>>;
}

/** Facts that tell when a node began. A pure node has none: it begins when its needs have values. */
const BEGINNINGS: ReadonlySet<Fact["type"]> = new Set(["node.started", "children.listed", "await.opened"]);

/** Gathers the times of nodes from facts with their times. */
export function timesOf(facts: Iterable<{ readonly fact: Fact; readonly time: number }>): NodeTimes {
  const times: NodeTimes = { startedAt: new Map(), notes: new Map(), children: new Map() };
  for (const { fact, time } of facts) {
    if (!("node" in fact)) continue;
    if (BEGINNINGS.has(fact.type) && !times.startedAt.has(fact.node)) times.startedAt.set(fact.node, time);
    if (fact.type === "event.delivered") times.notes.set(fact.node, `${fact.event} by ${fact.actor.id}`);
    if (fact.type === "children.listed" && fact.more !== true) times.notes.set(fact.node, describeListing(fact.keys, fact.part, fact.note));
    if (fact.type === "child.started") {
      const children = times.children.get(fact.node) ?? new Map<string, string>();
      times.children.set(fact.node, children.set(fact.key, fact.child));
    }
  }
  return times;
}

/** Views of a run's needed nodes, inputs left out. `childrenOf` gives the nodes of a child with a stream of its own. */
export function nodeViews(
  state: RunState,
  times: NodeTimes,
  childNodes: (run: string) => { readonly status: NodeStatus; readonly nodes: readonly NodeView[] } | undefined,
): NodeView[] {
  return state.plan.nodes
    .filter((node) => node.needed && node.definition.behaviour.work.type !== "given")
    .map((node) => {
      const now = stateOf(state, node);
      const endedAt = now.status === "succeeded" || now.status === "failed" ? now.at : undefined;
      return {
        path: joinPath(state.path, node.name),
        name: node.name,
        kind: node.definition.kind,
        status: statusOf(state, node, now),
        attempts: state.attempts[node.index] ?? 0,
        startedAt: times.startedAt.get(node.name) ?? readyAt(state, node, now),
        endedAt,
        error: now.status === "failed" || now.status === "retrying" ? now.error : undefined,
        value: valueOf(node, now),
        note: noteOf(state, node, now, times),
        spending: spendingOf(state.journals.get(node.index)),
        children: childViews(now, times.children.get(node.name), childNodes),
      };
    });
}

/** When the last of a node's needs had its value; undefined for one that is not as far, or that waits to be begun otherwise. */
function readyAt(state: RunState, node: PlanNode, now: NodeState): number | undefined {
  if (state.unmet[node.index] !== 0 || now.status === "waiting") return undefined;
  const times = node.needs.map(({ node: index }) => {
    const need = state.nodes[index];
    return need?.status === "succeeded" ? need.at : state.startedAt;
  });
  return Math.max(state.startedAt, ...times);
}

function statusOf(state: RunState, node: PlanNode, now: NodeState): NodeStatus {
  switch (now.status) {
    case "succeeded":
    case "failed":
    case "waiting":
      return now.status;
    case "running":
    case "retrying":
      return state.endedAt === undefined ? "running" : "skipped";
    case "sleeping":
    case "postponed":
      return state.endedAt === undefined ? "waiting" : "skipped";
    case "stale":
      return "stale";
    case "children":
      if (state.endedAt !== undefined) return "skipped";
      return state.status === "waiting" ? "waiting" : "running";
    case "pending":
      if (state.endedAt !== undefined || state.lost !== undefined) return "skipped";
      if (state.unmet[node.index] !== 0) return "blocked";
      // A pure node leaves no fact when it begins; in a run that is running, one whose needs are met is at work.
      return state.status === "running" ? "running" : "pending";
  }
}

function valueOf({ definition }: PlanNode, now: NodeState): JsonValue | undefined {
  if (now.status === "succeeded") return now.value;
  return now.status === "children" ? definition.behaviour.partial?.(now.keys, now.settled) : undefined;
}

function noteOf(state: RunState, node: PlanNode, now: NodeState, times: NodeTimes): string | undefined {
  const note = times.notes.get(node.name);
  if (note !== undefined) return note;
  if (now.status === "waiting") {
    const { work } = node.definition.behaviour;
    const history = work.type === "wait" ? work.on?.history.name : undefined;
    return `waits for ${history === undefined ? now.event : `an event of ${history}`}`;
  }
  const journal = state.journals.get(node.index);
  return journal === undefined ? undefined : (describeConversation(journal) ?? describeStored(journal));
}

function describeListing(keys: readonly string[], part: string, note: JsonValue | undefined): string {
  const [only] = keys;
  // What it chose by says more than the case only where the two are not the same word.
  const chosenBy =
    note === undefined || (typeof note !== "object" && String(note) === part) ? "" : ` (on gave ${JSON.stringify(note).slice(0, 60)})`;
  if (keys.length === 1 && only === part) return `case ${part}${chosenBy}`;
  return keys.length === 1 && only === "" ? "one child" : `${keys.length} children`;
}

function describeConversation(journal: readonly JournalEntry[]): string | undefined {
  const requested = journal.findLast((entry) => entry.type === "model.requested");
  if (requested?.type !== "model.requested") return undefined;
  const prompt = requested.prompt === undefined ? "" : `, prompt ${requested.prompt.split("@", 1)[0]}`;
  return `${requested.model}${prompt}`;
}

/** The one fact of a store by its id, several by their number: of what was read and what that led to, what was recorded. */
function describeStored(journal: readonly JournalEntry[]): string | undefined {
  const used = journal.findLast(({ type }) => type === "facts.recorded") ?? journal.findLast(({ type }) => type === "facts.read");
  if (used?.type !== "facts.recorded" && used?.type !== "facts.read") return undefined;
  const [first, ...more] = used.facts;
  if (first === undefined) return `nothing of ${used.store}`;
  return more.length === 0 ? first : `${used.facts.length} facts of ${used.store}`;
}

function spendingOf(journal: readonly JournalEntry[] | undefined): Spending | undefined {
  return journal?.reduce<Spending>(
    (sum, entry) => (entry.type === "model.replied" ? addSpending(sum, replySpending(entry)) : sum),
    NO_SPENDING,
  );
}

function childViews(
  now: NodeState,
  runs: ReadonlyMap<string, string> | undefined,
  childNodes: (run: string) => { readonly status: NodeStatus; readonly nodes: readonly NodeView[] } | undefined,
): ChildView[] {
  const live = childrenIn(now);
  const keys = new Set([...(live?.keys ?? []), ...[...(runs?.keys() ?? [])].filter((key) => live?.dropped.has(key) !== true)]);
  return [...keys].map((key) => {
    const settled = live?.settled.get(key);
    const run = runs?.get(key);
    const inside = run === undefined ? undefined : childNodes(run);
    const status = settled?.status ?? inside?.status ?? (live === undefined ? "succeeded" : "pending");
    return { key, status, error: settled?.status === "failed" ? settled.error : undefined, nodes: inside?.nodes ?? [] };
  });
}
