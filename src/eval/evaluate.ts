// A contract over cases: one run for each, under a key of its own, so that an evaluation that was cut off goes on where it was; then the scores.

import {
  type Actor,
  type Contract,
  hashJson,
  InputError,
  type JsonValue,
  type Kindling,
  planOf,
  type RunView,
  NO_SPENDING,
  addSpending,
} from "../index.ts";
import { answer, type Answers } from "../testing/run-to-end.ts";
import { evaluation, tagOf } from "./evaluation.ts";
import { assertSound, NAME_LIMIT } from "./assert-sound.ts";
import { inTurns } from "./in-turns.ts";
import { type EvaluatedCase, type EvaluationReport, reportOn } from "./report.ts";
import { scoreBy, type Scorer } from "./score.ts";

/** One case. */
export interface EvaluationCase<In = unknown> {
  /** By it cases of two evaluations are compared; a hash of the inputs when left out. Up to 60 characters. */
  readonly id?: string;
  readonly inputs: In;
  /** For the scorers. */
  readonly expected?: unknown;
  /** Payloads for what it waits for, by event; before those of the evaluation. */
  readonly answers?: Answers;
}

/** What is evaluated, on what, and by what. */
export interface EvaluationOptions<In, Out> {
  /** A runtime with the contract, the judging contracts and `evaluation` among its contracts. */
  readonly kindling: Kindling;
  readonly contract: Contract<In, Out>;
  readonly cases: readonly EvaluationCase<In>[];
  /** By name. */
  readonly scorers: Readonly<Record<string, Scorer<In, Out>>>;
  /** Evaluations of one name share the runs of cases that are the same. Default: the contract's name with its plan's hash, so that a contract that was changed is another evaluation. Up to 60 characters. */
  readonly name?: string;
  /** Cases at once. Default 4. */
  readonly concurrency?: number;
  /** Payloads for what cases wait for, by event. A case that waits for anything else is told as waiting. */
  readonly answers?: Answers;
  readonly actor?: Actor;
  /** No further case is begun once so much is known to be spent; those under way end. */
  readonly maxUsd?: number;
  /** Told of each case that is done. */
  readonly onCase?: (evaluated: EvaluatedCase, done: number, all: number) => void;
  /** Aborting it begins no further case and ends the waiting; runs under way go on, and the same call goes on with them. */
  readonly signal?: AbortSignal;
}

const DEFAULT_CONCURRENCY = 4;
const HASH_LENGTH = 8;

/**
 * Runs a contract over cases and scores what it gives. The same call again goes on where it was cut off, and gives the same for what is done, at no cost.
 *
 * @throws InputError `bad_evaluation`, ConfigError `contracts_missing`
 * @example const report = await evaluate({ kindling, contract: triage, cases, scorers: { team: ({ output, expected }) => output.team === expected } });
 */
export async function evaluate<In, Out>(options: EvaluationOptions<In, Out>): Promise<EvaluationReport & { readonly run: string }> {
  const { kindling, contract, scorers, signal } = options;
  const plan = planOf(contract.graph).hash;
  const name = options.name ?? `${contract.name.slice(0, NAME_LIMIT - HASH_LENGTH - 1)}@${plan.slice(0, HASH_LENGTH)}`;
  const cases = options.cases.map((each) => ({ ...each, id: each.id ?? hashOf(each.inputs).slice(0, HASH_LENGTH) }));
  assertSound(options, name, cases);
  const work = new Evaluation(options, name, plan);
  const evaluated = await inTurns(cases, options.concurrency ?? DEFAULT_CONCURRENCY, (each) => work.evaluate(each));
  signal?.throwIfAborted();
  const { version } = contract;
  const report = reportOn({ name, contract: contract.name, version, plan, scorers: Object.keys(scorers) }, evaluated);
  const idempotencyKey = `evaluation:${name}:${hashOf(report).slice(0, HASH_LENGTH * 2)}`;
  const run = await kindling.start(
    evaluation,
    { report },
    { idempotencyKey, tags: [tagOf(name)], ...(options.actor === undefined ? {} : { actor: options.actor }) },
  );
  await run.result();
  return { ...report, run: run.id };
}

/** One evaluation while it is at work. */
class Evaluation<In, Out> {
  readonly #options: EvaluationOptions<In, Out>;
  readonly #name: string;
  readonly #plan: string;
  #spentUsd = 0;
  #done = 0;

