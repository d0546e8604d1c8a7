// Any language model of the AI SDK as a provider: whatever family it belongs to, it plugs in. The model is the user's own object with its
// own configuration; this file finds it, calls it and maps nothing itself. Of the AI SDK only types are imported.

import type { LanguageModelV3, LanguageModelV4 } from "@ai-sdk/provider";
import {
  type CallContext,
  ConfigError,
  type JsonObject,
  type ModelEvent,
  type ModelProvider,
  type ModelRequest,
  type Readiness,
} from "../src/index.ts";
import { capabilitiesOf } from "./ai-sdk/abilities.ts";
import { emptyStreamFault, toModelError } from "./ai-sdk/errors.ts";
import { modelNamed, problemOf } from "./ai-sdk/named-model.ts";
import { type OpenedStream, openStream, partsOf } from "./ai-sdk/part-stream.ts";
import { addPart, isEmpty, newSum } from "./ai-sdk/part-sum.ts";
import { toReply } from "./ai-sdk/reply.ts";
import { toCallOptions } from "./ai-sdk/request.ts";
import { limitCall, type TimeLimits } from "./http/call-limits.ts";
import type { CapabilityOverrides } from "./http/capability-table.ts";
import { environment, requireReady } from "./http/sdk.ts";
import { secretless } from "./http/secretless.ts";

/** A language model of the AI SDK: what `ai` 7 calls models (version 4 of their specification), or what `ai` 6 did (version 3). */
export type AiSdkModel = LanguageModelV4 | LanguageModelV3;

/** What an AI SDK model is taken in with. */
export type AiSdkOptions = AiSdkSource & {
  /** Sent with every request, where the model speaks HTTP. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The environment variable in which the model's key is expected. The AI SDK looks for it at the first call only; named here, a missing one is
   * told before a run begins.
   */
  readonly keyVariable?: string;
  /** What is known of the models: the AI SDK has no words for it. `structuredOutput: "none"` has schemas told to the model in words. */
  readonly capabilities?: CapabilityOverrides;
  /** How long a call may take, where the model is silent or does not come to an end. Default: 5 minutes of silence, 1 hour in all. */
  readonly timeouts?: TimeLimits;
  /**
   * The name that the model's own options have in the AI SDK's `providerOptions`. Default: the first word of the model's `provider`
   * (`mistral` of `mistral.chat`). A request's `providerOptions` for this provider are handed on under it.
   */
  readonly optionsName?: string;
  /** Finds what a call cost, in US dollars, in the metadata that came with its end, for families that tell. */
  readonly costUsd?: (metadata: JsonObject) => number | undefined;
};

/** One model, or what makes one by its name; a function has no name of its own, so it needs an `id`. */
export type AiSdkSource =
  | {
      readonly model: AiSdkModel;
      /** The prefix in model names. Default: the first word of the model's `provider`. */
      readonly id?: string;
    }
  | {
      readonly model: (name: string) => AiSdkModel;
      /** The prefix in model names: `mistral` in `mistral:mistral-large`. */
      readonly id: string;
    };

/**
 * A provider made of AI SDK models. What the port knows and a family does not is told in the reply's warnings, and so is what a family
 * gives and the port has no place for (sources, files, tools it ran itself).
 *
 * @throws ConfigError `bad_provider_id` when there is no usable prefix
 * @example createRuntime({ models: [aiSdk({ id: "mistral", model: (name) => mistral(name) })], model: "mistral:mistral-large-latest" })
 * @example createRuntime({ models: [aiSdk(mistral("mistral-large-latest"))] })
 */
export function aiSdk(source: AiSdkModel | AiSdkOptions): ModelProvider {
  const options: AiSdkOptions = "doStream" in source ? { model: source } : source;
  const id = options.id ?? (typeof options.model === "function" ? "" : firstWord(options.model.provider));
  if (id === "" || id.includes(":"))
    throw new ConfigError("bad_provider_id", `aiSdk: ${JSON.stringify(id)} cannot be the prefix of model names`, {
      fix: 'Give it one without a colon: aiSdk({ id: "mistral", model: (name) => mistral(name) }).',
    });
  const readiness = (): Readiness => readinessOf(id, options);

  return {
    id,
    readiness,
    capabilities: (name) => capabilitiesOf(name, options.model, options.capabilities),
    async *stream(request: ModelRequest, { signal, headers: own }: CallContext): AsyncGenerator<ModelEvent> {
      requireReady(id, readiness());
      const call = limitCall(id, { signal, limits: options.timeouts });
      const headers = { ...options.headers, ...own };
      let opened: OpenedStream | undefined;
      let sum = newSum([]);
      try {
        call.signal.throwIfAborted();
        const model = modelNamed(request.model, id, options.model);
        const optionsName = options.optionsName ?? camelCase(firstWord(model.provider));
        const capabilities = capabilitiesOf(request.model, model, options.capabilities);
        const asked = { id, request, model, optionsName, capabilities };
        const { callOptions, warnings } = await toCallOptions(asked, { signal: call.signal, headers });
        sum = newSum(warnings);
        opened = await openStream(model, callOptions, call);
        for await (const part of partsOf(opened.stream, call)) yield* addPart(sum, part, id);
        call.signal.throwIfAborted();
        yield { type: "finish", reply: toReply(sum, { id, request, model, headers: opened.headers, costUsd: options.costUsd }) };
      } catch (error) {
        const fault = toModelError(error, id, call.signal);
        const told = opened !== undefined && isEmpty(sum) ? emptyStreamFault(fault, id, opened.headers) : fault;
        throw secretless(told, keyOf(options), headers);
      } finally {
        call.close();
      }
    },
  };
}

function readinessOf(id: string, options: AiSdkOptions): Readiness {
  const problem = typeof options.model === "function" ? undefined : problemOf(options.model, id);
  if (problem !== undefined) return { ready: false, ...problem };
  if (options.keyVariable === undefined || keyOf(options) !== undefined) return { ready: true };
  return { ready: false, message: `${id}: there is no API key`, fix: `Set ${options.keyVariable}.` };
}

function keyOf({ keyVariable }: AiSdkOptions): string | undefined {
  return keyVariable === undefined ? undefined : environment(keyVariable);
}

/** The family in a model's `provider`: `mistral` of `mistral.chat`. */
function firstWord(provider: string): string {
  return (provider.split(".")[0] ?? "").trim();
}

/** As the AI SDK spells names with hyphens in `providerOptions`. */
function camelCase(name: string): string {
  return name.replace(/[-_](\w)/g, (_match, letter: string) => letter.toUpperCase());
}
