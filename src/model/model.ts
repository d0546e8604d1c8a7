// The port to language models: what a provider is given and what it gives back. No SDK type crosses it.

import { KindlingError, type ErrorDetail } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";

/** Provider data nobody else can read (thinking signatures, encrypted reasoning): sent back unchanged to its maker, dropped for others. */
export interface Opaque {
  readonly provider: string;
  readonly model: string;
  readonly data: JsonValue;
}

/** How long a provider shall remember everything up to a part; it takes the nearest span it has. */
export type CacheSpan = "5m" | "30m" | "1h" | "12h";

/** Text. `opaque` is only found in replies: a provider's own marks on its message (its id and phase). */
export interface TextPart {
  readonly type: "text";
  readonly text: string;
  /** The conversation up to and with this part is worth remembering. Providers that remember by themselves ignore it. */
  readonly cache?: CacheSpan;
  readonly opaque?: Opaque;
}

/** An image or document: its content as base64 without a `data:` prefix, or the address it is fetched from by the provider. */
export type FilePart = {
  readonly type: "file";
  readonly mediaType: string;
  readonly name?: string;
  readonly cache?: CacheSpan;
} & ({ readonly data: string; readonly url?: never } | { readonly url: string; readonly data?: never });

/** What a model thought before it answered; `text` may be empty when only the opaque form is given. */
export interface ReasoningPart {
  readonly type: "reasoning";
  readonly text: string;
  readonly opaque?: Opaque;
}

/** A model asks for a tool. Its input is not yet checked by the tool's schema. */
export interface ToolCallPart {
  readonly type: "tool-call";
  readonly id: string;
  readonly name: string;
  readonly input: JsonValue;
  readonly opaque?: Opaque;
}

/** The answer to the tool call of the same `id`. */
export interface ToolResultPart {
  readonly type: "tool-result";
  readonly id: string;
  readonly name: string;
  readonly output: JsonValue;
  readonly isError?: boolean;
  readonly cache?: CacheSpan;
}

/** What an assistant message is made of, in the order the model gave it. */
export type AssistantPart = TextPart | ReasoningPart | ToolCallPart;

/** One message of a conversation. Plain JSON: it is recorded as it is. */
export type ModelMessage =
  | { readonly role: "system"; readonly content: readonly TextPart[] }
  | { readonly role: "user"; readonly content: readonly (TextPart | FilePart)[] }
  | { readonly role: "assistant"; readonly content: readonly AssistantPart[] }
  | { readonly role: "tool"; readonly content: readonly ToolResultPart[] };

/** A tool as a model sees it; the root of `inputSchema` is an object. */
export interface ModelTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
}

/** How hard a model may think. A provider takes the nearest level it has and warns. */
export type Effort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** One request. Plain JSON, so that it can be recorded, hashed and compared. */
export interface ModelRequest {
  /** The model's name at its provider, without the provider prefix. */
  readonly model: string;
  readonly messages: readonly ModelMessage[];
  readonly maxOutputTokens: number;
  readonly tools?: readonly ModelTool[];
  /** `required`: some tool; with a name: that tool. What a model cannot be forced to is refused as `unsupported` before anything is sent. */
  readonly toolChoice?: "auto" | "none" | "required" | { readonly tool: string };
  /** False asks for one tool call at a time. */
  readonly parallelToolCalls?: boolean;
  /** Ask for JSON of this schema; natively constrained where the provider can. The caller validates either way. */
  readonly output?: { readonly name: string; readonly schema: JsonObject };
  readonly reasoning?: { readonly effort: Effort };
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  /** Texts at which the model stops. */
  readonly stop?: readonly string[];
  /** What a provider shall remember of the conversation: `auto` marks its end, `key` keeps calls that begin alike together. */
  readonly cache?: { readonly auto?: CacheSpan; readonly key?: string };
  /** By provider id: members of the wire body that the port does not know, merged in last. */
  readonly providerOptions?: Readonly<Record<string, JsonObject>>;
}

/** Tokens of one call. `input` includes cache reads and writes; null means the provider does not tell. */
export interface Usage {
  readonly input: number | null;
  readonly output: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  /** How `cacheWrite` divides by the span it is kept; left out by providers that do not tell. */
  readonly cacheWriteSpans?: Readonly<Partial<Record<CacheSpan, number>>>;
  readonly reasoning: number | null;
}

/** Why a reply ended: by itself, at the token limit, for tools, refused, context full, to be sent back as it is, or anything else. */
export type StopReason = "stop" | "length" | "tool-calls" | "refusal" | "context-window" | "paused" | "other";

/** One reply. Refusals and truncations are replies, not errors: they cost tokens and a contract may route on them. */
export interface ModelReply {
  readonly content: readonly AssistantPart[];
  readonly stop: { readonly reason: StopReason; readonly raw?: string; readonly detail?: string };
  readonly usage: Usage;
  /** The model that answered, as the provider names it. */
  readonly model: string;
  readonly requestId?: string;
  /** What the call cost in US dollars, when the provider itself knows; otherwise prices are looked up. */
  readonly costUsd?: number;
  /** Settings that were dropped or changed, in sentences. */
  readonly warnings: readonly string[];
}

