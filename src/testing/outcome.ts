// How a run ended, as recordings hold it, and how two ends differ. Pure.

import type { RunView } from "../index.ts";
import { hashJson, type JsonValue } from "../json.ts";
import { describeValueDifference } from "../../providers/recorded/difference.ts";
import type { RecordedOutcome } from "../../providers/recorded/run-recording.ts";

/** The outcome of a run as it stands. */
export function outcomeOf(view: RunView, startedAt: number): RecordedOutcome {
  const afterMs = view.updatedAt - startedAt;
  switch (view.status) {
    case "succeeded":
      return { status: "succeeded", afterMs, outputs: view.outputs ?? null };
    case "failed":
    case "cancelled":
      return { status: view.status, afterMs, error: view.error ?? { code: "unknown", message: "" } };
    case "running":
    case "waiting":
      return { status: "waiting", afterMs, awaits: view.awaits.map(({ path, event }) => ({ path, event })) };
  }
}

/** What is different, in sentences with lines; nothing for the same outcome. */
export function outcomeDifferences(recorded: RecordedOutcome, now: RecordedOutcome): readonly string[] {
  if (recorded.status !== now.status) return [`the run ${told(now)}, and when it was recorded it ${told(recorded)}`];
  const [before, after] = [essence(recorded), essence(now)];
  if (hashJson(before) === hashJson(after)) return [];
  const lines = describeValueDifference(before, after).split("\n");
  return [`${WHAT[recorded.status]} different:\n${lines.map((line) => `    ${line}`).join("\n")}`];
}

const WHAT = {
  succeeded: "the outputs are",
  failed: "it fails for a reason that is",
  cancelled: "the reason it was cancelled for is",
  waiting: "what it waits for is",
} as const;

function told(outcome: RecordedOutcome): string {
  switch (outcome.status) {
    case "succeeded":
      return "succeeded";
    case "failed":
      return `failed (${outcome.error.code}: ${outcome.error.message})`;
    case "cancelled":
      return "was cancelled";
    case "waiting":
      return outcome.awaits.length === 0
        ? "was not ended"
        : `waited for ${outcome.awaits.map(({ path, event }) => `"${event}" at "${path}"`).join(", ")}`;
  }
}

/** What must be the same; times and details of errors need not be. */
function essence(outcome: RecordedOutcome): JsonValue {
  switch (outcome.status) {
    case "succeeded":
      return outcome.outputs;
    case "failed":
    case "cancelled":
      return { code: outcome.error.code, message: outcome.error.message };
    case "waiting":
      return outcome.awaits.map(({ path, event }) => ({ path, event })).sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}
