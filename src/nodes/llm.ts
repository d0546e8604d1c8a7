// One conversation with a model as a node: what authors say of it, and what the core is told. The conversation itself is in conversation.ts.

import { toMilliseconds } from "../graph/duration.ts";
import type { Budget } from "../graph/budget.ts";
import type { Behaviour, Graph, NodeFinding } from "../graph/graph.ts";
import type { Needs, Node, Values } from "../graph/node.ts";
import type { Call, Work } from "../graph/work.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { CacheSpan, Effort, ModelError, ModelMessage, ModelRequest } from "../model/model.ts";
import { recordedPrompt, type Prompt } from "../model/prompt.ts";
import { outputSchemaOf, type InferOutput, type Schema } from "../schema.ts";
import { converse, type Conversation } from "./conversation.ts";
import { checkBudget, checkModels, checkOutput, checkPrompt, checkSettings } from "./llm-checks.ts";
import {
  checkCallOptions,
  codeOf,
  retryPolicy,
  schemaDetail,
  untyped,
  type CallOptions,
  type NodeKind,
  checkReuse,
  reuseOf,
  type ReuseOptions,
} from "./kind.ts";
import { openWithFile, openWithFunction, promptDetail } from "./opening.ts";
import { assertModelsReady } from "./llm-ready.ts";
import { toolPart } from "./tool-part.ts";
import { checkGiven, inputsOfCall, longestResult, readTools, toolOfKey, toolsDetail, type Offered, type ToolSet } from "./tool-set.ts";

export interface LlmOptions<N extends Needs, S extends Schema> extends CallOptions, ReuseOptions {
  readonly needs: N;
  /** A prompt file whose variables the needs fill, or a function that gives the text or the messages. */
  readonly prompt: Prompt<N> | ((needs: Values<N>) => string | readonly ModelMessage[]);
  /** What the reply must be; without it the node's value is the reply's text. */
  readonly output?: S;
  /** `provider:model`; the runtime's default model when left out. */
  readonly model?: string;
  /** Several models in place of one: the next is asked in a turn that the one before could not answer. */
  readonly models?: readonly string[];
  /** After which errors the next model is asked. Default: those that are retryable, and a provider that is not set up here. */
  readonly fallbackOn?: (error: ModelError) => boolean;
  /** What the model may call: tools, and contracts as they are. Each call is a child run, and its result goes back to the model. */
  readonly tools?: readonly Offered<Values<N>>[];
  /** Whether the first turn must call a tool, or which one. Default: the model decides. */
  readonly toolChoice?: ModelRequest["toolChoice"];
  /** Turns at most, each one request; default 10. Afterwards the node fails with `turns_exhausted`. */
  readonly maxTurns?: number;
  /** Calls of tools at once. Default 8. */
  readonly toolConcurrency?: number;
  /** For one turn. Reasoning counts. Default 8,192. */
  readonly maxOutputTokens?: number;
  readonly reasoning?: Effort;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  /** How long the provider shall remember the conversation after each turn, where it must be told; providers that remember by themselves need no word. */
  readonly cache?: CacheSpan;
  /** By provider id: members of the wire body that Kindling does not know. */
  readonly providerOptions?: ModelRequest["providerOptions"];
  /** What the conversation may cost in one run, its tools' own calls to models included. When it is used up, the node fails with `budget_exhausted`. */
  readonly budget?: Budget;
}

export interface LlmMethods {
  /**
   * Asks a model, which may call tools; the checked reply is the node's value. Retryable faults are tried 4 times in each turn unless `retry` says
   * otherwise; `timeout` is for one turn.
   */
  llm<N extends Needs, S extends Schema = Schema<string>>(name: string, options: LlmOptions<N, S>): Node<InferOutput<S>>;
}

const DEFAULT_MAX_OUTPUT_TOKENS = 8_192;
const DEFAULT_ATTEMPTS = 4;
const DEFAULT_MAX_TURNS = 10;
const DEFAULT_TOOL_CONCURRENCY = 8;

/** The tools of a node, and the graphs of their calls. */
interface Toolbox {
  readonly tools: ToolSet;
  readonly parts: Readonly<Record<string, Graph>>;
  readonly findings: readonly NodeFinding[];
}

export const llm: NodeKind<LlmMethods> = {
  kind: "llm",
  methods: ({ declare, child }) => ({
    llm: (name, options) => {
      const { tools, findings } = readTools(options.tools);
      const parts = [...tools.values()].map((tool) => {
        const { definition, handles } = toolPart(tool);
        return [tool.name, child(name, tool.name, definition, handles)] as const;
      });
      const behaviour = behaviourOf(name, options, { tools, parts: Object.fromEntries(parts), findings });
      return declare({ kind: "llm", name, needs: options.needs, options, behaviour });
    },
  }),
};

