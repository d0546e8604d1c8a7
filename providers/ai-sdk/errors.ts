// What AI SDK models throw and what their streams report, as ModelError. Errors are known by their shape, since a model may come with a copy
// of the classes of its own. They carry the request, the reply and headers along: none of that is kept, and no error of theirs is a `cause`.

import { ModelError, type ModelErrorCode } from "../../src/index.ts";
import { abortError, cutError, httpError, isConnectionFault, networkError, protocolError, timeoutError } from "../http/errors.ts";
import { parseText } from "../http/json-text.ts";
import { requestIdOf } from "./request-id.ts";

/** Maps anything thrown during a call. */
export function toModelError(error: unknown, provider: string, signal: AbortSignal): ModelError {
  if (error instanceof ModelError) return error;
  if (signal.aborted) return abortError(provider, signal);
  return faultOf(error, provider);
}

/** Maps the `error` of a part inside a stream: an error like those that are thrown, or what the API itself sent. */
export function streamFault(error: unknown, provider: string): ModelError {
  if (error instanceof Error) return faultOf(error, provider);
  const status = statusOf(membersOf(error));
  return httpError({
    provider,
    message: messageOf(error),
    status,
    code: namedCode(error) ?? (status === undefined ? "server" : undefined),
  });
}

/** Many models take a page for a stream without parts. What came in place of a stream is told, and not that it was cut. */
export function emptyStreamFault(fault: ModelError, provider: string, headers: Headers): ModelError {
  const type = headers.get("content-type") ?? "";
  if (fault.code !== "stream_cut" || !/^(?:text\/html|application\/json)\b/i.test(type)) return fault;
  return protocolError(provider, `what came is no stream but ${type}`);
}

function faultOf(error: unknown, provider: string): ModelError {
  if (error instanceof ModelError) return error;
  const { name, statusCode, isRetryable } = membersOf(error);
  if (typeof statusCode === "number" && statusCode >= 400) return responseFault(error, statusCode, provider);
  const own = NAMED.get(String(name));
  if (own !== undefined) return own(error, provider);
  if (name === "TimeoutError") return timeoutError(provider, undefined);
  // After the headers have come, a connection can only be cut.
  if (isConnectionFault(error) || name === "AbortError")
    return typeof statusCode === "number" || name === "AbortError"
      ? cutError(provider, systemFault(error))
      : networkError(provider, systemFault(error));
  if (isRetryable === true) return networkError(provider, systemFault(error));
  return httpError({ provider, message: messageOf(error), code: typeof statusCode === "number" ? "protocol" : "unknown" });
}

