// Stands in for the world with what a recording has: models and outside calls are answered at the times of the recording. What is not in it is asked for real
// only where the caller wants that, and only what changes nothing outside.

import { RunError, type Failure } from "../errors.ts";
import type { CallContext, ModelAccess, NeedValues } from "../graph/work.ts";
import type { JsonValue } from "../json.ts";
import { ModelError, type ModelErrorCode, type ModelProvider, type ModelReply, type ModelRequest, type Usage } from "../model/model.ts";
import { addSpending, NO_SPENDING, type Spending } from "../run/spending.ts";
import type { RecordedCall, RecordedResult, RunRecording } from "../../providers/recorded/run-recording.ts";
import type { ReplayTime } from "./replay-time.ts";
import type { StandIn } from "./stand-in.ts";
import type { Tape } from "./tape.ts";

/** `check`: what does not fit is noted, and answered with what was recorded in its place, so that the rest can be looked at. `complete`: the recording is given what the facts do not hold. `ask`: what does not fit is asked for real. */
export type PlayMode = "check" | "complete" | "ask";

/** Plays a recording. */
export class Player implements StandIn {
  /** What was asked for real, by path. */
  readonly asked = new Set<string>();
  /** Nodes that wait for an answer which the recording does not have. */
  readonly held = new Set<string>();
  /** Nodes whose recorded value stands though what they read is different, since asking anew would act on the world. */
  readonly kept = new Set<string>();
  /** What was asked for real has cost this. */
  spending: Spending = NO_SPENDING;
  /** The model that nodes without one were asked from. */
  defaultModel: string | undefined;
  readonly #recording: RunRecording;
  readonly #tape: Tape;
  readonly #time: ReplayTime;
  readonly #mode: PlayMode;
  /** What recorded replies cost, by the usage they came with. */
  readonly #costs = new WeakMap<Usage, number | null>();

  constructor(recording: RunRecording, tape: Tape, time: ReplayTime, mode: PlayMode) {
    this.#recording = recording;
    this.#tape = tape;
    this.#time = time;
    this.#mode = mode;
    this.defaultModel = recording.model;
  }

  given(path: string): { readonly value: unknown } | undefined {
    return this.#tape.given(path);
  }

  computing<T>(work: Promise<T>): Promise<T> {
    return this.#time.working(work);
  }

  models(context: CallContext): ModelAccess {
    const { models: real, path } = context;
    const live = new Map<Usage, string>();
    return {
      defaultModel: this.defaultModel ?? real.defaultModel,
      now: () => this.#time.now(),
      resolve: (asked) => this.#resolve(asked ?? this.#modelAt(path, real)),
      cost: (name, usage) => (live.has(usage) ? real.cost(live.get(usage) ?? name, usage) : (this.#costs.get(usage) ?? null)),
      call: async (provider, request) => {
        const name = `${provider.id}:${request.model}`;
        const found = this.#tape.call(path, name, request, this.#mode === "complete");
        if (found.type === "same" || (found.type === "changed" && this.#mode !== "ask")) return this.#replay(found.entry, context);
        if (this.#mode !== "ask") return this.#hold(context);
        this.asked.add(path);
        const reply = await this.#time.working(this.#ask(real, name, request));
        live.set(reply.usage, name);
        const usd = reply.costUsd ?? real.cost(name, reply.usage);
        const { input, output } = reply.usage;
        this.spending = addSpending(this.spending, { calls: 1, inputTokens: input ?? 0, outputTokens: output ?? 0, usd });
        return reply;
      },
    };
  }

  async outside(needs: NeedValues, context: CallContext, { acts, real }: Parameters<StandIn["outside"]>[2]): Promise<unknown> {
    const { path } = context;
    const found = this.#tape.result(path, plainOf(needs), this.#mode === "complete");
    if (found.type === "same") return this.#repeat(found.entry, context);
    if (this.#mode === "ask" && !acts) {
      this.asked.add(path);
      return this.#time.working(Promise.resolve().then(real));
    }
    if (found.type === "new" && this.#mode !== "ask") return this.#hold(context);
    if (found.type === "new") throw notRecorded(path);
    this.kept.add(path);
    return this.#repeat(found.entry, context);
  }

  async takeBack(context: CallContext): Promise<unknown> {
    const ended = this.#tape.takenBack(context.path);
    if (ended === undefined) return undefined;
    await this.#at(ended.afterMs, context);
    if (ended.error !== undefined) throw thrownAgain(ended.error);
    return undefined;
  }

  /** A model without a name is the one that was asked then. */
  #modelAt(path: string, real: ModelAccess): string | undefined {
    this.defaultModel ??= this.#tape.modelAt(path);
    return this.defaultModel ?? real.defaultModel;
  }

  #resolve(name: string | undefined): ReturnType<ModelAccess["resolve"]> {
    if (name === undefined)
      throw new ModelError("not_configured", "the node names no model, and the recording knows no default model", {
        provider: "none",
        retryable: false,
        fix: "Name a model at the node, or give replayRun a model.",
      });
    const colon = name.indexOf(":");
    return { name, model: name.slice(colon + 1), provider: recordedProvider(name.slice(0, colon)) };
  }

  async #ask(real: ModelAccess, name: string, request: ModelRequest): Promise<ModelReply> {
    return real.call(real.resolve(name).provider, request);
  }

  async #replay({ afterMs, reply, error, cost = null }: RecordedCall, context: CallContext): Promise<ModelReply> {
    if (reply === undefined && (error === undefined || isCutOff(error))) return never(context);
    await this.#at(afterMs, context);
    if (reply === undefined) throw thrownAgain(error);
    // A copy, so that each has a usage of its own by which its cost is found.
    const given = { ...reply, usage: { ...reply.usage } };
    this.#costs.set(given.usage, cost);
    return given;
  }

  async #repeat({ afterMs, value, error }: RecordedResult, context: CallContext): Promise<unknown> {
    if (value === undefined && (error === undefined || isCutOff(error))) return never(context);
    await this.#at(afterMs, context);
    if (error !== undefined) throw thrownAgain(error);
    return value;
  }

  /** Nothing is known: the node waits, and the rest goes on as far as it can without it. */
  #hold(context: CallContext): Promise<never> {
    this.held.add(context.path);
    return never(context);
  }

