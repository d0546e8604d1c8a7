// One conversation with a model. Every request and every reply is recorded, so a crash repeats at most the call that was in flight.

import { toMilliseconds } from "../graph/duration.ts";
import type { Behaviour } from "../graph/graph.ts";
import type { Needs, Node, Values } from "../graph/node.ts";
import type { CallContext, JournalEntry, NeedValues } from "../graph/work.ts";
import { ValueError } from "../graph/value-error.ts";
import { hashJson, isJsonObject, type JsonObject } from "../json.ts";
import { ModelError, textOf, type Effort, type ModelMessage, type ModelReply, type ModelRequest } from "../model/model.ts";
import { recordedPrompt, type Prompt } from "../model/prompt.ts";
import { readOutput, repairMessages } from "../model/structured.ts";
import { describeIssues, jsonSchemaOf, outputSchemaOf, type InferOutput, type Schema } from "../schema.ts";
import { answerOf, shownAnswer } from "./callback.ts";
import { checkModel, checkOutput, checkPrompt, checkSettings } from "./llm-checks.ts";
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

export interface LlmOptions<N extends Needs, S extends Schema> extends CallOptions, ReuseOptions {
  readonly needs: N;
  /** A prompt file whose variables the needs fill, or a function that gives the text or the messages. */
  readonly prompt: Prompt | ((needs: Values<N>) => string | readonly ModelMessage[]);
  /** What the reply must be; without it the node's value is the reply's text. */
  readonly output?: S;
  /** `provider:model`; the runtime's default model when left out. */
  readonly model?: string;
  /** Default 8,192. Reasoning counts. */
  readonly maxOutputTokens?: number;
  readonly reasoning?: Effort;
  readonly temperature?: number;
}

export interface LlmMethods {
  /** Asks a model; the checked reply is the node's value. Retryable faults are tried 4 times unless `retry` says otherwise. */
  llm<N extends Needs, S extends Schema = Schema<string>>(name: string, options: LlmOptions<N, S>): Node<InferOutput<S>>;
}

const DEFAULT_MAX_OUTPUT_TOKENS = 8_192;
const DEFAULT_ATTEMPTS = 4;
/** The first question and one repair of a reply that does not fit the schema. */
const TURNS_LIMIT = 2;

/** The options as the conversation needs them, without the author's types. */
interface Conversation {
  readonly node: string;
  readonly render: (needs: NeedValues) => readonly ModelMessage[];
  readonly prompt: string | undefined;
  readonly output: Schema | undefined;
  readonly model: string | undefined;
  readonly settings: Pick<ModelRequest, "maxOutputTokens" | "reasoning" | "temperature">;
}

export const llm: NodeKind<LlmMethods> = {
  kind: "llm",
  methods: ({ declare }) => ({
    llm: (name, options) => declare({ kind: "llm", name, needs: options.needs, options, behaviour: behaviourOf(name, options) }),
  }),
};

function behaviourOf<N extends Needs, S extends Schema>(name: string, options: LlmOptions<N, S>): Behaviour {
  const conversation = conversationOf(name, options);
  return {
    work: {
      type: "call",
      outside: true,
      recordsFirst: true,
      resource: ({ defaultModel }) => providerOf(conversation.model ?? defaultModel),
      assertReady: (models) => void models.resolve(conversation.model),
      run: (needs, context) => converse(conversation, needs, context),
    },
    detail: detailOf(options.prompt, conversation),
    picture: { shape: "model", lines: [conversation.model ?? "default model"] },
    always: false,
    ...reuseOf(options),
    onChange: "again",
    timeoutMs: options.timeout === undefined ? undefined : toMilliseconds(options.timeout),
    retry: retryPolicy(options.retry, DEFAULT_ATTEMPTS),
    check: ({ needs }) => [
      ...checkCallOptions(options),
      ...checkReuse(options),
      ...checkModel(conversation.model),
      ...checkPrompt(options.prompt, needs),
      ...checkOutput(options.output),
      ...checkSettings(options),
    ],
    gives: conversation.output === undefined ? { type: "string" } : outputSchemaOf(conversation.output),
    forecast: {
      type: "model",
      model: conversation.model,
      maxOutputTokens: conversation.settings.maxOutputTokens,
      turns: conversation.output === undefined ? 1 : TURNS_LIMIT,
      prompt: sizeOf(options.prompt),
    },
    declared: () => options,
    override: ({ model, prompt }) =>
      behaviourOf(name, {
        ...options,
        ...(typeof model === "string" ? { model } : {}),
        ...(isJsonObject(prompt) ? { prompt: recordedPrompt(prompt) } : {}),
      }),
  };
}

/** About four characters are a token in most languages that models were trained on. */
const CHARACTERS_PER_TOKEN = 4;

function sizeOf(prompt: Prompt | ((...args: never[]) => unknown)): { readonly tokens: number; readonly isWhole: boolean } | null {
  if (typeof prompt === "function") return null;
  return { tokens: Math.ceil(prompt.text.length / CHARACTERS_PER_TOKEN), isWhole: prompt.variables.length === 0 };
}

