// Stands in for the world with what a recording has: models and outside calls are answered at the times of the recording. What is not in it is asked for real
// only where the caller wants that, and only what changes nothing outside.

import type { Failure } from "../errors.ts";
import type { ModelAccess } from "../graph/model-access.ts";
import type { CallContext, NeedValues } from "../graph/work.ts";
import type { JsonValue } from "../json.ts";
import { ModelError, type ModelProvider, type ModelReply, type Usage } from "../model/model.ts";
import { addSpending, NO_SPENDING, replySpending, type Spending } from "../run/spending.ts";
import type { RecordedCall, RecordedResult, RunRecording } from "../../providers/recorded/run-recording.ts";
import { askInRealTime } from "./ask-in-real-time.ts";
import { isCutOff, notRecorded, thrownAgain } from "./recorded-failure.ts";
import type { ReplayTime } from "./replay-time.ts";
import type { StandIn } from "./stand-in.ts";
import type { Tape } from "./tape.ts";

/** `check`: what does not fit is noted, and answered with what was recorded in its place, so that the rest can be looked at. `complete`: the recording is given what the facts do not hold. `ask`: what does not fit is asked for real. */
export type PlayMode = "check" | "complete" | "ask";

/** Models that are asked for real. */
export type RealModels = Omit<ModelAccess, "call">;

interface PlayerParts {
  readonly recording: RunRecording;
  readonly tape: Tape;
  readonly time: ReplayTime;
  readonly mode: PlayMode;
  readonly real: RealModels;
}

/** Plays a recording. */
export class Player implements StandIn {
  /** What was asked for real, by path. */
  readonly asked = new Set<string>();
  /** Nodes that wait for an answer which the recording does not have. */
  readonly held = new Set<string>();
  /** Nodes that were at work when the recording was made. */
  readonly unfinished = new Set<string>();
  /** Nodes that would have acted on the world, and of which nothing was recorded that could stand for it. */
  readonly refused = new Set<string>();
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
  readonly #real: RealModels;

  constructor({ recording, tape, time, mode, real }: PlayerParts) {
    this.#recording = recording;
    this.#tape = tape;
    this.#time = time;
    this.#mode = mode;
    this.#real = real;
    this.defaultModel = recording.model ?? real.defaultModel;
  }

  given(path: string): { readonly value: unknown } | undefined {
    return this.#tape.given(path);
  }

  computing<T>(work: Promise<T>): Promise<T> {
    return this.#time.working(work);
  }

  async prompt({ path, journal, texts, note, signal }: CallContext): Promise<void> {
    if (journal.some(({ type }) => type === "prompt.resolved")) return;
    const known = this.#tape.promptAt(path);
    if (known !== undefined) {
      const { text, ...rest } = known;
      note({ type: "prompt.resolved", ...rest, promptText: await texts.keep(text) });
    } else if (this.#mode !== "ask") {
      this.#tape.noPrompt(path);
      await this.#hold({ path, signal });
    }
  }

  models(context: CallContext): ModelAccess {
    const { path } = context;
    const real = this.#real;
    return {
      defaultModel: this.defaultModel ?? this.#tape.modelAt(path),
      now: () => this.#time.now(),
      resolve: (asked) => this.#resolve(asked ?? this.#modelAt(path)),
      cost: (name, usage) => (this.#costs.has(usage) ? (this.#costs.get(usage) ?? null) : real.cost(name, usage)),
      // What is replayed has a cost of its own, which is known when it is there: nobody refuses it for want of a price.
      most: (name, tokens) => real.most(name, tokens) ?? 0,
      call: async (provider, request, { begins } = {}) => {
        await begins?.();
        const name = `${provider.id}:${request.model}`;
        const found = this.#tape.call(path, name, request, this.#mode === "complete");
        if (found.type === "same" || (found.type === "changed" && this.#mode !== "ask")) return this.#replay(found.entry, context);
        if (this.#mode !== "ask") return this.#hold(context);
        this.asked.add(path);
        const reply = await this.#time.working(askInRealTime(this.#real.resolve(name).provider, request, context));
        const cost = reply.costUsd ?? real.cost(name, reply.usage);
        this.spending = addSpending(this.spending, replySpending({ type: "model.replied", turn: 1, reply, cost, durationMs: 0 }));
        return reply;
      },
    };
  }

  /** Nothing is spent, so no budget is asked; where a call had been refused before it was made, it is so again. */
  reserve(context: CallContext): CallContext["reserve"] {
    if (this.#mode === "ask") return (call) => context.reserve(call);
    return async () => {
      const refusal = this.#tape.refusal(context.path);
      if (refusal === undefined) return NOTHING_RESERVED;
      await this.#at(refusal.afterMs, context);
      throw thrownAgain(refusal.error);
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
    if (found.type === "new") {
      this.refused.add(path);
      throw notRecorded(path);
    }
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
  #modelAt(path: string): string | undefined {
    this.defaultModel ??= this.#tape.modelAt(path);
    return this.defaultModel;
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

  async #replay({ afterMs, reply, error, cost = null }: RecordedCall, context: CallContext): Promise<ModelReply> {
    if (reply === undefined && (error === undefined || isCutOff(error))) return this.#leave(context, error);
    await this.#at(afterMs, context);
    if (reply === undefined) throw thrownAgain(error);
    // A copy, so that each has a usage of its own by which its cost is found.
    const given = { ...reply, usage: { ...reply.usage } };
    this.#costs.set(given.usage, cost);
    return given;
  }

  async #repeat({ afterMs, value, error }: RecordedResult, context: CallContext): Promise<unknown> {
    if (value === undefined && (error === undefined || isCutOff(error))) return this.#leave(context, error);
    await this.#at(afterMs, context);
    if (error !== undefined) throw thrownAgain(error);
    return value;
  }

  /** Nothing is known: the node waits, and the rest goes on as far as it can without it. */
  #hold(context: Pick<CallContext, "path" | "signal">): Promise<never> {
    this.held.add(context.path);
    return never(context);
  }

  /** It had no end of its own: a time limit or the end of the run stopped it, or the recording was made while it was at work. */
  #leave(context: CallContext, error: Failure | undefined): Promise<never> {
    if (error === undefined) this.unfinished.add(context.path);
    return never(context);
  }

  #at(afterMs: number, { signal }: CallContext): Promise<void> {
    return this.#time.until(this.#recording.startedAt + afterMs, signal);
  }
}

const NOTHING_RESERVED: Awaited<ReturnType<CallContext["reserve"]>> = { begins: () => {}, settle: () => {}, fail: () => {} };

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

function never({ signal }: Pick<CallContext, "signal">): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** Revived values as the JSON they were recorded as. */
function plainOf(needs: NeedValues): JsonValue {
  return JSON.parse(JSON.stringify(needs)) as JsonValue;
}