  #at(afterMs: number, { signal }: CallContext): Promise<void> {
    return this.#time.until(this.#recording.startedAt + afterMs, signal);
  }
}

/** Whatever was possible then is possible now; nothing is sent. */
function recordedProvider(id: string): ModelProvider {
  return {
    id,
    readiness: () => ({ ready: true }),
    capabilities: () => ({
      structuredOutput: "native",
      tools: "yes",
      forcedTools: "yes",
      parallelTools: "yes",
      files: [],
      reasoning: "yes",
    }),
    stream: () => {
      throw new ModelError("unknown_request", `${id}: a replay asks its recording, and this call went past it`, {
        provider: id,
        retryable: false,
      });
    },
  };
}

/** The attempt was stopped from outside: its signal will say so again. */
function isCutOff({ code }: Failure): boolean {
  return code === "attempt_timed_out" || code === "run_ended";
}

function never({ signal }: CallContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** A recorded failure as it was thrown. */
function thrownAgain(failure: Failure | undefined): Error {
  const { code = "threw", message = "failed", fix, details = {}, retryable } = failure ?? {};
  const provider = details["provider"];
  const rest = { details, ...(fix === undefined ? {} : { fix }) };
  if (typeof provider !== "string") return code === "threw" ? new Error(message) : new RecordedError(code, message, { ...rest, retryable });
  const { status, requestId, retryAfterMs } = details;
  // It was a code of a model error when it was recorded.
  return new ModelError(code as ModelErrorCode, message, {
    ...rest,
    provider,
    retryable: retryable ?? false,
    ...(typeof status === "number" ? { status } : {}),
    ...(typeof requestId === "string" ? { requestId } : {}),
    ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}),
  });
}

class RecordedError extends RunError {
  readonly retryable: boolean | undefined;

  constructor(
    code: string,
    message: string,
    { retryable, ...detail }: { retryable: boolean | undefined } & ConstructorParameters<typeof RunError>[2],
  ) {
    super(code, message, detail);
    this.retryable = retryable;
  }
}

function notRecorded(path: string): RunError {
  return new RecordedError("not_recorded", `"${path}" would act on the world, and the recording has nothing for it`, {
    retryable: false,
    fix: "Run the contract for real, and record that run: kindling record <run>.",
  });
}

/** Revived values as the JSON they were recorded as. */
function plainOf(needs: NeedValues): JsonValue {
  return JSON.parse(JSON.stringify(needs)) as JsonValue;
}
