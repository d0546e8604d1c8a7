// Prompts that are kept in Langfuse, by name and label or version, with a prompt file that declares what fills them and stands in where they cannot be had. Their text is
// read by our own parser: what that does not understand is never sent. `@langfuse/client` is loaded with the first read.

import type { LangfuseClient } from "@langfuse/client";
import {
  ConfigError,
  type Duration,
  type Prompt,
  type PromptContext,
  type PromptOrigin,
  promptWithBody,
  type ResolvedPrompt,
  toMilliseconds,
} from "../index.ts";
import { type LangfuseAccess, readAccess } from "./langfuse-access.ts";
import { bodyOf, type LangfuseText, readText } from "./langfuse-text.ts";
import { loadPackage } from "./load-package.ts";

/** Which prompt of which project, and what happens without it. */
export interface LangfusePromptOptions<N = unknown> extends LangfuseAccess {
  /** The file that stands in. Its header holds for both: the variables, what of them is untrusted, the settings. Contracts are checked against it. */
  readonly fallback: Prompt<N>;
  /** Default `production`. */
  readonly label?: string;
  /** One version, in place of a label. */
  readonly version?: number;
  /** Takes only a text or only a chat; else both. */
  readonly type?: "text" | "chat";
  /** For how long what was read is taken again without asking; default `"1m"`. With 0 every conversation asks. */
  readonly cacheTtl?: Duration;
  /** For one read; default `"5s"`. */
  readonly timeout?: Duration;
  /** What happens when it cannot be had, or cannot be used: the file stands in and the run records why (default), or the node fails. */
  readonly onFault?: "fallback" | "fail";
}

/**
 * A prompt whose text is kept in Langfuse. It is read when a conversation begins; what was read is recorded with Langfuse's version before the model is asked, and a
 * run that goes on asks with the same words. Variables must be those that the fallback declares; Langfuse's `config` is not read.
 *
 * @throws ConfigError `bad_langfuse_prompt` for options that make no sense
 * @example
 * const triage = langfusePrompt("triage", { label: "production", fallback: promptFile(new URL("triage.prompt.md", import.meta.url)) });
 */
export function langfusePrompt<N = unknown>(name: string, options: LangfusePromptOptions<N>): Prompt<N> {
  const { fallback, version, label = version === undefined ? "production" : undefined } = options;
  const settings = {
    cacheTtlMs: milliseconds("cacheTtl", options.cacheTtl, 60_000),
    timeoutMs: milliseconds("timeout", options.timeout, 5_000),
  };
  assertSensible(name, options);
  const asked: PromptOrigin = {
    store: "langfuse",
    name,
    ...(label === undefined ? {} : { label }),
    ...(version === undefined ? {} : { version }),
  };
  const shelf = new Shelf(asked, { ...settings, access: options });
  return Object.freeze({
    ...fallback,
    origin: asked,
    resolve: async (context: PromptContext): Promise<ResolvedPrompt> => {
      try {
        const text = await shelf.read(context);
        if (options.type !== undefined && text.type !== options.type)
          throw new ConfigError(
            "langfuse_prompt_type",
            `langfuse: "${name}" ${text.version} is a ${text.type} prompt, and a ${options.type} prompt is wanted`,
          );
        const from = { ...asked, version: text.version };
        return { prompt: promptWithBody(fallback, bodyOf(text, name), `langfuse ${name} ${text.version}`), from };
      } catch (error) {
        // Whoever is cancelled wants no prompt any more.
        if (!(error instanceof ConfigError) || options.onFault === "fail") throw error;
        context.log(`prompt "${name}": its file stands in: ${error.message}`);
        const { version: _, ...from } = asked;
        return { prompt: fallback, from, fallback: { code: error.code, message: error.message } };
      }
    },
  });
}

function assertSensible(name: string, { fallback, label, version }: LangfusePromptOptions<never>): void {
  const wrong = (message: string, fix: string) =>
    new ConfigError("bad_langfuse_prompt", `langfusePrompt(${JSON.stringify(name)}): ${message}`, { fix });
  if (typeof name !== "string" || name.trim() === "") throw wrong("the name is empty", "Give the prompt's name in Langfuse.");
  if (label !== undefined && version !== undefined) throw wrong("label and version are both given", "Give one of the two.");
  if (version !== undefined && !(Number.isInteger(version) && version >= 1))
    throw wrong(`version is ${version}`, "Give a whole number from 1.");
  const given: unknown = fallback;
  if (typeof given !== "object" || given === null || !("text" in given))
    throw wrong("there is no fallback", "Give a prompt file: promptFile(new URL(…)). Its header declares the variables.");
  if (fallback.resolve !== undefined) throw wrong("the fallback is kept elsewhere itself", "Give a prompt file.");
}

