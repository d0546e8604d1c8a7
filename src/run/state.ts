// The state of one run as its facts make it. Changed only by `fold`; nodes are known by their number in the plan, so one more fact costs its node's degree (R7).

import type { Failure } from "../errors.ts";
import type { Budget } from "../graph/budget.ts";
import type { ExitName } from "../graph/graph.ts";
import type { JournalEntry } from "../graph/work.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Plan, PlanNode } from "../compile/plan.ts";
import { BugError } from "../errors.ts";
import type { Actor, ParentLink, RunStarted } from "./fact.ts";
import type { Account } from "./budget.ts";
import type { EventBuffered } from "./event-facts.ts";
import type { NodeState } from "./node-state.ts";
import { NO_SPENDING, type Spending } from "./spending.ts";

/** How a run stands: `waiting` when nothing happens until an event or a deadline. */
export type RunStatus = "running" | "waiting" | "succeeded" | "failed" | "cancelled";

/** How a delivery ended, kept as long as the run: a repeat gets the same answer. */
export interface DeliveryRecord {
  readonly deliveryId: string;
  readonly node: string | undefined;
  readonly payload: JsonValue;
  readonly outcome: "delivered" | "counted" | "buffered";
}

/** Code at the end of a run: at work or to be tried again at a time, or over. */
export interface ExitState {
  readonly attempt: number;
  readonly retryAt: number | undefined;
  readonly isOver: boolean;
}

/** Something a node did that can be taken back: its value, or the child of this key as a whole. */
export interface Done {
  readonly index: number;
  readonly key: string | undefined;
  readonly value: JsonValue | undefined;
  /** What the node had read for it, and how often it had acted anew before; its key follows from that. */
  readonly needs?: JsonObject;
  readonly renewals?: number;
}

/** One run. */
export interface RunState {
  readonly id: string;
  readonly plan: Plan;
  status: RunStatus;
  /** Number of facts folded. */
  version: number;
  root: string;
  path: string;
  parent: ParentLink | undefined;
  inputs: JsonObject;
  given: string | undefined;
  correlation: JsonObject;
  starter: Actor | undefined;
  /** Undefined for a run without any. */
  tags: readonly string[] | undefined;
  /** The spans it was in last, as far as they were recorded. */
  spans: Readonly<Record<string, string>> | undefined;
  startedAt: number;
  endedAt: number | undefined;
  error: Failure | undefined;
  spending: Spending;
  /** What its own nodes spent, by full model name. */
  readonly models: Map<string, Spending>;
  /** What they spent on replies that were thrown away. */
  discarded: Spending;
  readonly nodes: NodeState[];
  /** For each node, how many of its needs have no value yet. */
  readonly unmet: number[];
  /** Tries begun, and tries that failed: a try that a crash cut off is begun again and has not failed. */
  readonly attempts: number[];
  readonly failures: number[];
  readonly journals: Map<number, JournalEntry[]>;
  /** Nodes to look at next. */
  readonly due: number[];
  /** Nodes that a lost run leaves out; they are looked at when it goes on after all. */
  readonly left: number[];
  /** Nodes whose await is open. */
  readonly waits: Set<number>;
  /** Nodes that sleep, or on which another system works. */
  readonly asleep: Set<number>;
  /** The time of the last timer that this process set for the end of the run. */
  timedAt: number | undefined;
  /** Calls and children in flight in this process. */
  active: number;
  /** How many of them are pauses before a retry. */
  pausing: number;
  /** Children with a stream of their own that have not settled. */
  openChildren: number;
  /** Needed nodes without a value. */
  remaining: number;
  /** The first node that failed for good: the run is lost and starts nothing more. */
  lost: Failure | undefined;
  readonly buffered: Map<string, EventBuffered>;
  readonly deliveries: Map<string, DeliveryRecord>;
  /** What was done and can be taken back, in the order in which it was done. */
  readonly done: Done[];
  /** Nodes at which another system may be at work. */
  readonly begun: Set<number>;
  /** What is being taken back, and when the next try is made after a failed one. */
  compensation: { readonly done: Done; readonly attempt: number; readonly retryAt: number | undefined } | undefined;
  /** Nodes whose doing could not be taken back. */
  readonly uncompensated: Map<number, { readonly error: Failure; readonly attempts: number }>;
  /** The same inside children: their paths. */
  readonly uncompensatedInside: string[];
  /** Set when the run is to end as cancelled. */
  cancelling: { readonly reason: string; readonly actor: Actor } | undefined;
  /** True for a child that had ended and takes back what it did. */
  isCompensating: boolean;
  /** How often each node was begun anew after it had succeeded. */
  readonly renewals: Map<number, number>;
  /** What was spent when the run ended last: its parent knows of that. */
  reported: Spending;
  /** The last round of retries. */
  round: number;
  /** Nodes whose values other runs may take: the hash each is found by. */
  readonly shared: Map<number, string>;
  /** What follows on its end, as far as that has come: attempts, and when the next one is made. Names without an entry have not begun. */
  readonly exits: Map<ExitName, ExitState>;
  forked: RunStarted["forked"];
  overrides: JsonObject;
  /** What its start, or a retry since, said may be spent; the contract may say more. */
  budget: Budget | undefined;
  /** The budgets it keeps that something was spent under: of its nodes, and with an empty name its own. */
  readonly accounts: Map<string, Account>;
  /** How many requests each of its nodes has made to models. */
  readonly requests: Map<number, number>;
  /** Deliveries that came out of the contract's mailbox. */
  readonly mailed: Set<string>;
  /** Keys of stores and histories whose facts it rests on; stores where they are many. */
  readonly restsOn: Set<string>;
  refusals: number;
}

