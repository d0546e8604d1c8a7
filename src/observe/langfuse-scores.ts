// A person's decision at a gate as a score in Langfuse: what was decided, on the trace in which it was made ready. Free text of the decision stays out of it.

import { hashJson, isJsonObject, readTraceParent, type JsonValue, type ObservedRun } from "../index.ts";
import type { Told } from "./span-style.ts";

/** A gate that was decided, as it is offered to become a score. */
export interface DecidedGate {
  readonly run: ObservedRun;
  /** From the root run: `posts[en]/review`. */
  readonly path: string;
  readonly event: string;
  /** Redacted. */
  readonly payload: JsonValue;
  readonly decidedBy: string;
  readonly waitedMs: number;
}

/** A score as Langfuse takes it. */
export interface GateScore {
  readonly name: string;
  /** A text is a category, and `true` and `false` are 1 and 0. */
  readonly value: string | number | boolean;
  readonly comment?: string;
}

/** Makes a score of a decision; undefined for none. */
export type ScoreOf = (gate: DecidedGate) => GateScore | undefined;

/** A score on its way: the body of Langfuse's `score-create`. */
export interface ScoreBody extends Omit<GateScore, "value"> {
  readonly id: string;
  readonly traceId: string;
  readonly observationId: string;
  readonly value: string | number;
  readonly dataType: "CATEGORICAL" | "BOOLEAN" | "NUMERIC";
}

/** Members of a payload that say what was decided, the first one that is there. */
const MEMBERS = ["decision", "approved", "score", "rating"];
/** A longer text is no category. */
const CATEGORY_LIMIT = 64;

/** The score of a decision by what it says itself: a word, yes or no, or a number, alone or as `decision`, `approved`, `score` or `rating`. */
export const defaultScore: ScoreOf = ({ path, payload }) => {
  const name = path.replaceAll(/\[[^\]]*\]/g, "[*]");
  const values = isJsonObject(payload) ? MEMBERS.map((member) => payload[member]) : [payload];
  const value = values.find(isValue);
  return value === undefined ? undefined : { name, value };
};

/** The score for a wait that was closed, if it is one; `span` is where the run was when it began to wait. */
export function scoreFor(
  closed: Told<"wait.closed">,
  span: string | undefined,
  payload: JsonValue,
  scoreOf: ScoreOf,
): ScoreBody | undefined {
  const { decision, run, path, event, waitedMs } = closed;
  const place = readTraceParent(span);
  if (!closed.isGate || decision === undefined || place === undefined) return undefined;
  const score = scoreOf({ run, path, event, payload, decidedBy: decision.actor.id, waitedMs });
  if (score === undefined) return undefined;
  const { value } = score;
  return {
    ...score,
    // The same for the same decision, whoever tells of it and how often.
    id: hashJson([run.id, path, decision.deliveryId]).slice(0, 32),
    traceId: place.traceId,
    observationId: place.spanId,
    value: typeof value === "boolean" ? Number(value) : value,
    dataType: typeof value === "boolean" ? "BOOLEAN" : typeof value === "number" ? "NUMERIC" : "CATEGORICAL",
  };
}

function isValue(value: JsonValue | undefined): value is string | number | boolean {
  if (typeof value === "string") return value !== "" && value.length <= CATEGORY_LIMIT;
  return typeof value === "boolean" || typeof value === "number";
}
