// A provider that answers from a script: for tests and examples without a network. Knows no API.

import {
  type AssistantPart,
  type CallContext,
  type Capabilities,
  type JsonValue,
  ModelError,
  type ModelEvent,
  type ModelProvider,
  type ModelReply,
  type ModelRequest,
} from "../src/index.ts";
import { abortError } from "./http/errors.ts";

/**
 * What one call answers: a text; a JSON value, sent as its text; a partial reply (an object with a list of content parts
 * or a stop reason), completed with defaults; an error, thrown; or a function of the request that gives one of these.
 */
export type ScriptedReply = ScriptedAnswer | ((request: ModelRequest, context: CallContext) => ScriptedAnswer | Promise<ScriptedAnswer>);

/** A `ScriptedReply` that is no function. */
export type ScriptedAnswer = JsonValue | Partial<ModelReply> | ModelError;

/** A provider that also tells what it was asked. */
export interface ScriptedProvider extends ModelProvider {
  /** Every request so far, in order. */
  readonly requests: readonly ModelRequest[];
  countTokens(request: ModelRequest): Promise<number>;
}

/** What a scripted provider passes for. */
export interface ScriptedOptions {
  /** The prefix in model names. Default: `scripted`. */
  readonly id?: string;
  /** What its models cannot do, for tests of what follows from it. By default they can do everything. */
  readonly capabilities?: Partial<Capabilities>;
}

/**
 * A provider that gives the replies of a list, one per call, whatever the model's name. Texts come in several deltas, and so do the
 * arguments of tool calls. Usage is made up, and so is the count of tokens: four characters a token. A call beyond the list fails with `unknown_request` and says which call it was and what it asked.
 *
 * @example const model = scripted(["Hello.", { answer: 42 }, (request) => `You said ${request.messages.length} things`]);
 */
export function scripted(replies: readonly ScriptedReply[], { id = "scripted", capabilities }: ScriptedOptions = {}): ScriptedProvider {
  const requests: ModelRequest[] = [];
  return {
    id,
    requests,
    readiness: () => ({ ready: true }),
    capabilities: () => ({ ...CAPABILITIES, ...capabilities }),
    countTokens: (request) => Promise.resolve(tokensOf(JSON.stringify(request.messages))),
    async *stream(request: ModelRequest, context: CallContext): AsyncGenerator<ModelEvent> {
      if (context.signal.aborted) throw abortError(id, context.signal);
      const reply = replies[requests.push(request) - 1];
      if (reply === undefined) throw outOfScript(id, replies.length, requests.length, request);

      const answer = typeof reply === "function" ? await reply(request, context) : reply;
      if (answer instanceof ModelError) throw answer;
      const complete = toReply(answer, request);
      for (const event of complete.content.flatMap(deltasOf)) {
        if (context.signal.aborted) throw abortError(id, context.signal);
        yield event;
      }
      if (context.signal.aborted) throw abortError(id, context.signal);
      yield { type: "finish", reply: complete };
    },
  };
}

/** A reply that calls tools, for a script: `callsTools(["add", { a: 1, b: 2 }])`. */
export function callsTools(...calls: readonly (readonly [name: string, input: JsonValue])[]): Partial<ModelReply> {
  return {
    content: calls.map(([name, input], index) => ({ type: "tool-call", id: `call_${index}`, name, input })),
    stop: { reason: "tool-calls" },
  };
}

const CAPABILITIES: Capabilities = {
  structuredOutput: "native",
  tools: "yes",
  forcedTools: "yes",
  parallelTools: "yes",
  files: ["image/png", "image/jpeg", "application/pdf", "text/plain"],
  reasoning: "yes",
  promptCache: "no",
  countsTokens: "yes",
};

function toReply(answer: Exclude<ScriptedAnswer, ModelError>, request: ModelRequest): ModelReply {
  const given: Partial<ModelReply> = isPartialReply(answer)
    ? answer
    : { content: [{ type: "text", text: typeof answer === "string" ? answer : JSON.stringify(answer) }] };
  const content: readonly AssistantPart[] = given.content ?? [];
  const defaults: ModelReply = {
    content,
    stop: { reason: content.some(({ type }) => type === "tool-call") ? "tool-calls" : "stop" },
    usage: {
      input: tokensOf(JSON.stringify(request.messages)),
      output: tokensOf(JSON.stringify(content)),
      cacheRead: null,
      cacheWrite: null,
      reasoning: null,
    },
    model: request.model,
    warnings: [],
  };
  return { ...defaults, ...given };
}

function isPartialReply(answer: Exclude<ScriptedAnswer, ModelError>): answer is Partial<ModelReply> {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return false;
  const { content, stop } = answer as { readonly content?: unknown; readonly stop?: unknown };
  const hasParts =
    Array.isArray(content) &&
    content.every((part: unknown) => typeof part === "object" && part !== null && "type" in part && PARTS.has(part.type));
  return hasParts || (typeof stop === "object" && stop !== null && "reason" in stop);
}

const PARTS: ReadonlySet<unknown> = new Set(["text", "reasoning", "tool-call"] satisfies AssistantPart["type"][]);

function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

function deltasOf(part: AssistantPart): readonly ModelEvent[] {
  const pieces = (text: string): readonly string[] => text.match(/\s*\S+|\s+/g) ?? [];
  switch (part.type) {
    case "text":
      return pieces(part.text).map((delta) => ({ type: "text-delta", delta }));
    case "reasoning":
      return pieces(part.text).map((delta) => ({ type: "reasoning-delta", delta }));
    case "tool-call":
      return ["", JSON.stringify(part.input)].map((delta) => ({ type: "tool-delta", id: part.id, name: part.name, delta }));
  }
}

const SHOWN_CHARACTERS = 80;

function outOfScript(provider: string, length: number, number: number, request: ModelRequest): ModelError {
  const last = request.messages.at(-1);
  const text =
    last?.role === "tool"
      ? JSON.stringify(last.content[0]?.output ?? null)
      : (last?.content.find((part) => part.type === "text")?.text ?? "");
  const shown = JSON.stringify(text.slice(0, SHOWN_CHARACTERS)) + (text.length > SHOWN_CHARACTERS ? "…" : "");
  return new ModelError(
    "unknown_request",
    `${provider}: request ${number} has no reply; the script ends after ${length}. Its last message (${last?.role ?? "none"}) begins: ${shown}`,
    {
      provider,
      retryable: false,
      fix: "Add a reply to the script, or find out why the model is asked more often than expected.",
    },
  );
}