function conversationOf<N extends Needs, S extends Schema>(node: string, options: LlmOptions<N, S>): Conversation {
  const { prompt } = options;
  const file = typeof prompt === "function" ? undefined : prompt;
  const reasoning = options.reasoning === undefined ? file?.settings.reasoning : { effort: options.reasoning };
  return {
    node,
    render: typeof prompt === "function" ? renderFunction(untyped(prompt)) : (needs) => prompt.render(plain(needs)),
    prompt: file === undefined ? undefined : `${file.name}@${file.version}`,
    output: options.output,
    model: options.model ?? file?.settings.model,
    settings: {
      maxOutputTokens: options.maxOutputTokens ?? file?.settings.maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS,
      ...(reasoning === undefined ? {} : { reasoning }),
      ...(options.temperature === undefined ? {} : { temperature: options.temperature }),
    },
  };
}

function renderFunction(prompt: (needs: NeedValues) => string | readonly ModelMessage[]): Conversation["render"] {
  return (needs) => {
    const rendered: unknown = answerOf("prompt", () => prompt(needs));
    if (typeof rendered === "string") return [{ role: "user", content: [{ type: "text", text: rendered }] }];
    // The types of the prompt made sure what a list holds; the provider tells what it does not take.
    if (Array.isArray(rendered)) return rendered as readonly ModelMessage[];
    throw new ValueError("bad_prompt", `prompt gave ${shownAnswer(rendered)}, and must give a text or messages`, {
      fix:
        rendered instanceof Promise
          ? "It must answer at once: make what it needs in a node before."
          : "Give a text, or a list of messages.",
    });
  };
}

/** Revived values (a collection's result) as the JSON they were recorded as: what a prompt file prints. */
function plain(needs: NeedValues): JsonObject {
  return JSON.parse(JSON.stringify(needs)) as JsonObject;
}

async function converse(conversation: Conversation, needs: NeedValues, context: CallContext): Promise<unknown> {
  const { name, model, provider } = context.models.resolve(conversation.model);
  const schema = conversation.output === undefined ? undefined : jsonSchemaOf(conversation.output);
  let messages = conversation.render(needs);
  for (let turn = 1; ; turn++) {
    const request: ModelRequest = {
      model,
      messages,
      ...conversation.settings,
      ...(schema === undefined ? {} : { output: { name: conversation.node, schema } }),
    };
    const reply = repliedBefore(context.journal, turn) ?? (await ask(conversation, context, { turn, name, request, provider }));
    refuseUnusable(reply, provider.id);
    if (conversation.output === undefined) return textOf(reply);
    const read = await readOutput(reply, conversation.output);
    if (read.ok) return read.value;
    if (turn === TURNS_LIMIT) {
      throw new ModelError(
        "invalid_output",
        `${name}: the reply does not fit the output schema, also after one repair: ${describeIssues(read.issues)}`,
        {
          provider: provider.id,
          retryable: false,
          fix: "Look at the reply with `kindling facts`; make the schema or the prompt clearer, or use a stronger model.",
        },
      );
    }
    messages = repairMessages(messages, reply, read.issues);
  }
}

interface Question {
  readonly turn: number;
  readonly name: string;
  readonly request: ModelRequest;
  readonly provider: Parameters<CallContext["models"]["call"]>[0];
}

async function ask({ prompt }: Conversation, context: CallContext, { turn, name, request, provider }: Question): Promise<ModelReply> {
  // R3: what the call rests on, and that it is made, is durable before it is made.
  await context.record({
    type: "model.requested",
    turn,
    model: name,
    request: hashJson(JSON.parse(JSON.stringify(request)) as JsonObject),
    ...(prompt === undefined ? {} : { prompt }),
  });
  const startedAt = context.models.now();
  const reply = await context.models.call(provider, request);
  const cost = reply.costUsd ?? context.models.cost(name, reply.usage);
  context.note({ type: "model.replied", turn, reply, cost, durationMs: context.models.now() - startedAt });
  return reply;
}

function repliedBefore(journal: readonly JournalEntry[], turn: number): ModelReply | undefined {
  const entry = journal.findLast((each) => each.type === "model.replied" && each.turn === turn);
  return entry?.type === "model.replied" ? entry.reply : undefined;
}

function refuseUnusable({ stop }: ModelReply, provider: string): void {
  const detail = stop.detail === undefined ? "" : `: ${stop.detail}`;
  if (stop.reason === "refusal") throw new ModelError("refused", `the model refused to answer${detail}`, { provider, retryable: false });
  if (stop.reason === "length") {
    throw new ModelError("truncated", "the reply was cut off at maxOutputTokens", {
      provider,
      retryable: false,
      fix: "Raise maxOutputTokens; reasoning counts towards it.",
    });
  }
  if (stop.reason === "context-window")
    throw new ModelError("context_too_long", "the conversation does not fit the model's context window", { provider, retryable: false });
}

function detailOf(code: Prompt | ((...args: never[]) => unknown), { prompt, output, model, settings }: Conversation): JsonObject {
  return {
    prompt: typeof code === "function" ? codeOf(code) : (prompt ?? null),
    model: model ?? null,
    output: output === undefined ? null : schemaDetail(output),
    maxOutputTokens: settings.maxOutputTokens,
    reasoning: settings.reasoning?.effort ?? null,
    temperature: settings.temperature ?? null,
  };
}

function providerOf(model: string | undefined): string | undefined {
  return model === undefined ? undefined : `model:${model.split(":", 1)[0]}`;
}
