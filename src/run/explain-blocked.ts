// What stands in the way: from a node that cannot begin down to the awaits, timers, calls and failures it comes from, through child runs.

import { samplesOf } from "../compile/sample.ts";
import type { PlanNode } from "../compile/plan.ts";
import type { Wait } from "../graph/work.ts";
import { isJsonObject, type JsonValue } from "../json.ts";
import { jsonSchemaOf } from "../schema.ts";
import type { Cause, Decider, OpenWait } from "./explain-shape.ts";
import { beganAt, childOf, factsAbout, lastFact, pathOf, workUpTo, type LoadedRun, type ReadRun } from "./explain-tree.ts";
import { childrenIn, type ChildrenState, type NodeState, type WaitingState } from "./node-state.ts";
import { childPath } from "./path.ts";
import { speakers } from "./quorum.ts";
import { reminderAt } from "./reminder.ts";
import { isEnded, stateOf } from "./state.ts";

const CAUSES_LIMIT = 100;

/** Causes, up to a limit; what is beyond it is counted. */
export interface Causes {
  readonly list: Cause[];
  cut: number;
}

interface Search {
  readonly read: ReadRun;
  readonly found: Causes;
  readonly seen: Set<string>;
}

/** Why a node that has not begun has not, each cause once. */
export function causesBefore(run: LoadedRun, node: PlanNode, read: ReadRun): Causes {
  const search = newSearch(read);
  before(run, node, search);
  return search.found;
}

/** What a node that has begun is at, with what its children are at. */
export function causesAt(run: LoadedRun, node: PlanNode, read: ReadRun): Causes {
  const search = newSearch(read);
  at(run, node, search);
  return search.found;
}

/** All that a run waits for or works at, with its children. */
export function causesIn(run: LoadedRun, read: ReadRun): Causes {
  const search = newSearch(read);
  inside(run, search);
  return search.found;
}

/** How a child stands that has not settled. */
export function causesOfChild(run: LoadedRun, node: PlanNode, key: string, read: ReadRun): Causes {
  const search = newSearch(read);
  const children = childrenIn(stateOf(run.state, node));
  if (children !== undefined) child(run, node, children, key, search);
  return search.found;
}

/** An await that is open. */
export function openWait(run: LoadedRun, node: PlanNode, now: WaitingState): OpenWait {
  const { work } = node.definition.behaviour;
  const gate = work.type === "wait" ? work.gate : undefined;
  const decider: Decider | undefined =
    gate === undefined
      ? undefined
      : {
          assurance: gate.assurance,
          roles: gate.roles,
          notBy: gate.notStarter ? (run.state.starter?.id ?? "whoever started the run") : undefined,
          quorum: gate.quorum === undefined ? undefined : { people: gate.quorum.people, voices: speakers(now.voices) },
        };
  return {
    type: "await",
    path: pathOf(run, node),
    event: now.event,
    history: work.type === "wait" ? work.on?.history.name : undefined,
    since: now.since,
    deadline: now.deadline,
    reminders: now.reminders,
    reminderAt: reminderAt(node, now),
    correlation: run.state.correlation,
    decider,
    refused: refusalAt(run, node),
    ...(work.type === "wait" ? payloadOf(work) : { example: undefined, isDecision: false }),
  };
}

function refusalAt(run: LoadedRun, node: PlanNode): OpenWait["refused"] {
  const refused = lastFact(workUpTo(run, node.name, Number.POSITIVE_INFINITY), "event.refused");
  return refused === undefined ? undefined : { code: refused.fact.code, by: refused.fact.actor.id, at: refused.time };
}

/** An example of what an await takes, and whether that is a yes or a no. */
function payloadOf({ schema }: Wait): Pick<OpenWait, "example" | "isDecision"> {
  const json = jsonSchemaOf(schema);
  const samples = json === undefined ? [] : samplesOf({ schema: json, root: json });
  const saysYes = (value: JsonValue) => typeof value === "boolean" || (typeof value === "string" && YES.test(value));
  return {
    example: samples[0],
    isDecision: samples.some((sample) => saysYes(sample) || (isJsonObject(sample) && Object.values(sample).some(saysYes))),
  };
}

const YES = /^(approved?|accept(ed)?|yes|ok|allow|pass)$/i;

function newSearch(read: ReadRun): Search {
  return { read, found: { list: [], cut: 0 }, seen: new Set() };
}

function add({ found }: Search, cause: Cause): void {
  if (found.list.length < CAUSES_LIMIT) found.list.push(cause);
  else found.cut += 1;
}