/** A response that failed. What the API calls it goes before the status; beyond both, the model says whether to try again. */
function responseFault(error: unknown, status: number, provider: string): ModelError {
  const { isRetryable, cause } = membersOf(error);
  const headers = headersOf(error) ?? headersOf(cause);
  const code = namedCode(error) ?? namedCode(cause);
  const mapped = httpError({
    provider,
    message: messageOf(error),
    status,
    code,
    headers,
    requestId: headers === undefined ? undefined : requestIdOf(headers),
  });
  if (code !== undefined || typeof isRetryable !== "boolean" || isRetryable === mapped.retryable) return mapped;
  const { message, fix, requestId, retryAfterMs } = mapped;
  return new ModelError(mapped.code, message, {
    provider,
    retryable: isRetryable,
    status,
    ...(fix === undefined ? {} : { fix }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

type Mapper = (error: unknown, provider: string) => ModelError;

const refusedBy =
  (code: ModelErrorCode, fix?: string): Mapper =>
  (error, provider) => {
    const { message } = httpError({ provider, message: messageOf(error), code });
    return new ModelError(code, message, { provider, retryable: false, ...(fix === undefined ? {} : { fix }) });
  };

/** Their messages quote what the model sent, which no error may show. */
const unreadable =
  (problem: string): Mapper =>
  (_error, provider) =>
    protocolError(provider, problem);

/** The AI SDK's own errors, by name. */
const NAMED: ReadonlyMap<string, Mapper> = new Map<string, Mapper>([
  ["AI_LoadAPIKeyError", refusedBy("not_configured", "Set the key as the message says; keyVariable has it told before a run begins.")],
  ["AI_LoadSettingError", refusedBy("not_configured", "Set it as the message says.")],
  ["AI_NoSuchModelError", refusedBy("model_not_found", "Check the model's name.")],
  ["AI_NoSuchProviderError", refusedBy("model_not_found", "Check the name of the provider inside the model's name.")],
  ["AI_UnsupportedFunctionalityError", refusedBy("unsupported")],
  ["AI_InvalidPromptError", refusedBy("invalid_request")],
  ["AI_InvalidArgumentError", refusedBy("invalid_request")],
  ["AI_JSONParseError", unreadable("a part of the reply is not JSON")],
  ["AI_TypeValidationError", unreadable("a part of the reply does not have the form that this API promises")],
  ["AI_EmptyResponseBodyError", unreadable("the response has no body")],
  ["AI_NoContentGeneratedError", unreadable("the reply is empty")],
  [
    "AI_InvalidResponseDataError",
    (error, provider) =>
      /\bended without\b/i.test(messageOf(error))
        ? cutError(provider)
        : protocolError(provider, "the reply does not have the form that this API promises"),
  ],
]);

/** The names that families give to what went wrong. */
const CODES: ReadonlyMap<string, ModelErrorCode> = new Map<string, ModelErrorCode>([
  ["authentication_error", "auth"],
  ["invalid_api_key", "auth"],
  ["UNAUTHENTICATED", "auth"],
  ["permission_error", "permission"],
  ["PERMISSION_DENIED", "permission"],
  ["billing_error", "billing"],
  ["insufficient_quota", "billing"],
  ["model_not_found", "model_not_found"],
  ["context_length_exceeded", "context_too_long"],
  ["exceed_context_size_error", "context_too_long"],
  ["request_too_large", "context_too_long"],
  ["rate_limit_error", "rate_limited"],
  ["rate_limit_exceeded", "rate_limited"],
  ["ThrottlingException", "rate_limited"],
  ["overloaded_error", "overloaded"],
  ["server_is_overloaded", "overloaded"],
  ["UNAVAILABLE", "overloaded"],
  ["api_error", "server"],
  ["server_error", "server"],
  ["INTERNAL", "server"],
  ["content_policy_violation", "refused"],
]);

/** The first name that is known, in what was thrown or sent: families put it in `code`, `type` or `status`, often inside an `error`. */
function namedCode(error: unknown): ModelErrorCode | undefined {
  const outer = membersOf(error);
  const body = membersOf(outer["data"] ?? (typeof outer["responseBody"] === "string" ? parseText(outer["responseBody"]) : undefined));
  const places = [membersOf(body["error"]), body, membersOf(outer["error"]), outer];
  const names = places.flatMap(({ code, type, status }) => [code, type, status]);
  const known = names.map((name) => (typeof name === "string" ? CODES.get(name) : undefined)).find((code) => code !== undefined);
  // Compatible servers have no code for this and say it in these words.
  return (
    known ??
    (/maximum context length|exceeds? the available context|prompt is too long/i.test(messageOf(error)) ? "context_too_long" : undefined)
  );
}

/** An error inside a stream may carry the status it stands for. */
function statusOf({ code, status, statusCode }: Readonly<Record<string, unknown>>): number | undefined {
  return [code, status, statusCode].find((each): each is number => typeof each === "number" && each >= 400 && each < 600);
}

function messageOf(error: unknown): string {
  if (typeof error === "string") return error;
  const { message, error: inner } = membersOf(error);
  if (typeof message === "string" && message !== "") return message;
  return typeof inner === "string" ? inner : inner === undefined ? "the error has no message" : messageOf(inner);
}

function headersOf(error: unknown): Headers | undefined {
  const headers = membersOf(error)["responseHeaders"];
  if (typeof headers !== "object" || headers === null) return undefined;
  return new Headers(Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** What the system said, without the error around it, which holds the request. */
function systemFault(error: unknown): unknown {
  let fault = membersOf(error)["cause"];
  for (let depth = 0; depth < 5 && "requestBodyValues" in membersOf(fault); depth++) fault = membersOf(fault)["cause"];
  return fault;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
