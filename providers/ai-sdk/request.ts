// A ModelRequest as the AI SDK's call options. Pure: no SDK code, only its types.

import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4Prompt,
  LanguageModelV4ToolChoice,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import { type Capabilities, isJsonObject, ModelError, type ModelRequest, type ModelTool } from "../../src/index.ts";
import type { AiSdkModel } from "../ai-sdk.ts";
import { outputInstructions, outputWarning } from "../http/output-instructions.ts";
import { checkToolChoice } from "../http/refusals.ts";
import { type Family, familyOf } from "./families.ts";
import { toPrompt } from "./prompt.ts";
import { mergeOptions, providerOptionsOf } from "./provider-options.ts";

/** One call, as ai-sdk.ts starts it. */
export interface AiSdkCall {
  readonly id: string;
  readonly request: ModelRequest;
  readonly model: AiSdkModel;
  /** The name of the model's own options. */
  readonly optionsName: string;
  readonly capabilities: Capabilities;
}

/** What the call goes with besides its request. */
export interface Sending {
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
}

/** The options and what had to be left out or changed. */
export interface CallOptions {
  readonly callOptions: LanguageModelV4CallOptions;
  readonly warnings: readonly string[];
}

/** Maps a request. @throws ModelError `unsupported` for a file that the model does not take, `invalid_request` for a tool that is not there */
export async function toCallOptions(asked: AiSdkCall, { signal, headers }: Sending): Promise<CallOptions> {
  const { id, request } = asked;
  checkToolChoice(id, request, asked.capabilities);
  const warnings: string[] = [];
  const family = familyOf(asked.model);
  const { format, instructions } = toFormat(asked, warnings);
  const providerOptions = toProviderOptions(asked, family, warnings);
  const prompt = toPrompt(asked, { family, supportedUrls: await asked.model.supportedUrls, warnings });
  return {
    warnings,
    callOptions: {
      prompt: instructions === undefined ? prompt : withInstructions(prompt, instructions),
      maxOutputTokens: request.maxOutputTokens,
      ...(format === undefined ? {} : { responseFormat: format }),
      ...toTools(request),
      ...toReasoning(asked, warnings),
      ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
      ...(request.topP === undefined ? {} : { topP: request.topP }),
      ...(request.seed === undefined ? {} : { seed: request.seed }),
      ...(request.stop === undefined ? {} : { stopSequences: [...request.stop] }),
      ...(Object.keys(providerOptions).length === 0 ? {} : { providerOptions }),
      headers: { ...headers },
      abortSignal: signal,
    },
  };
}

interface Format {
  readonly format?: NonNullable<LanguageModelV4CallOptions["responseFormat"]>;
  readonly instructions?: string;
}

/** Natively; where the model drops schemas, or its root is no object, in words as well, so that the model sees it at all. */
function toFormat({ request: { output }, capabilities }: AiSdkCall, warnings: string[]): Format {
  if (output === undefined) return {};
  const name = output.name.replace(/[^\w-]/g, "_").slice(0, 64) || "output";
  const isObject = output.schema["type"] === "object";
  if (isObject && capabilities.structuredOutput !== "none") return { format: { type: "json", name, schema: output.schema } };
  warnings.push(outputWarning(output.name, isObject ? "the model takes none" : "its root is not an object"));
  // JSON mode forces an object.
  return { instructions: outputInstructions(output.schema), ...(isObject ? { format: { type: "json" } } : {}) };
}

/** At the end of the first system message: small servers take no more than one. */
function withInstructions([first, ...rest]: LanguageModelV4Prompt, instructions: string): LanguageModelV4Prompt {
  if (first?.role === "system") return [{ ...first, content: `${first.content}\n\n${instructions}` }, ...rest];
  return [{ role: "system", content: instructions }, ...(first === undefined ? [] : [first]), ...rest];
}

function toTools({ tools = [], toolChoice }: ModelRequest): Pick<LanguageModelV4CallOptions, "tools" | "toolChoice"> {
  if (tools.length === 0) return {};
  return { tools: tools.map(toTool), ...(toolChoice === undefined ? {} : { toolChoice: toToolChoice(toolChoice) }) };
}

function toTool({ name, description, inputSchema }: ModelTool): LanguageModelV4FunctionTool {
  return { type: "function", name, description, inputSchema };
}

function toToolChoice(choice: NonNullable<ModelRequest["toolChoice"]>): LanguageModelV4ToolChoice {
  return typeof choice === "string" ? { type: choice } : { type: "tool", toolName: choice.tool };
}

function toReasoning({ request: { reasoning }, model }: AiSdkCall, warnings: string[]): Pick<LanguageModelV4CallOptions, "reasoning"> {
  if (reasoning === undefined) return {};
  if (model.specificationVersion === "v4") return { reasoning: reasoning.effort };
  warnings.push("reasoning: models of version 3 of the AI SDK's specification have no such setting; it was left out. Use providerOptions");
  return {};
}

/** The family's own words first, then what the request itself says for this provider. */
function toProviderOptions({ id, request, optionsName }: AiSdkCall, family: Family, warnings: string[]): SharedV4ProviderOptions {
  const { cache, parallelToolCalls, tools = [] } = request;
  const told: SharedV4ProviderOptions[] = [];
  if (cache?.key !== undefined) {
    if (family.key !== undefined) told.push(family.key(cache.key));
    else warnings.push("cache.key: this family has no such setting in the AI SDK, or it is not known here; it was left out");
  }
  if (parallelToolCalls === false && tools.length > 0) {
    if (family.oneToolAtATime !== undefined) told.push(family.oneToolAtATime);
    else warnings.push("parallelToolCalls: the AI SDK has no such setting; it was left out. Use providerOptions");
  }
  const own = request.providerOptions?.[id];
  if (own === undefined) return mergeOptions(...told);
  if (!isJsonObject(own))
    throw new ModelError("invalid_request", `${id}: providerOptions.${id} is no object`, { provider: id, retryable: false });
  return mergeOptions(...told, providerOptionsOf({ [optionsName]: own }));
}
