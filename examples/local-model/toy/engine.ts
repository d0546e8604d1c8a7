// A model in the engine: a few completions at a time, each stopped when whoever asked has gone. Knows no wire.

import { type Addon, type AddonContext, type AddonOptions, type AddonResult, loadAddon } from "./addon.ts";

/** What is asked of a model. */
export interface Question {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly stop: readonly string[];
  /** What the answer must be: the engine lets no other token through. */
  readonly schema: object | undefined;
}

/** What it answered. */
export interface Answer {
  readonly text: string;
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** True when it was cut at the limit of tokens. */
  readonly isCut: boolean;
}

/** A model that can be asked. */
export interface Engine {
  /** True for a question that leaves room in the context; of a longer one the engine would drop the middle in silence. */
  readonly fits: (question: Question) => boolean;
  /** Answers; `onText` gets each piece as it comes, and all pieces together are the text. */
  readonly answer: (question: Question, onText: (text: string) => void, signal: AbortSignal) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/** How many are answered at once; others wait. */
const SLOTS = 2;
const BATCH_TOKENS = 512;

/** Loads a model file. @param contextTokens for each conversation */
export async function openEngine(file: string, contextTokens: number, addon: Addon = loadAddon()): Promise<Engine> {
  const context = await addon.loadModel({ model: file, n_ctx: SLOTS * contextTokens, n_parallel: SLOTS, n_gpu_layers: 0, n_threads: 2 });
  if (!(await context.parallel.enable({ n_parallel: SLOTS, n_batch: BATCH_TOKENS }))) throw new Error("the engine has no slots");
  return {
    fits: (question) => sizeOf(question) < contextTokens,
    answer: (question, onText, signal) => {
      const maxTokens = Math.min(question.maxTokens, contextTokens - sizeOf(question));
      return complete(context, { ...question, maxTokens }, onText, signal);
    },
    close: async () => {
      context.parallel.disable();
      await context.release();
    },
  };
}

/** What a template puts around a message, with room to spare. */
const AROUND_MESSAGE_TOKENS = 48;

/** How many tokens the question is, at most: a token is a byte in the toy, and more in models that learned theirs. */
function sizeOf({ messages }: Question): number {
  return messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + AROUND_MESSAGE_TOKENS, AROUND_MESSAGE_TOKENS);
}

async function complete(context: AddonContext, question: Question, onText: (text: string) => void, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const { promise, stop } = await context.parallel.completion(optionsOf(question), (_id, { token }) => {
    if (!signal.aborted && token !== "") onText(token);
  });
  signal.addEventListener("abort", stop, { once: true });
  // It may have come while the completion was being queued.
  if (signal.aborted) stop();
  try {
    return answerOf(await promise);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function optionsOf({ messages, maxTokens, temperature, seed, stop, schema }: Question): AddonOptions {
  return {
    messages,
    n_predict: maxTokens,
    temperature,
    seed,
    stop,
    // By default the addon leaves out the likeliest tokens, now and then: temperature 0 would not mean what it says.
    xtc_probability: 0,
    ...(schema === undefined ? {} : { response_format: { type: "json_schema", json_schema: { strict: true, schema } } }),
  };
}

function answerOf({ text, stopped_eos, stopped_limit, stopped_word, tokens_predicted, timings }: AddonResult): Answer {
  if (!stopped_eos && !stopped_limit && !stopped_word) throw new Error("the engine gave up in the middle of the answer");
  return { text, promptTokens: timings.prompt_n + timings.cache_n, answerTokens: tokens_predicted, isCut: stopped_limit };
}
