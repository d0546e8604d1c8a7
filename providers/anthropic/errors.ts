// What the Anthropic SDK throws, as ModelError. An error event inside a stream has a type and no status, so the type is read first.

import type Anthropic from "@anthropic-ai/sdk";
import type { APIError } from "@anthropic-ai/sdk";
import { ModelError, type ModelErrorCode } from "../../src/index.ts";
import { abortError, cutError, httpError, isConnectionFault, networkError, protocolError, timeoutError } from "../http/errors.ts";

/** The call in which something was thrown; the loaded SDK is here for its error classes. */
export interface ThrownIn {
  readonly provider: string;
  readonly Sdk: typeof Anthropic;
  readonly signal: AbortSignal;
}

/** Maps anything thrown during a call. */
export function toModelError(error: unknown, { provider, Sdk, signal }: ThrownIn): ModelError {
  if (error instanceof ModelError) return error;
  if (signal.aborted || error instanceof Sdk.APIUserAbortError) return abortError(provider, signal);
  if (error instanceof Sdk.APIConnectionTimeoutError) return timeoutError(provider, error);
  if (error instanceof Sdk.APIConnectionError) return networkError(provider, error);
  if (isApiError(error, Sdk)) {
    const message = error.apiMessage ?? (error.status === undefined ? error.message : "the error has no message");
    return httpError({
      provider,
      message,
      status: error.status,
      code: codeOf(error.type, message, error.status),
      headers: error.headers,
      requestId: error.requestID,
    });
  }
  return streamError(provider, error);
}

/** The class leaves its members open; the type's defaults say what they are. */
function isApiError(error: unknown, Sdk: typeof Anthropic): error is APIError {
  return error instanceof Sdk.APIError;
}

/** What breaks a stream: a cut line, or something that is no event stream at all. */
function streamError(provider: string, error: unknown): ModelError {
  if (isConnectionFault(error)) return cutError(provider, error);
  // The message of a failed parse quotes what the model said.
  if (error instanceof SyntaxError) return protocolError(provider, "an event of the stream is not JSON");
  return protocolError(provider, error instanceof Error ? error.message : String(error), error);
}

const CODES: ReadonlyMap<string, ModelErrorCode> = new Map<string, ModelErrorCode>([
  ["invalid_request_error", "invalid_request"],
  ["authentication_error", "auth"],
  ["billing_error", "billing"],
  ["permission_error", "permission"],
  ["not_found_error", "model_not_found"],
  ["request_too_large", "context_too_long"],
  ["rate_limit_error", "rate_limited"],
  ["timeout_error", "timeout"],
  ["api_error", "server"],
  ["overloaded_error", "overloaded"],
]);

function codeOf(type: string | null, message: string, status: number | undefined): ModelErrorCode | undefined {
  const code = type === null ? undefined : CODES.get(type);
  // The type of whatever has no type of its own: where there is a status, it says more.
  if (code === "server" && status !== undefined) return undefined;
  if (code !== "invalid_request") return code;
  // The API has no types of their own for these; the words have been the same for years.
  if (/prompt is too long|exceed.{0,40}context/i.test(message)) return "context_too_long";
  return /credit balance is too low/i.test(message) ? "billing" : code;
}
