// From what an HTTP API says went wrong to a ModelError. Shared by the providers; knows no SDK and no API's own error types:
// each provider's error mapper turns those into a `Fault` first.

import { ModelError, type ModelErrorCode } from "../../src/index.ts";
import { proxyHint } from "./proxy-hint.ts";

/** What a provider's error mapper found out. */
export interface Fault {
  readonly provider: string;
  /** The API's own words; cleaned and shortened here. */
  readonly message: string;
  readonly status?: number | undefined;
  /** Known from the API's error type. Goes before the status, since errors inside a stream have none. */
  readonly code?: ModelErrorCode | undefined;
  readonly headers?: Headers | undefined;
  readonly requestId?: string | null | undefined;
}

/** A failed response, or an error event inside a stream, as ModelError. The response itself stays out of it: it would carry headers. */
export function httpError({ provider, message, status, code = codeOfStatus(status), headers, requestId }: Fault): ModelError {
  const wait = headers === undefined ? undefined : retryAfterMs(headers);
  const fix = FIXES[code];
  return new ModelError(code, `${provider}: ${status === undefined ? "" : `${status} `}${clean(message)}`, {
    provider,
    retryable: RETRYABLE.has(code),
    ...(status === undefined ? {} : { status }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(requestId ? { requestId } : {}),
    ...(fix === undefined ? {} : { fix }),
  });
}

/** The cancelled or timed-out call, by the reason its signal gives. */
export function abortError(provider: string, signal: AbortSignal): ModelError {
  const reason: unknown = signal.reason;
  // A limit of the call was reached, and says so itself.
  if (reason instanceof ModelError) return reason;
  if (reason instanceof Error && reason.name === "TimeoutError") return timeoutError(provider, reason);
  return new ModelError("aborted", `${provider}: the call was cancelled`, { provider, retryable: false, cause: reason });
}

/** No answer in time. */
export function timeoutError(provider: string, cause: unknown): ModelError {
  return new ModelError("timeout", `${provider}: no complete answer in time`, { provider, retryable: true, cause });
}

/** The server could not be reached, or Node's own fetch lost its patience. */
export function networkError(provider: string, cause: unknown): ModelError {
  if (hasCode(cause, /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/)) return impatientError(provider, cause);
  const fix = proxyHint();
  return new ModelError("network", `${provider}: the server cannot be reached${reasonOf(cause)}`, {
    provider,
    retryable: true,
    cause,
    ...(fix === undefined ? {} : { fix }),
  });
}

/** Five minutes of silence, which Node's fetch does not bear unless it is told to. */
function impatientError(provider: string, cause: unknown): ModelError {
  return new ModelError("timeout", `${provider}: Node's fetch waited five minutes for the next byte and gave up`, {
    provider,
    retryable: true,
    cause,
    fix: "Give the provider `timeouts: { idleMs }` of more than five minutes; with a fetch of your own, set its `headersTimeout` and `bodyTimeout`.",
  });
}

/** The connection ended inside a reply. */
export function cutError(provider: string, cause?: unknown): ModelError {
  if (hasCode(cause, /^UND_ERR_BODY_TIMEOUT$/)) return impatientError(provider, cause);
  return new ModelError("stream_cut", `${provider}: the stream ended before the reply was complete${reasonOf(cause)}`, {
    provider,
    retryable: true,
    cause,
  });
}

/** A stream that ended without saying so: cancelled, cut, or never one of this API. */
export function endError(
  provider: string,
  { signal, hasBegun, headers }: { readonly signal: AbortSignal; readonly hasBegun: boolean; readonly headers: Headers },
): ModelError {
  if (signal.aborted) return abortError(provider, signal);
  const type = headers.get("content-type") ?? "";
  // A line that is cut before the first event looks like this, too, but then the type is right.
  return hasBegun || /event-stream/i.test(type)
    ? cutError(provider)
    : protocolError(provider, `the response holds no events; its type is ${type === "" ? "not given" : type}`);
}

/** What came is not what the API promises. */
export function protocolError(provider: string, problem: string, cause?: unknown): ModelError {
  return new ModelError("protocol", `${provider}: ${clean(problem)}`, {
    provider,
    retryable: false,
    cause,
    fix: "Check the address: something that does not speak this API answered, perhaps a proxy.",
  });
}

/** True for what fetch throws when a connection fails or breaks, whether bare or wrapped by an SDK. */
export function isConnectionFault(error: unknown): boolean {
  if (hasCode(error, /^(UND_ERR_|E[A-Z]+$)/)) return true;
  return causesOf(error).some((cause) => cause instanceof TypeError && /^(terminated|fetch failed|network error)$/i.test(cause.message));
}

function hasCode(error: unknown, pattern: RegExp): boolean {
  return causesOf(error).some((cause) => "code" in cause && typeof cause.code === "string" && pattern.test(cause.code));
}

const DEPTH_LIMIT = 5;

/** An error and what caused it, the outermost first. */
export function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  for (let cause = error; cause instanceof Error && causes.length < DEPTH_LIMIT; cause = cause.cause) causes.push(cause);
  return causes;
}