/** A run before its first fact. */
export function newRunState(id: string, plan: Plan): RunState {
  return {
    id,
    plan,
    status: "running",
    version: 0,
    root: id,
    path: "",
    parent: undefined,
    inputs: {},
    given: undefined,
    correlation: {},
    starter: undefined,
    tags: undefined,
    spans: undefined,
    startedAt: 0,
    endedAt: undefined,
    error: undefined,
    spending: NO_SPENDING,
    models: new Map(),
    discarded: NO_SPENDING,
    nodes: plan.nodes.map(() => PENDING),
    unmet: plan.nodes.map((node) => node.waitsFor.length),
    attempts: plan.nodes.map(() => 0),
    failures: plan.nodes.map(() => 0),
    journals: new Map(),
    due: [],
    left: [],
    timedAt: undefined,
    waits: new Set(),
    asleep: new Set(),
    active: 0,
    pausing: 0,
    openChildren: 0,
    remaining: plan.neededCount,
    lost: undefined,
    buffered: new Map(),
    deliveries: new Map(),
    done: [],
    begun: new Set(),
    compensation: undefined,
    uncompensated: new Map(),
    uncompensatedInside: [],
    cancelling: undefined,
    isCompensating: false,
    renewals: new Map(),
    reported: NO_SPENDING,
    round: 0,
    shared: new Map(),
    exits: new Map(),
    forked: undefined,
    overrides: {},
    budget: undefined,
    accounts: new Map(),
    requests: new Map(),
    mailed: new Set(),
    restsOn: new Set(),
    refusals: 0,
  };
}

const PENDING: NodeState = { status: "pending" };

/** True when nothing more can happen to the run. */
export function isEnded(state: RunState): boolean {
  return state.status === "succeeded" || state.status === "failed" || state.status === "cancelled";
}

/** True when the timer for this time is set already; from now on it is. */
export function isTimed(state: RunState, at: number): boolean {
  if (state.timedAt === at) return true;
  state.timedAt = at;
  return false;
}

/** The plan's node of a name. @throws BugError for a name the plan does not have */
export function nodeNamed(state: RunState, name: string): PlanNode {
  const node = state.plan.byName.get(name);
  if (node === undefined) throw new BugError(`run ${state.id}: its facts name the node "${name}", which its plan does not have`);
  return node;
}

/** The state of a node. */
export function stateOf(state: RunState, node: PlanNode): NodeState {
  return state.nodes[node.index] ?? PENDING;
}

/** Changes a node that is not settled; R4: what is settled stays. */
export function setNode(state: RunState, node: PlanNode, next: NodeState): void {
  const before = stateOf(state, node);
  if (before.status === "succeeded" || before.status === "failed") return;
  state.nodes[node.index] = next;
  if (next.status === "sleeping" || next.status === "postponed") state.asleep.add(node.index);
  else state.asleep.delete(node.index);
}

/** A node's failure as the run tells it: with the place. */
export function nodeFailure(state: RunState, node: PlanNode, error: Failure): Failure {
  const path = state.path === "" ? node.name : `${state.path}/${node.name}`;
  const details = { ...error.details, node: error.details?.["node"] ?? path };
  return { ...error, message: error.details?.["node"] === undefined ? `${path}: ${error.message}` : error.message, details };
}

/** The recorded values a node reads, by local name. */
export function needsOf(state: RunState, node: PlanNode): JsonObject {
  const values: Record<string, JsonValue> = {};
  for (const { local, node: index } of node.needs) {
    const need = state.nodes[index];
    if (need?.status !== "succeeded")
      throw new BugError(`run ${state.id}: node "${node.name}" was begun before its need "${local}" had a value`);
    values[local] = need.value;
  }
  return values;
}

/** What a node read when it was last at work, as far as it is known still: less than `needsOf` while something it needs is being made again. */
export function lastReadBy(state: RunState, node: PlanNode): JsonObject {
  const values: Record<string, JsonValue> = {};
  for (const { local, node: index } of node.needs) {
    const need = state.nodes[index];
    if (need?.status === "succeeded") values[local] = need.value;
    else if (need?.status === "stale" && need.before !== undefined) values[local] = need.before.value;
  }
  return values;
}

/** The facts a node rests on: those that gave its needs their values. */
export function causesOf(state: RunState, node: PlanNode): number[] {
  const causes = new Set<number>();
  for (const { node: index } of node.needs) {
    const need = state.nodes[index];
    if (need?.status === "succeeded") causes.add(need.fact);
  }
  return [...causes];
}

/** What the run gives, as it is recorded: one value, or a record of them. Only for a run that succeeded. */
export function outputsOf(state: RunState): JsonValue {
  const { outputs } = state.plan;
  if (outputs.type === "one") return outputOf(state, outputs.node);
  return Object.fromEntries(Object.entries(outputs.nodes).map(([name, node]) => [name, outputOf(state, node)]));
}

/** Recorded outputs as the author's types promise them: collections as their views. */
export function revivedOutputs({ outputs, byName }: Plan, recorded: JsonValue): unknown {
  const revived = (node: string, value: JsonValue): unknown => {
    const revive = byName.get(node)?.definition.behaviour.revive;
    return revive === undefined ? value : revive(value);
  };
  if (outputs.type === "one") return revived(outputs.node, recorded);
  const values = isJsonObject(recorded) ? recorded : {};
  return Object.fromEntries(Object.entries(outputs.nodes).map(([name, node]) => [name, revived(node, values[name] ?? null)]));
}

function outputOf(state: RunState, name: string): JsonValue {
  const node = stateOf(state, nodeNamed(state, name));
  return node.status === "succeeded" ? node.value : null;
}