function milliseconds(option: string, given: Duration | undefined, otherwise: number): number {
  const ms = given === undefined ? otherwise : toMilliseconds(given);
  if (ms !== undefined && ms >= 0) return ms;
  throw new ConfigError("bad_langfuse_prompt", `langfusePrompt: ${option} is ${JSON.stringify(given)}`, {
    fix: 'Give milliseconds, or a number with ms, s, m, h, such as "1m".',
  });
}

interface ShelfSettings {
  readonly access: LangfuseAccess;
  readonly cacheTtlMs: number;
  readonly timeoutMs: number;
}

/** One prompt of one project: all that want it at once share a read, and what was read is good for a while. */
class Shelf {
  readonly #asked: PromptOrigin;
  readonly #settings: ShelfSettings;
  #client: Promise<LangfuseClient> | undefined;
  #last: { readonly text: LangfuseText; readonly until: number } | undefined;
  #reading: Promise<LangfuseText> | undefined;

  constructor(asked: PromptOrigin, settings: ShelfSettings) {
    this.#asked = asked;
    this.#settings = settings;
  }

  /** @throws ConfigError, or the reason of the signal */
  async read({ now, signal, log }: PromptContext): Promise<LangfuseText> {
    signal.throwIfAborted();
    if (this.#last !== undefined && now() < this.#last.until) return this.#last.text;
    this.#reading ??= this.#fetch(now).finally(() => (this.#reading = undefined));
    try {
      return await until(this.#reading, signal);
    } catch (error) {
      // What Langfuse said last is nearer to what it says now than the file; its version is recorded like any other.
      if (this.#last === undefined || signal.aborted || !isPassing(error)) throw error;
      log(`prompt "${this.#asked.name}": version ${this.#last.text.version}, read before, is taken again: ${error.message}`);
      return this.#last.text;
    }
  }

  async #fetch(now: () => number): Promise<LangfuseText> {
    const { access, timeoutMs, cacheTtlMs } = this.#settings;
    const { name, label, version } = this.#asked;
    this.#client ??= connect(access);
    // Keys may be set and packages installed while the process runs.
    this.#client.catch(() => (this.#client = undefined));
    const client = await this.#client;
    let given: unknown;
    try {
      given = await client.api.prompts.get(
        name,
        { ...(label === undefined ? {} : { label }), ...(version === undefined ? {} : { version }) },
        { timeoutInSeconds: timeoutMs / 1_000, maxRetries: 0 },
      );
    } catch (error) {
      throw refusal(this.#asked, error, timeoutMs);
    }
    const text = readText(given, name);
    if (cacheTtlMs > 0) this.#last = { text, until: now() + cacheTtlMs };
    return text;
  }
}

async function connect(access: LangfuseAccess): Promise<LangfuseClient> {
  const known = readAccess(access);
  const { LangfuseClient } = await loadPackage("@langfuse/client", () => import("@langfuse/client"));
  return new LangfuseClient(known);
}

/** Others may want what is read, so a caller that is cancelled goes away and the read goes on. */
async function until<T>(reading: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([reading, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

const PASSING: readonly string[] = ["langfuse_timeout", "langfuse_unreachable", "langfuse_failed"];

function isPassing(error: unknown): error is ConfigError {
  return error instanceof ConfigError && PASSING.includes(error.code);
}

/** What Langfuse's client threw, by its status. The body of an answer is not told: it may quote what was sent. */
function refusal({ name, label, version }: PromptOrigin, error: unknown, timeoutMs: number): ConfigError {
  const what = `"${name}" with ${version === undefined ? `the label "${label}"` : `the version ${version}`}`;
  const status = typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;
  const isTimeout = error instanceof Error && /timeout/i.test(`${error.constructor.name} ${error.message}`);
  if (status === 401 || status === 403)
    return new ConfigError("langfuse_denied", `langfuse does not let these keys read (${status})`, {
      fix: "Check LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY and LANGFUSE_BASE_URL: keys belong to one project at one address.",
    });
  if (status === 404)
    return new ConfigError("langfuse_not_found", `langfuse has no prompt ${what}`, {
      fix: "Set the label on a version there, or correct the name.",
    });
  if (typeof status === "number")
    return new ConfigError("langfuse_failed", `langfuse answered with ${status} when it was asked for ${what}`);
  if (isTimeout) return new ConfigError("langfuse_timeout", `langfuse did not answer within ${timeoutMs} ms`, { cause: error });
  return new ConfigError("langfuse_unreachable", "langfuse cannot be reached", {
    cause: error,
    fix: "Check LANGFUSE_BASE_URL and the network.",
  });
}