/** What a provider streams. Exactly one `finish`, always last: its reply is the only truth. */
export type ModelEvent =
  | { readonly type: "text-delta"; readonly delta: string }
  | { readonly type: "reasoning-delta"; readonly delta: string }
  /** A piece of the JSON text of a tool call's input; the first of a call has its name and may be empty. */
  | { readonly type: "tool-delta"; readonly id: string; readonly name: string; readonly delta: string }
  | { readonly type: "finish"; readonly reply: ModelReply };

/** What comes before the reply is whole. */
export type ModelDelta = Exclude<ModelEvent, { type: "finish" }>;

/** What a call is made with besides its request. */
export interface CallContext {
  /** Aborting it closes the socket. */
  readonly signal: AbortSignal;
  /** The same over attempts, processes and hosts; handed to providers that honour one. */
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a model can do. `unknown` is honest, and what is left out is unknown; it is never treated as yes. */
export interface Capabilities {
  readonly structuredOutput: "native" | "best-effort" | "none" | "unknown";
  readonly tools: "yes" | "no" | "unknown";
  /** Whether it can be made to call a tool, or one of a name. */
  readonly forcedTools?: "yes" | "no" | "unknown";
  readonly parallelTools?: "yes" | "no" | "unknown";
  /** Media types it takes in user messages; empty for none. */
  readonly files: readonly string[];
  readonly reasoning: "yes" | "no" | "unknown";
  /** The efforts it takes, where they are known; the nearest of them takes the place of any other. */
  readonly efforts?: readonly Effort[];
  /** Whether it remembers what was marked (`marked`), what was sent before (`automatic`), or nothing. */
  readonly promptCache?: "marked" | "automatic" | "no" | "unknown";
  readonly countsTokens?: "yes" | "no" | "unknown";
  readonly maxInputTokens?: number;
  readonly maxOutputTokens?: number;
}

/** Whether a provider can be called, and what is missing if not. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly message: string; readonly fix: string };

/** One API behind the port. A provider is one file in `providers/`. */
export interface ModelProvider {
  /** The prefix in model names: `anthropic` in `anthropic:claude-sonnet-5-5`. */
  readonly id: string;
  /** Looks at configuration only (keys, addresses); opens no connection. */
  readiness(): Readiness;
  capabilities(model: string): Capabilities;
  /** @throws ModelError */
  stream(request: ModelRequest, context: CallContext): AsyncIterable<ModelEvent>;
  /** How many tokens the input of a request is, asked of the API; left out by providers that cannot tell. @throws ModelError */
  countTokens?(request: ModelRequest, context: CallContext): Promise<number>;
  /** What its calls are counted under at the API, when that is known: a hash of the key. Calls of one account share its limits. */
  account?(): string | undefined;
  /** Where its calls go, for those who trace them: a URL without keys. Left out by providers that call nobody. */
  address?(): string | undefined;
}

/** The stable codes of `ModelError`. */
export type ModelErrorCode =
  | "auth"
  | "permission"
  | "billing"
  | "model_not_found"
  | "invalid_request"
  | "unsupported"
  | "context_too_long"
  | "rate_limited"
  | "overloaded"
  | "server"
  | "network"
  | "timeout"
  | "aborted"
  | "stream_cut"
  | "protocol"
  | "refused"
  | "truncated"
  | "invalid_output"
  | "not_configured"
  | "unknown_request"
  | "budget_exhausted"
  | "unpriced"
  | "circuit_open"
  | "over_limit"
  | "unknown";

/** What a model error carries besides its message. */
export interface ModelErrorDetail extends ErrorDetail {
  readonly provider: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly status?: number;
  readonly requestId?: string;
}

/** A model call failed. `retryable` says whether the same call may work later; `retryAfterMs` when the provider said so. */
export class ModelError extends KindlingError {
  declare readonly code: ModelErrorCode;
  readonly provider: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;

  constructor(code: ModelErrorCode, message: string, detail: ModelErrorDetail) {
    super(code, message, {
      ...detail,
      details: {
        ...detail.details,
        provider: detail.provider,
        ...(detail.status === undefined ? {} : { status: detail.status }),
        ...(detail.requestId === undefined ? {} : { requestId: detail.requestId }),
        ...(detail.retryAfterMs === undefined ? {} : { retryAfterMs: detail.retryAfterMs }),
      },
    });
    this.provider = detail.provider;
    this.retryable = detail.retryable;
    this.retryAfterMs = detail.retryAfterMs;
    this.status = detail.status;
    this.requestId = detail.requestId;
  }
}

/** Runs one call to its end. `onDelta` sees what comes before it is whole. @throws ModelError, `stream_cut` when the stream ends without a finish */
export async function generate(
  provider: ModelProvider,
  request: ModelRequest,
  context: CallContext,
  onDelta?: (event: ModelDelta) => void,
): Promise<ModelReply> {
  for await (const event of provider.stream(request, context)) {
    if (event.type === "finish") return event.reply;
    onDelta?.(event);
  }
  // Aborted streams may end in silence in the SDKs; that is still an abort.
  if (context.signal.aborted) throw new ModelError("aborted", "The call was cancelled.", { provider: provider.id, retryable: false });
  throw new ModelError("stream_cut", `${provider.id}: the stream ended before the reply was complete`, {
    provider: provider.id,
    retryable: true,
  });
}

/** All text of a reply, in order. */
export function textOf(reply: ModelReply): string {
  return reply.content.map((part) => (part.type === "text" ? part.text : "")).join("");
}
