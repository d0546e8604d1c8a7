// A run as a report: what went in, what came out or where and why it failed, what it waits for, how long everything took and what it cost. Pure: it is made from a
// run's view and its contract's graph, and asking for it executes nothing but the contract's own presenters.

import { type Failure, failureOf } from "../errors.ts";
import type { Graph, NodeDefinition } from "../graph/graph.ts";
import type { RunView } from "../host/run-summary.ts";
import { partOfKey } from "../graph/work.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { childPath } from "./path.ts";
import { addSpending, type Spending } from "./spending.ts";
import type { RunStatus } from "./state.ts";
import type { NodeView } from "./view.ts";

/**
 * A run's report, which is JSON. Times are milliseconds since 1970, durations milliseconds; what is not known or not there is null or empty. New members may be
 * added under the same `reportVersion`.
 */
export interface RunReport {
  readonly reportVersion: 1;
  readonly run: string;
  readonly contract: string;
  readonly version: string;
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Until it ended, or until its last fact. */
  readonly durationMs: number;
  /** Who started it, as far as that is known. */
  readonly starter: string | null;
  readonly correlation: JsonObject;
  readonly inputs: JsonObject;
  /** What it gave, for a run that succeeded. */
  readonly outputs: readonly ReportedOutput[];
  /** Why it failed or was cancelled. */
  readonly error: Failure | null;
  /** Where it failed: the innermost nodes and items, since those around them only pass it on. */
  readonly errors: readonly ReportedError[];
  readonly nodes: ReportedNodes;
  readonly waits: readonly ReportedWait[];
  readonly collections: readonly ReportedCollection[];
  /** Model calls, tokens, and US dollars: null when a price is unknown. */
  readonly spending: Spending;
  /** Every node that began, by when it began; after them those that did not. Nodes of children that left no trace of their own are not among them. */
  readonly timeline: readonly ReportedMoment[];
}

/** An output: the recorded value, and the readable text that the contract's presenter makes of it. */
export interface ReportedOutput {
  /** Empty for a contract that gives one value. */
  readonly name: string;
  readonly value: JsonValue;
  /** Null when the contract has no presenter for it, or the presenter failed. */
  readonly text: string | null;
  /** Why the presenter gave no text. */
  readonly presenterError: string | null;
}

/** A node that failed, or an item of it. */
export interface ReportedError {
  /** From the root run: `posts[en]/draft`. */
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly fix: string | null;
  /** Tries in all; null for an item that left no more than how it ended. */
  readonly attempts: number | null;
}

/** How many nodes there are, those of children included. */
export interface ReportedNodes {
  readonly total: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Paths of the nodes that failed, those included that only pass it on. */
  readonly failed: readonly string[];
}

/** What the run waits for. */
export interface ReportedWait {
  readonly path: string;
  /** Null for a node that waits for a time and not for an event. */
  readonly event: string | null;
  /** Who answers: with `human` a person must decide; with `history` what is recorded there does. */
  readonly by: "human" | "anyone" | "history" | "time";
  /** One of these roles is wanted; empty for anybody. */
  readonly roles: readonly string[];
  readonly since: number | null;
  readonly deadline: number | null;
}

/** A node that has a child for each item: how many there are, and which failed. */
export interface ReportedCollection {
  readonly path: string;
  readonly total: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly failed: readonly { readonly key: string; readonly error: Failure }[];
}

/** A node in time. */
export interface ReportedMoment {
  readonly path: string;
  readonly kind: string;
  readonly status: string;
  readonly startedAt: number | null;
  /** Null for a node that has not ended or not begun. */
  readonly durationMs: number | null;
  readonly attempts: number;
  readonly note: string | null;
}

/** The report of a run. `graph` is its contract's, for how outputs are presented; reading never executes a node. */
export function reportOf(view: RunView, graph: Graph): RunReport {
  const seen: Seen[] = [];
  gather(view.nodes, graph, seen);
  return {
    reportVersion: 1,
    run: view.id,
    contract: view.contract,
    version: view.version,
    status: view.status,
    startedAt: view.startedAt,
    endedAt: view.endedAt ?? null,
    durationMs: Math.max(0, (view.endedAt ?? view.updatedAt) - view.startedAt),
    starter: view.starter?.id ?? null,
    correlation: view.correlation,
    inputs: view.inputs,
    outputs: view.outputs === undefined ? [] : outputsOf(view.outputs, graph),
    error: view.error ?? null,
    errors: errorsOf(view.nodes),
    nodes: {
      total: seen.length,
      byStatus: countsOf(seen.map(({ node }) => node)),
      failed: seen.filter(({ node }) => node.status === "failed").map(({ node }) => node.path),
    },
    waits: waitsOf(view, seen),
    collections: seen.flatMap(collectionOf),
    spending: spendingOf(view),
    timeline: seen.map(momentOf).sort(byBeginning),
  };
}

/** A node as the run has it, and as it was declared: undefined when this graph does not have it. */
interface Seen {
  readonly node: NodeView;
  readonly definition: NodeDefinition | undefined;
}

function gather(nodes: readonly NodeView[], graph: Graph | undefined, seen: Seen[]): void {
  const definitions = new Map(graph?.nodes.map((definition) => [definition.name, definition]));
  for (const node of nodes) {
    const definition = definitions.get(node.name);
    seen.push({ node, definition });
    const work = definition?.behaviour.work;
    const children = work?.type === "children" ? work : undefined;
    for (const child of node.children)
      gather(child.nodes, children === undefined ? undefined : children.parts[partOfKey(children, child.key)], seen);
  }
}