function behaviourOf<N extends Needs, S extends Schema>(name: string, options: LlmOptions<N, S>, toolbox: Toolbox): Behaviour {
  const conversation = conversationOf(name, options, toolbox.tools);
  const { models, tools, maxTurns } = conversation;
  return {
    work: workOf(conversation, options, toolbox),
    detail: detailOf(options.prompt, conversation),
    picture: {
      shape: "model",
      lines: [
        models.length === 0 ? "default model" : models.join(", then "),
        ...(tools.size === 0 ? [] : [`tools: ${[...tools.keys()].join(", ")}`]),
      ],
    },
    always: false,
    ...reuseOf(options),
    ...(options.budget === undefined ? {} : { budget: Object.freeze({ ...options.budget }) }),
    onChange: "again",
    timeoutMs: options.timeout === undefined ? undefined : toMilliseconds(options.timeout),
    retry: retryPolicy(options.retry, DEFAULT_ATTEMPTS),
    check: ({ needs }) => [
      ...checkCallOptions(options),
      ...checkReuse(options),
      ...checkModels(options),
      ...checkPrompt(options.prompt, needs),
      ...checkOutput(options.output),
      ...checkSettings(options),
      ...checkBudget(options.budget),
      ...toolbox.findings,
      ...checkGiven(tools, needs),
    ],
    gives: conversation.output === undefined ? { type: "string" } : outputSchemaOf(conversation.output),
    forecast: {
      type: "model",
      model: models[0],
      fallbacks: models.slice(1),
      maxOutputTokens: conversation.settings.maxOutputTokens,
      turns: (tools.size === 0 ? 1 : maxTurns) + (conversation.output === undefined ? 0 : 1),
      resultTokens: Math.ceil(longestResult(tools) / CHARACTERS_PER_TOKEN),
      prompt: sizeOf(options.prompt),
    },
    ...(typeof options.prompt === "function" ? {} : { prompt: options.prompt }),
    declared: () => options,
    override: ({ model, prompt }) =>
      behaviourOf(
        name,
        {
          ...withoutModels(options),
          ...(typeof model === "string" ? { model } : {}),
          ...(isJsonObject(prompt) ? { prompt: recordedPrompt(prompt) } : {}),
        },
        toolbox,
      ),
  };
}

/** A model that replaces another one for a run replaces its substitutes, too. */
function withoutModels<N extends Needs, S extends Schema>(options: LlmOptions<N, S>): LlmOptions<N, S> {
  const { models, ...rest } = options;
  return models?.[0] === undefined ? rest : { ...rest, model: models[0] };
}

function workOf<N extends Needs, S extends Schema>(conversation: Conversation, options: LlmOptions<N, S>, { tools, parts }: Toolbox): Work {
  const call: Call = {
    type: "call",
    outside: true,
    recordsFirst: true,
    resource: ({ defaultModel }) => resourceOf(conversation.models[0] ?? defaultModel),
    assertReady: (models) => assertModelsReady(conversation, models),
    run: (needs, context) => converse(conversation, needs, context),
  };
  if (tools.size === 0) return call;
  return {
    type: "children",
    parts,
    list: call,
    partOf: toolOfKey,
    inputs: (needs, key, _settled, journal) => inputsOfCall(tools, needs, key, journal),
    correlation: (key) => ({ call: key }),
    isTriedAgain: ({ code }) => code === "tool_uncertain",
    concurrency: options.toolConcurrency ?? DEFAULT_TOOL_CONCURRENCY,
    failFast: false,
  };
}

/** About four characters are a token in most languages that models were trained on. */
const CHARACTERS_PER_TOKEN = 4;

function sizeOf(prompt: Prompt<never> | ((...args: never[]) => unknown)): { readonly tokens: number; readonly isWhole: boolean } | null {
  if (typeof prompt === "function") return null;
  const isWhole = prompt.variables.length === 0 && prompt.resolve === undefined;
  return { tokens: Math.ceil(prompt.text.length / CHARACTERS_PER_TOKEN), isWhole };
}

function conversationOf<N extends Needs, S extends Schema>(node: string, options: LlmOptions<N, S>, tools: ToolSet): Conversation {
  const { prompt, model, models = model === undefined ? [] : [model], fallbackOn } = options;
  const file = typeof prompt === "function" ? undefined : prompt;
  const named = models.length === 0 && file?.settings.model !== undefined ? [file.settings.model] : models;
  return {
    node,
    open: typeof prompt === "function" ? openWithFunction(untyped(prompt)) : openWithFile(prompt),
    output: options.output,
    models: named,
    goesOn: fallbackOn ?? (({ retryable, code }) => retryable || code === "not_configured"),
    settings: settingsOf(options, file),
    tools,
    toolChoice: options.toolChoice,
    maxTurns: options.maxTurns ?? DEFAULT_MAX_TURNS,
  };
}

/** What the node says of a request, and else what its prompt file says. */
function settingsOf<N extends Needs, S extends Schema>(
  options: LlmOptions<N, S>,
  file: Prompt<never> | undefined,
): Conversation["settings"] {
  const { reasoning, temperature, topP, seed, stop, cache, providerOptions } = options;
  const { model: _model, ...ofFile } = file?.settings ?? {};
  return {
    ...ofFile,
    maxOutputTokens: options.maxOutputTokens ?? ofFile.maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS,
    ...(reasoning === undefined ? {} : { reasoning: { effort: reasoning } }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined ? {} : { stop }),
    ...(cache === undefined ? {} : { cache: { auto: cache } }),
    ...(providerOptions === undefined ? {} : { providerOptions }),
  };
}

function detailOf(code: Prompt<never> | ((...args: never[]) => unknown), conversation: Conversation): JsonObject {
  const { output, models, settings, tools, toolChoice, maxTurns } = conversation;
  const { maxOutputTokens, reasoning, temperature, ...more } = settings;
  return {
    prompt: typeof code === "function" ? codeOf(code) : promptDetail(code),
    model: models[0] ?? null,
    output: output === undefined ? null : schemaDetail(output),
    maxOutputTokens,
    reasoning: reasoning?.effort ?? null,
    temperature: temperature ?? null,
    ...(JSON.parse(JSON.stringify(more)) as JsonObject),
    ...(models.length > 1 ? { models } : {}),
    ...(tools.size === 0 ? {} : { tools: toolsDetail(tools), maxTurns, ...(toolChoice === undefined ? {} : { toolChoice }) }),
  };
}

function resourceOf(model: string | undefined): string | undefined {
  return model === undefined ? undefined : `model:${model}`;
}
