// The one form in which every tool shows a run. Statuses are the words agents know; `next` says what to do now. Failures show where and of which kind
// they are, not what the code that failed had to say: that may hold anything.

import * as z from "zod";
import { isJsonObject, type AwaitDetail, type Failure, type JsonObject, type RunView } from "../src/index.ts";
import { questionOf } from "./question.ts";
import { timelineUri } from "./timeline-uri.ts";
import { RESULT_LIMIT, shorten, shortenText, sizeOf, SMALLEST_BUDGET } from "./shorten.ts";
import { hasEnded } from "./wait.ts";
import { tellAboutPerson, whereDecided, type Ways } from "./where-decided.ts";

/** Open awaits shown with their details; more are counted. */
export const AWAITS_SHOWN = 20;

const QUESTION_LIMIT = 300;
const REASON_LIMIT = 500;
/** Of the room for awaits, what their schemas may take; the rest is for what is shown. */
const SCHEMA_SHARE = 0.4;
/** What one await needs besides what is shown and its schema. */
const AWAIT_SIZE = 900;
const CODE = /^[a-z][a-z0-9_]{0,63}$/;

const Awaiting = z.object({
  await_id: z.string().describe("Names this await; pass it to deliver_event when the decider is agent"),
  event: z.string().describe("The event it waits for"),
  decider: z.enum(["agent", "human"]).describe("agent: you may answer with deliver_event. human: only a person can, and you cannot"),
  question: z.string().describe("What is asked"),
  how: z.string().describe("How it gets decided"),
  shown: z.record(z.string(), z.unknown()).optional().describe("What is to be judged, by name"),
  payload_schema: z.record(z.string(), z.unknown()).optional().describe("JSON Schema of the payload for deliver_event"),
  due: z.string().optional().describe("Deadline, ISO 8601"),
});

/** The schema of a run as tools show it. */
export const RunShape = z.object({
  run_id: z.string().describe("Names the run; keep it, it outlives this connection"),
  workflow: z.string().describe("The workflow it is a run of"),
  version: z.string().describe("The workflow's version"),
  status: z
    .enum(["running", "awaiting", "completed", "failed", "cancelled"])
    .describe("awaiting: somebody must answer something in `awaiting`"),
  seq: z.int().describe("Grows with every recorded change; pass it as since_seq to wait for the next"),
  awaiting: z.array(Awaiting).optional().describe("What it waits for; those you can answer come first"),
  awaiting_count: z.int().optional().describe("How many awaits are open, when not all are listed"),
  output: z.unknown().optional().describe("The result of a completed run"),
  error: z
    .object({
      code: z.string().describe("Stable code"),
      message: z.string().describe("What happened"),
      step: z.string().optional().describe("The step that failed"),
    })
    .optional()
    .describe("Why it failed or was cancelled"),
  replayed: z.boolean().optional().describe("True when the same call was made before: nothing was started or delivered again"),
  truncated: z.boolean().optional().describe("True when something was cut to keep this answer short"),
  timeline_uri: z.string().describe("Resource with what was recorded of it"),
  next: z.string().describe("What to do now, in one sentence"),
});

/** What a caller goes by in every run. */
export const RUN_MEMBERS = ["run_id", "status", "next"] as const;

/** A run as tools show it. */
export type RunShape = z.input<typeof RunShape>;

/** What a run's form needs besides the run. */
export interface ShapeOptions extends Ways {
  /** Details of the run's open awaits, at most `AWAITS_SHOWN`. */
  readonly details: readonly AwaitDetail[];
  readonly isReplayed?: boolean;
}

/** The form of a run, at most `RESULT_LIMIT` characters of JSON. */
export function shapeRun(run: RunView, options: ShapeOptions): RunShape {
  const { program, details, isReplayed = false } = options;
  const shape: RunShape = {
    run_id: run.id,
    workflow: run.contract,
    version: run.version,
    status: statusOf(run),
    seq: run.position,
    timeline_uri: timelineUri(run.id),
    next: nextOf(run, details, program),
    ...(run.error === undefined ? {} : { error: errorOf(run.error) }),
    ...(isReplayed ? { replayed: true } : {}),
  };
  if (run.status === "succeeded") return withOutput(shape, run);
  return run.awaits.length === 0 || hasEnded(run) ? shape : withAwaits(shape, run, options);
}

/** The surface's word for a run's status. A run that only waits for a time goes on by itself, so it is running. */
export function statusOf({ status, awaits }: Pick<RunView, "status" | "awaits">): RunShape["status"] {
  switch (status) {
    case "running":
    case "waiting":
      return awaits.length > 0 ? "awaiting" : "running";
    case "succeeded":
      return "completed";
    case "failed":
    case "cancelled":
      return status;
  }
}

function withOutput(shape: RunShape, run: RunView): RunShape {
  const budget = RESULT_LIMIT - sizeOf({ ...shape, truncated: true, output: "" });
  const output = shorten(run.outputs ?? null, budget);
  return { ...shape, output: output.value, ...(output.isCut ? { truncated: true } : {}) };
}