function outputsOf(outputs: JsonValue, graph: Graph): ReportedOutput[] {
  const { outputs: declared } = graph;
  if (declared.type === "one" || !isJsonObject(outputs)) {
    return [outputOf("", outputs, declared.type === "one" ? declared.node : undefined, graph)];
  }
  return Object.entries(outputs).map(([name, value]) =>
    outputOf(name, value, Object.hasOwn(declared.nodes, name) ? declared.nodes[name] : undefined, graph),
  );
}

function outputOf(name: string, value: JsonValue, source: string | undefined, graph: Graph): ReportedOutput {
  const present = Object.hasOwn(graph.present, name) ? graph.present[name] : undefined;
  if (present === undefined) return { name, value, text: null, presenterError: null };
  const revive = graph.nodes.find((node) => node.name === source)?.behaviour.revive;
  try {
    const text: unknown = present(revive === undefined ? value : revive(value));
    if (typeof text === "string") return { name, value, text, presenterError: null };
    // Nobody listens to a promise that came instead of a text.
    if (text instanceof Promise) text.catch(() => undefined);
    const what = text instanceof Promise ? "a promise" : text === null ? "null" : typeof text;
    return { name, value, text: null, presenterError: `it gave ${what} and not a text` };
  } catch (error) {
    return { name, value, text: null, presenterError: failureOf(error).message };
  }
}

function errorsOf(nodes: readonly NodeView[]): ReportedError[] {
  return nodes
    .filter(({ status }) => status === "failed")
    .flatMap((node) => {
      const inside = node.children.flatMap((child): ReportedError[] => {
        if (child.status !== "failed") return [];
        const deeper = errorsOf(child.nodes);
        if (deeper.length > 0 || child.error === undefined) return deeper;
        // The child's path, seen from the root: its node's own with the key.
        return [errorAt(childPath("", node.path, child.key), child.error, null)];
      });
      if (inside.length > 0 || node.error === undefined) return inside;
      return [errorAt(node.path, node.error, node.attempts)];
    });
}

/** An error with its place: the error's own where it names the node it began at, which may have left no trace of its own. */
function errorAt(place: string, { code, message, fix, details }: Failure, attempts: number | null): ReportedError {
  const named = details?.["node"];
  const path = typeof named === "string" && named.startsWith(place) ? named : place;
  const own = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
  return { path, code, message: own, fix: fix ?? null, attempts };
}

function waitsOf({ awaits }: RunView, seen: readonly Seen[]): ReportedWait[] {
  const paths = new Set(awaits.map(({ path }) => path));
  const events = awaits.map(
    ({ path, event, history, by, roles, since, deadline }): ReportedWait => ({
      path,
      event,
      by: history === undefined ? by : "history",
      roles,
      since,
      deadline: deadline ?? null,
    }),
  );
  // What waits with children waits for one of them, which is told by itself.
  const sleeping = seen.filter(({ node }) => node.status === "waiting" && node.children.length === 0 && !paths.has(node.path));
  const times = sleeping.map(
    ({ node }): ReportedWait => ({ path: node.path, event: null, by: "time", roles: [], since: node.startedAt ?? null, deadline: null }),
  );
  return [...events, ...times];
}

function collectionOf({ node, definition }: Seen): ReportedCollection[] {
  const { path, value, children, status } = node;
  // A value that is passed on is the collection of another node: only the one with a child for each item is told.
  if (definition?.behaviour.picture.shape !== "many") return [];
  // While it is at work its children say more than what there is of its value.
  const items = (status === "succeeded" ? recordedItems(value) : undefined) ?? children;
  if (items.length === 0 && value === undefined) return [];
  const failed = items.flatMap(({ key, status, error }) => (status === "failed" && error !== undefined ? [{ key, error }] : []));
  return [{ path, total: items.length, byStatus: countsOf(items), failed }];
}

interface Item {
  readonly key: string;
  readonly status: string;
  readonly error?: Failure | undefined;
}

/** The items of a collection as its node's value records them (`{ "type": "collection", "items": […] }`); undefined while it has none. */
function recordedItems(value: JsonValue | undefined): readonly Item[] | undefined {
  if (!isJsonObject(value) || value["type"] !== "collection") return undefined;
  // The value of a node with a child for each item is written by `recordCollection`, and the ledger's checksums vouch for it since.
  return value["items"] as unknown as readonly Item[];
}

/** What a run spent: the view's own sum, and what those children spent whose end has not been noted in it yet, as far as their nodes show it. */
function spendingOf({ spending, nodes }: RunView): Spending {
  const open = nodes.flatMap(({ children }) => children).filter(({ status }) => status !== "succeeded" && status !== "failed");
  return open.flatMap((child) => child.nodes).reduce(addNode, spending);
}

function addNode(sum: Spending, { spending, children }: NodeView): Spending {
  const own = spending === undefined ? sum : addSpending(sum, spending);
  return children.flatMap(({ nodes }) => nodes).reduce(addNode, own);
}

function momentOf({ node }: Seen): ReportedMoment {
  const { path, kind, status, startedAt, endedAt, attempts, note } = node;
  const durationMs = startedAt === undefined || endedAt === undefined ? null : Math.max(0, endedAt - startedAt);
  return { path, kind, status, startedAt: startedAt ?? null, durationMs, attempts, note: note ?? null };
}

function byBeginning(a: ReportedMoment, b: ReportedMoment): number {
  if (a.startedAt === b.startedAt) return 0;
  return (a.startedAt ?? Number.POSITIVE_INFINITY) - (b.startedAt ?? Number.POSITIVE_INFINITY);
}

function countsOf(things: readonly { readonly status: string }[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { status } of things) counts.set(status, (counts.get(status) ?? 0) + 1);
  return Object.fromEntries(counts);
}