function before(run: LoadedRun, node: PlanNode, search: Search): void {
  for (const index of node.waitsFor) {
    const need = run.state.plan.nodes[index];
    if (need !== undefined && stateOf(run.state, need).status !== "succeeded") at(run, need, search);
  }
}

function at(run: LoadedRun, node: PlanNode, search: Search): void {
  const place = `${run.state.id}:${node.index}`;
  if (search.seen.has(place)) return;
  search.seen.add(place);
  const now = stateOf(run.state, node);
  const path = pathOf(run, node);
  switch (now.status) {
    case "succeeded":
      return;
    case "failed":
      return add(search, { type: "failed", path, error: now.error, at: now.at });
    case "waiting":
      return add(search, openWait(run, node, now));
    case "sleeping":
      return add(search, { type: "sleep", path, since: now.since, until: now.at });
    case "postponed":
      return add(search, {
        type: "remote",
        path,
        since: beganAt(run, node),
        askedAgainAt: now.at,
        note: now.note,
        ...startedRemotely(run, node),
      });
    case "retrying":
      return add(search, { type: "retry", path, ...tries(run, node), error: now.error, at: now.at });
    case "running":
      return add(search, { type: "running", path, attempt: tries(run, node).attempt + 1, since: attemptSince(run, node) });
    case "children":
      return children(run, node, now, search);
    case "pending":
    case "stale":
      if (run.state.unmet[node.index] !== 0) return before(run, node, search);
      if (run.state.lost === undefined && !isEnded(run.state))
        add(search, { type: "running", path, attempt: 1, since: beganAt(run, node) });
  }
}

function inside(run: LoadedRun, search: Search): void {
  const { state } = run;
  if (isEnded(state)) return;
  if (state.lost !== undefined) return lost(run, search);
  for (const node of state.plan.nodes) {
    const now = stateOf(state, node);
    if (node.needed && isAtWork(now, state.unmet[node.index] ?? 0)) at(run, node, search);
  }
}

/** A run that is lost ends what is in flight and takes back what it did; nobody answers its awaits any more. */
function lost(run: LoadedRun, search: Search): void {
  const { state } = run;
  const node = state.compensation === undefined ? undefined : state.plan.nodes[state.compensation.done.index];
  if (node !== undefined && state.compensation !== undefined) {
    const { attempt, retryAt } = state.compensation;
    add(search, { type: "compensation", path: pathOf(run, node), attempt, retryAt });
  }
  for (const each of state.plan.nodes) if (stateOf(state, each).status === "running") at(run, each, search);
}

function isAtWork({ status }: NodeState, unmet: number): boolean {
  if (status === "succeeded" || status === "failed") return false;
  return status === "pending" || status === "stale" ? unmet === 0 : true;
}

function children(run: LoadedRun, node: PlanNode, now: ChildrenState, search: Search): void {
  const open = now.keys.filter((key) => !now.settled.has(key));
  for (const key of open) child(run, node, now, key, search);
  if (open.length === 0) add(search, { type: "running", path: pathOf(run, node), attempt: 1, since: beganAt(run, node) });
}

function child(run: LoadedRun, node: PlanNode, now: ChildrenState, key: string, search: Search): void {
  const path = childPath(run.state.path, node.name, key);
  const id = now.started.get(key);
  // Without a stream of its own it is in flight, or it has not found a place yet: both go on by themselves.
  if (id === undefined) return add(search, { type: "running", path, attempt: 1, since: beganAt(run, node) });
  const loaded = childOf(run, node, key, search.read);
  if (loaded === undefined) return add(search, { type: "unread", path, run: id });
  if (isEnded(loaded.state)) return add(search, { type: "running", path, attempt: 1, since: loaded.state.endedAt ?? beganAt(run, node) });
  inside(loaded, search);
}

/** The try a node is at, or made last, and how many there may be. Tries before a retry of the whole run do not count. */
export function tries({ state }: LoadedRun, node: PlanNode): { readonly attempt: number; readonly of: number } {
  return { attempt: state.failures[node.index] ?? 0, of: node.definition.behaviour.retry.attempts };
}

/** When the attempt under way began. */
export function attemptSince(run: LoadedRun, node: PlanNode): number {
  return lastFact(factsAbout(run, node.name), "node.started")?.time ?? beganAt(run, node);
}

/** The run on another Kindling that does a node's work. */
export function startedRemotely(
  { state }: LoadedRun,
  node: PlanNode,
): { readonly url: string | undefined; readonly run: string | undefined } {
  const started = state.journals.get(node.index)?.findLast(({ type }) => type === "remote.started");
  return started?.type === "remote.started" ? { url: started.url, run: started.there } : { url: undefined, run: undefined };
}