  constructor(options: EvaluationOptions<In, Out>, name: string, plan: string) {
    this.#options = options;
    this.#name = name;
    this.#plan = plan;
  }

  async evaluate(each: EvaluationCase<In> & { readonly id: string }): Promise<EvaluatedCase> {
    const { maxUsd, onCase, cases, signal } = this.#options;
    signal?.throwIfAborted();
    const evaluated = maxUsd !== undefined && this.#spentUsd >= maxUsd ? leftOut(each.id, maxUsd) : await this.#run(each);
    this.#spentUsd += evaluated.spending.knownUsd;
    this.#done += 1;
    onCase?.(evaluated, this.#done, cases.length);
    return evaluated;
  }

  async #run({ id, inputs, expected, answers }: EvaluationCase<In> & { readonly id: string }): Promise<EvaluatedCase> {
    const { kindling, contract, actor, signal } = this.#options;
    const key = `evaluation:${this.#name}:${id}:${hashOf([inputs, this.#plan]).slice(0, HASH_LENGTH * 2)}`;
    const waiting = signal === undefined ? {} : { signal };
    let view: RunView;
    let output: unknown;
    try {
      const options = { idempotencyKey: key, tags: [tagOf(this.#name)], ...waiting, ...(actor === undefined ? {} : { actor }) };
      const run = await kindling.start(contract.name, inputs, options);
      view = await this.#settled(run.id, { ...this.#options.answers, ...answers });
      output = view.status === "succeeded" ? await run.result(waiting) : undefined;
    } catch (error) {
      // Inputs that do not fit are a fault of the case, and the others are none the worse for it.
      if (!(error instanceof InputError) || error.code !== "invalid_inputs") throw error;
      return { ...leftOut(id, 0), status: "failed", problem: error.message };
    }
    const { status, spending, endedAt, startedAt, error } = view;
    const own = { id, run: view.id, durationMs: endedAt === undefined ? null : endedAt - startedAt };
    if (status !== "succeeded") {
      const problem = error === undefined ? waitsFor(view) : `${error.code}: ${error.message}`;
      return { ...own, status: status === "running" ? "waiting" : status, problem, scores: {}, spending: { ...spending } };
    }
    const scored = await this.#score({ id, inputs, output, expected }, key);
    return { ...own, status, problem: null, ...scored, spending: addSpending(spending, scored.spending) };
  }

  async #score(scored: Parameters<typeof scoreBy>[1], key: string): Promise<Pick<EvaluatedCase, "scores" | "spending">> {
    const { kindling, scorers, signal } = this.#options;
    const scores: EvaluatedCase["scores"] = {};
    let spending: EvaluatedCase["spending"] = { ...NO_SPENDING };
    for (const [name, scorer] of Object.entries<Scorer<In, Out>>(scorers)) {
      // The cases and the contract say what inputs and output are; scorers were written for both.
      const given = await scoreBy(scorer as Scorer, scored, { kindling, key: `${key}:${name}`, tag: tagOf(this.#name), signal });
      scores[name] = given.score;
      spending = { ...addSpending(spending, given.spending) };
    }
    return { scores, spending };
  }

  /** Answers what can be answered. */
  async #settled(id: string, answers: Answers): Promise<RunView> {
    const { kindling, actor, signal } = this.#options;
    const run = await kindling.run(id);
    for (;;) {
      const view = await run.settled(signal === undefined ? {} : { signal });
      const open = view.awaits.filter(({ event }) => event in answers);
      if (view.status !== "waiting" || open.length === 0) return view;
      for (const each of open) await answer(kindling, each, answers, actor);
    }
  }
}

function leftOut(id: string, maxUsd: number): EvaluatedCase {
  return {
    id,
    run: null,
    status: "left",
    problem: `$${maxUsd} were spent before its turn`,
    scores: {},
    spending: { ...NO_SPENDING },
    durationMs: null,
  };
}

function waitsFor({ awaits }: RunView): string {
  return awaits.length === 0
    ? "it waits for a time"
    : `it waits for ${awaits.map(({ event, path }) => `"${event}" at "${path}"`).join(", ")}`;
}

function hashOf(value: unknown): string {
  return hashJson(JSON.parse(JSON.stringify(value ?? null)) as JsonValue);
}
