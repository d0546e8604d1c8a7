// Scores of one output: by a function, or by a contract that judges. What a scorer throws is its own failure and never the evaluation's.

import {
  type AnyContract,
  failureOf,
  hashJson,
  isJsonObject,
  type JsonValue,
  type Kindling,
  NO_SPENDING,
  type Spending,
  toJson,
} from "../index.ts";
import type { Score } from "./report.ts";

/** What a scorer is given. */
export interface Scored<In = unknown, Out = unknown> {
  readonly id: string;
  readonly inputs: In;
  readonly output: Out;
  /** What stands in the case; undefined where nothing does. */
  readonly expected: unknown;
}

/** A number, as a rule from 0 to 1; true counts as 1 and false as 0; with a note that says why. */
export type Verdict = number | boolean | { readonly score: number | boolean; readonly note?: string };

/** A function that scores an output. */
export type ScoreFunction<In = unknown, Out = unknown> = (scored: Scored<In, Out>) => Verdict | Promise<Verdict>;

/**
 * A function, or a contract that judges: of `inputs`, `output`, `expected` and `id` it is given those that are among its inputs, and it gives a number or
 * `{ score, note }`. Its runs stand in the ledger like those of the cases.
 */
export type Scorer<In = unknown, Out = unknown> = ScoreFunction<In, Out> | AnyContract;

/** What judging needs besides the scorer. */
export interface Judging {
  readonly kindling: Kindling;
  /** Prefix of the idempotency keys of judging runs. */
  readonly key: string;
  readonly tag: string;
  readonly signal: AbortSignal | undefined;
}

/** A score, and what it cost. */
export interface Given {
  readonly score: Score;
  readonly spending: Spending;
}

/** Asks a scorer. Aborting the signal is no failure of the scorer and is thrown on. */
export async function scoreBy(scorer: Scorer, scored: Scored, judging: Judging): Promise<Given> {
  try {
    if (typeof scorer === "function") return { score: { ...read(await scorer(scored)), run: null }, spending: NO_SPENDING };
    return await judgedBy(scorer, scored, judging);
  } catch (error) {
    judging.signal?.throwIfAborted();
    return { score: { score: null, note: `the scorer failed: ${failureOf(error).message}`, run: null }, spending: NO_SPENDING };
  }
}

async function judgedBy(judge: AnyContract, scored: Scored, { kindling, key, tag, signal }: Judging): Promise<Given> {
  const wanted = new Set(judge.graph.inputs.map(({ name }) => name));
  const inputs = Object.fromEntries(Object.entries(scored).filter(([name, value]) => wanted.has(name) && value !== undefined));
  const json = toJson(JSON.parse(JSON.stringify(inputs)));
  const idempotencyKey = `${key}:${json.ok ? hashJson(json.value).slice(0, 12) : ""}`;
  const options = signal === undefined ? {} : { signal };
  const run = await kindling.start(judge.name, inputs, { idempotencyKey, tags: [tag], ...options });
  const view = await run.settled(options);
  if (view.status !== "succeeded") {
    const why = view.status === "waiting" ? "it waits" : `${view.error?.code ?? view.status}: ${view.error?.message ?? ""}`;
    return { score: { score: null, note: `${judge.name} gave no score, ${why}`, run: run.id }, spending: view.spending };
  }
  return { score: { ...read(view.outputs), run: run.id }, spending: view.spending };
}

function read(verdict: Verdict | JsonValue | undefined): { readonly score: number; readonly note: string | null } {
  const whole: unknown = typeof verdict === "object" && verdict !== null ? memberOf(verdict, "score") : verdict;
  const score = typeof whole === "boolean" ? Number(whole) : whole;
  if (typeof score !== "number" || !Number.isFinite(score))
    throw new TypeError(`it gave ${JSON.stringify(verdict)?.slice(0, 100) ?? "nothing"}, and must give a number or { score, note }`);
  const note: unknown = typeof verdict === "object" && verdict !== null ? memberOf(verdict, "note") : undefined;
  return { score, note: typeof note === "string" ? note : null };
}

function memberOf(value: object, name: string): unknown {
  const json = value as JsonValue;
  return isJsonObject(json) ? json[name] : undefined;
}
