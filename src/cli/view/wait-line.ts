// What a call waits for, and how the lanes of a runtime stand, in words.

import { describeMilliseconds, type LaneLoad, type Load, type WaitReason } from "../../index.ts";
import type { Paint } from "./paint.ts";
import { counted, groupDigits, oneLine, table } from "./text.ts";

const REASONS: Readonly<Record<WaitReason, string>> = {
  concurrency: "all places are taken",
  requests_per_minute: "requests per minute",
  tokens_per_minute: "tokens per minute",
  retry_after: "the provider asked for a pause",
};

/** `waits for anthropic: requests per minute, 12 s more`. */
export function waitText(
  { lane, reason, until }: { readonly lane: string; readonly reason: WaitReason; readonly until: number | undefined },
  now: number,
): string {
  const left = until === undefined || until <= now ? "" : `, ${describeMilliseconds(until - now)} more`;
  return `waits for ${lane}: ${REASONS[reason]}${left}`;
}

/** A line for each lane, and one more for the run whose turn is next. */
export function loadLines({ at, lanes }: Load, paint: Paint): string[] {
  if (lanes.length === 0) return ["nobody works on this ledger now"];
  const rows = lanes.map((lane) => [
    lane.name,
    paint("faint", KINDS[lane.kind]),
    `${lane.inUse}${lane.limit === null ? "" : ` of ${lane.limit}`}`,
    ...[lane.requests, lane.tokens].map((used) => (used === null ? "" : `${groupDigits(used.used)} of ${groupDigits(used.limit)}`)),
    lane.waiting === 0
      ? ""
      : `${groupDigits(lane.waiting)} of ${counted(lane.runs.length, "run")}${lane.runs.length === RUNS_TOLD ? " or more" : ""}`,
    noteOf(lane, at, paint),
  ]);
  const head = ["lane", "", "in use", "requests/min", "tokens/min", "waiting", ""].map((each) => paint("faint", each));
  return table([head, ...rows]);
}

/** The list of runs in a load ends here. */
const RUNS_TOLD = 20;

const KINDS: Readonly<Record<LaneLoad["kind"], string>> = {
  calls: "all calls to the outside",
  resource: "resource",
  attempts: "nodes at work",
  provider: "provider",
  model: "model",
};

function noteOf({ heldUntil, breaker, next }: LaneLoad, at: number, paint: Paint): string {
  const held = heldUntil === null ? "" : paint("warn", `held for ${describeMilliseconds(heldUntil - at)}`);
  const open = breaker === null || breaker.state === "closed" ? "" : paint("bad", openText(breaker, at));
  const first =
    next === null
      ? ""
      : `next ${oneLine(next.path, 60)} of ${next.run}, since ${describeMilliseconds(Math.max(0, at - next.since))}: ${REASONS[next.reason]}`;
  return [held, open, paint("faint", first)].filter((each) => each !== "").join("  ");
}

function openText({ state, faults, until }: NonNullable<LaneLoad["breaker"]>, at: number): string {
  const then = state === "half-open" ? "being tried out" : `tried out again in ${describeMilliseconds(Math.max(0, (until ?? at) - at))}`;
  return `not called after ${counted(faults, "fault")}, ${then}`;
}