/**
 * The pause a response asks for: `retry-after-ms`, or `retry-after` in seconds or as a date. A date is read against the response's own
 * `date` header, so that no clock of ours, right or wrong, plays a part.
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const exact = numberOf(headers.get("retry-after-ms"));
  if (exact !== undefined) return Math.round(exact);

  const value = headers.get("retry-after");
  const seconds = numberOf(value);
  if (seconds !== undefined) return Math.round(seconds * 1_000);

  const until = Date.parse(value ?? "");
  const now = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(until) || Number.isNaN(now) ? undefined : Math.max(until - now, 0);
}

const RETRYABLE: ReadonlySet<ModelErrorCode> = new Set<ModelErrorCode>([
  "rate_limited",
  "overloaded",
  "server",
  "network",
  "timeout",
  "stream_cut",
]);

const FIXES: { readonly [code in ModelErrorCode]?: string } = {
  auth: "Check the API key: it is missing, wrong or revoked.",
  permission: "The key is valid but may not do this; check its project and its rights.",
  billing: "Check the account's credit and spending limit at the provider.",
  model_not_found: "Check the model's name and that the key may use it.",
  context_too_long: "Shorten the messages, or take a model with a larger context window.",
};

const CODES: ReadonlyMap<number, ModelErrorCode> = new Map<number, ModelErrorCode>([
  [400, "invalid_request"],
  [401, "auth"],
  [402, "billing"],
  [403, "permission"],
  [404, "model_not_found"],
  [408, "timeout"],
  [413, "context_too_long"],
  [422, "invalid_request"],
  [429, "rate_limited"],
  [503, "overloaded"],
  [504, "timeout"],
  [529, "overloaded"],
]);

function codeOfStatus(status: number | undefined): ModelErrorCode {
  if (status === undefined) return "unknown";
  return CODES.get(status) ?? (status >= 500 ? "server" : status >= 400 ? "invalid_request" : "unknown");
}

const MESSAGE_LIMIT = 500;
const SECRETS = /\b(?:sk|key|pk|rk)-[\w*.-]{4,}|\bBearer\s+\S+|(?<=:\/\/)[^/\s@]+(?=@)/gi;

/** One short line without anything that looks like a key: some APIs quote the key they refuse. */
function clean(message: string): string {
  const line = message.replace(SECRETS, "[redacted]").replace(/\s+/g, " ").trim();
  return line.length > MESSAGE_LIMIT ? `${line.slice(0, MESSAGE_LIMIT)}…` : line || "no message";
}

function reasonOf(cause: unknown): string {
  const deepest = causesOf(cause).at(-1);
  if (deepest === undefined) return "";
  const code = "code" in deepest && typeof deepest.code === "string" ? deepest.code : undefined;
  const reason = deepest.message || code;
  return reason ? ` (${clean(reason)})` : "";
}

function numberOf(text: string | null): number | undefined {
  return text !== null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
