// A run as a report: what went in, what came out or where and why it failed, what it waits for, how long everything took and what it cost. Pure: it is made from a
// run's view and its contract's graph, and asking for it executes nothing but the contract's own presenters.

import type { Failure } from "../errors.ts";
import type { Graph, NodeDefinition } from "../graph/graph.ts";
import type { RunView } from "../host/client.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { type ItemsSeen, itemsOf } from "./report-items.ts";
import { childPath } from "./path.ts";
import type { Spending } from "./spending.ts";
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
  /** Who answers: with `human` a person must decide. */
  readonly by: "human" | "anyone" | "time";
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
  const seen = [...seenIn(view.nodes, graph)];
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
    errors: view.status === "failed" || view.status === "cancelled" ? errorsOf(view.nodes) : errorsOf(view.nodes.filter(isLost)),
    nodes: {
      total: seen.length,
      byStatus: countsOf(seen.map(({ node }) => node.status)),
      failed: seen.filter(({ node }) => node.status === "failed").map(({ node }) => node.path),
    },
    waits: waitsOf(view, seen),
    collections: seen.flatMap(({ node, definition }) => {
      const items = itemsOf(node, definition);
      return items === undefined ? [] : [collectionOf(node.path, items)];
    }),
    spending: view.spending,
    timeline: seen
      .map(({ node }) => momentOf(node))
      .sort((a, b) => (a.startedAt ?? Number.POSITIVE_INFINITY) - (b.startedAt ?? Number.POSITIVE_INFINITY) || 0),
  };
}
