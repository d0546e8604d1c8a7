// A run as a task of the protocol's extension `io.modelcontextprotocol/tasks` (SEP-2663): the run is the task, its id the task's, and all there is to say follows from
// how the run stands. Pure. Nothing of a task is kept anywhere. Source: modelcontextprotocol/ext-tasks, specification/2026-07-28.

import { ProtocolErrorCode, type CallToolResult, type InputRequests } from "@modelcontextprotocol/server";
import type { RunView } from "../src/index.ts";
import type { RunShape } from "./run-shape.ts";
import { shortenText } from "./shorten.ts";
import { runResult } from "./tool-result.ts";

/** The extension's name, as both sides declare it. */
export const TASKS = "io.modelcontextprotocol/tasks";

/** What a task says of itself in any case. */
interface TaskBase {
  readonly taskId: string;
  readonly statusMessage?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** Runs are not forgotten after a time, as far as a client can tell. */
  readonly ttlMs: null;
  readonly pollIntervalMs: number;
}

/** A run that has become a task, as a call answers it. */
export type TaskHandle = TaskBase & { readonly status: "working" };

/** A task, as whoever asks is told. */
export type Task =
  | TaskHandle
  | (TaskBase & { readonly status: "input_required"; readonly inputRequests: InputRequests })
  | (TaskBase & { readonly status: "completed"; readonly result: CallToolResult })
  | (TaskBase & { readonly status: "failed"; readonly error: { readonly code: number; readonly message: string } })
  | (TaskBase & { readonly status: "cancelled" });

/** While something is at work. */
const POLL_MS = 1_000;
/** While somebody is waited for. */
const SLOW_POLL_MS = 5_000;
const MESSAGE_LIMIT = 1_000;

/** The handle of a run that goes on. */
export function handleOf(run: RunView): TaskHandle {
  return { ...baseOf(run, undefined), status: "working" };
}

/** The run as a task. `requests` are the questions its client may answer. */
export function taskOf(run: RunView, shape: RunShape, requests: InputRequests): Task {
  switch (shape.status) {
    case "running":
      return { ...baseOf(run, stepsOf(run)), status: "working" };
    case "awaiting": {
      const base = baseOf(run, waitingOf(shape), SLOW_POLL_MS);
      // Where the client is asked nothing, there is nothing for it to do but to ask again.
      return Object.keys(requests).length === 0
        ? { ...base, status: "working" }
        : { ...base, status: "input_required", inputRequests: requests };
    }
    case "completed":
      return { ...baseOf(run, undefined), status: "completed", result: runResult(shape) };
    case "failed":
      return failed(run, shape);
    case "cancelled":
      return { ...baseOf(run, shape.error?.message), status: "cancelled" };
  }
}

/** A run that failed has done what a tool may do: it gave an error. Only a fault of the server's own is one of the protocol. */
function failed(run: RunView, shape: RunShape): Task {
  const message = shape.error?.message;
  if (run.error?.code !== "bug") return { ...baseOf(run, message), status: "completed", result: runResult(shape) };
  const fault = "The server broke a rule of its own; its record says where.";
  return { ...baseOf(run, fault), status: "failed", error: { code: ProtocolErrorCode.InternalError, message: fault } };
}

function baseOf({ id, startedAt, updatedAt }: RunView, message: string | undefined, pollIntervalMs = POLL_MS): TaskBase {
  return {
    taskId: id,
    ...(message === undefined ? {} : { statusMessage: shortenText(message, MESSAGE_LIMIT) }),
    createdAt: new Date(startedAt).toISOString(),
    lastUpdatedAt: new Date(updatedAt).toISOString(),
    ttlMs: null,
    pollIntervalMs,
  };
}

function stepsOf({ nodes }: RunView): string {
  const done = nodes.filter(({ status }) => status === "succeeded").length;
  return `${done} of ${nodes.length} steps done`;
}

/** What is waited for first, and how it is answered where the client is not asked. */
function waitingOf({ awaiting = [], awaiting_count: count = awaiting.length }: RunShape): string | undefined {
  const [first] = awaiting;
  if (first === undefined) return undefined;
  return `${first.question} (await_id ${first.await_id}${count > 1 ? `, and ${count - 1} more` : ""}) ${first.how}`;
}