function withAwaits(shape: RunShape, run: RunView, { details, ...ways }: ShapeOptions): RunShape {
  const room = Math.floor((RESULT_LIMIT - sizeOf(shape)) / Math.max(1, details.length)) - AWAIT_SIZE;
  const shown = details.map((detail) => awaitingOf(detail, run, ways, Math.max(room, SMALLEST_BUDGET)));
  const withThem = (count: number): RunShape => ({
    ...shape,
    awaiting: shown.slice(0, count).map(({ entry }) => entry),
    ...(count < run.awaits.length ? { awaiting_count: run.awaits.length } : {}),
    ...(count < run.awaits.length || shown.some(({ isCut }) => isCut) ? { truncated: true } : {}),
  });
  // Paths may be of any length, so the reckoning above may not be enough.
  let count = shown.length;
  while (count > 0 && sizeOf(withThem(count)) > RESULT_LIMIT) count -= 1;
  return withThem(count);
}

function awaitingOf(
  detail: AwaitDetail,
  run: RunView,
  ways: Ways,
  room: number,
): { readonly entry: z.input<typeof Awaiting>; readonly isCut: boolean } {
  const isGate = detail.by === "human";
  const schema = isGate || detail.schema === undefined ? undefined : shortenObject(detail.schema, Math.floor(room * SCHEMA_SHARE));
  const values =
    Object.keys(detail.values).length === 0
      ? undefined
      : shortenObject(detail.values, room - (schema === undefined ? 0 : sizeOf(schema.value)));
  const entry = {
    await_id: detail.path,
    event: detail.event,
    decider: isGate ? ("human" as const) : ("agent" as const),
    question: shortenText(detail.description ?? defaultQuestion(detail), QUESTION_LIMIT),
    how: howOf(detail, run, ways),
    ...(values === undefined ? {} : { shown: values.value }),
    ...(schema === undefined ? {} : { payload_schema: schema.value }),
    ...(detail.deadline === undefined ? {} : { due: new Date(detail.deadline).toISOString() }),
  };
  return { entry, isCut: schema?.isCut === true || values?.isCut === true };
}

function shortenObject(object: JsonObject, budget: number): { readonly value: JsonObject; readonly isCut: boolean } {
  const { value, isCut } = shorten(object, budget);
  return { value: isJsonObject(value) ? value : {}, isCut };
}

function defaultQuestion({ by, path, event }: AwaitDetail): string {
  return by === "human" ? `A person decides "${path}" (event ${event}).` : `The run wants the event ${event} for "${path}".`;
}

function howOf(detail: AwaitDetail, run: RunView, ways: Ways): string {
  const isAsked = typeof questionOf(detail, run) === "object";
  if (detail.by !== "human") {
    const form = isAsked ? " Without payload, your client asks the user." : "";
    return `Call deliver_event with this await_id and a payload that fits payload_schema.${form}`;
  }
  const way = tellAboutPerson(whereDecided(ways, detail.run, detail.path));
  const told = isAsked ? `Call request_approval: your client asks the user. Or ${way}` : `A${way.slice(1)}`;
  return `${told}. You cannot decide it.${peopleOf(detail)}`;
}

/** How many have spoken, and not who. */
function peopleOf({ quorum }: AwaitDetail): string {
  if (quorum === undefined) return "";
  return ` ${quorum.people} people must say the same; ${new Set(quorum.voices.map(({ by }) => by)).size} have spoken.`;
}

function nextOf(run: RunView, details: readonly AwaitDetail[], program: string): string {
  switch (statusOf(run)) {
    case "running":
      return "Call get_run with this run_id and wait_seconds to wait for it.";
    case "awaiting":
      return nextOfAwaits(run, details);
    case "completed":
      return "Done: use output.";
    case "failed":
      return `It failed and stays so: read error; a person sees more with \`${program} show ${run.id}\`.`;
    case "cancelled":
      return "It was cancelled; nothing more happens.";
  }
}

function nextOfAwaits({ position }: RunView, details: readonly AwaitDetail[]): string {
  const [first] = details;
  if (first !== undefined && first.by !== "human") return "Answer the first of `awaiting` with deliver_event.";
  return `Only a person can decide: call request_approval with the first of \`awaiting\` and tell the user what it says, then call get_run with wait_for "change", since_seq ${position} and wait_seconds to wait for the decision.`;
}

function errorOf({ code, message, details }: Failure): NonNullable<RunShape["error"]> {
  const step = details?.["node"];
  return {
    code: CODE.test(code) ? code : "failed",
    message: describeFailure(code, message),
    ...(typeof step === "string" ? { step: shortenText(step, QUESTION_LIMIT) } : {}),
  };
}

function describeFailure(code: string, message: string): string {
  switch (code) {
    case "cancelled":
      // Whoever cancelled wrote this for others to read.
      return shortenText(message, REASON_LIMIT);
    case "await_timed_out":
      return "Nobody answered in time.";
    case "attempt_timed_out":
      return "A step took longer than it may.";
    case "threw":
      return "The workflow's own code threw an error.";
    default:
      return "A step of the workflow failed.";
  }
}
