// What the OpenAI SDK throws, and what a failed response says, as ModelError. The API's own code is read before the status.

import type OpenAI from "openai";
import type { APIError } from "openai";
import { ModelError, type ModelErrorCode } from "../../src/index.ts";
import { abortError, cutError, httpError, isConnectionFault, networkError, protocolError, timeoutError } from "../http/errors.ts";

/** What the mapper needs to know of the call. */
export interface ErrorContext {
  readonly provider: string;
  /** The loaded SDK, for its error classes. */
  readonly Sdk: typeof OpenAI;
  readonly signal: AbortSignal;
  /** Whether the answer ended in the middle of a line. */
  readonly endedInLine: () => boolean;
}

/** Maps anything thrown during a call. */
export function toModelError(error: unknown, { provider, Sdk, signal, endedInLine }: ErrorContext): ModelError {
  if (error instanceof ModelError) return error;
  if (signal.aborted || error instanceof Sdk.APIUserAbortError) return abortError(provider, signal);
  if (error instanceof Sdk.APIConnectionTimeoutError) return timeoutError(provider, error);
  if (error instanceof Sdk.APIConnectionError) return networkError(provider, error);
  if (isApiError(error, Sdk)) {
    const message = messageOf(error.error) ?? (error.status === undefined ? error.message : "the error has no message");
    return httpError({
      provider,
      message,
      status: error.status ?? statusIn(error.code),
      code: codeOf([error.code, error.type], message),
      headers: error.headers,
      requestId: error.requestID,
    });
  }
  if (isConnectionFault(error)) return cutError(provider, error);
  // The SDK takes what stands at the end of a stream for a whole event.
  if (error instanceof SyntaxError && endedInLine()) return cutError(provider);
  return protocolError(provider, error instanceof Error ? error.message : String(error), error);
}

/** Inside a stream, compatible servers put the status they would have answered with into the code (OpenRouter, vLLM). */
function statusIn(code: unknown): number | undefined {
  const status = Number(code);
  return Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined;
}

/** The class leaves its members open; the type's defaults say what they are. */
function isApiError(error: unknown, Sdk: typeof OpenAI): error is APIError {
  return error instanceof Sdk.APIError;
}

/** A response that ended as `failed`. */
export function failedResponse(
  provider: string,
  error: { readonly code: string; readonly message: string } | null,
  requestId: string | undefined,
): ModelError {
  const code = codeOf([error?.code]) ?? "server";
  return httpError({ provider, message: error?.message ?? "the response failed and does not say why", code, requestId });
}

const CODES: ReadonlyMap<string, ModelErrorCode> = new Map<string, ModelErrorCode>([
  ["invalid_api_key", "auth"],
  ["insufficient_quota", "billing"],
  ["billing_hard_limit_reached", "billing"],
  ["model_not_found", "model_not_found"],
  ["context_length_exceeded", "context_too_long"],
  ["exceed_context_size_error", "context_too_long"],
  ["rate_limit_exceeded", "rate_limited"],
  ["server_is_overloaded", "overloaded"],
  ["slow_down", "overloaded"],
  ["server_error", "server"],
  ["invalid_prompt", "invalid_request"],
  ["content_policy_violation", "refused"],
  ["bio_policy", "refused"],
  ["misalignment_policy_violation", "refused"],
  ["image_content_policy_violation", "refused"],
]);

function codeOf(names: readonly unknown[], message = ""): ModelErrorCode | undefined {
  const known = names.map((name) => (typeof name === "string" ? CODES.get(name) : undefined)).find((code) => code !== undefined);
  // Compatible servers have no code for this and say it in these words.
  return (
    known ??
    (/maximum context length|exceeds? the (available|model's) context|context length exceeded/i.test(message)
      ? "context_too_long"
      : undefined)
  );
}

function messageOf(body: unknown): string | undefined {
  return typeof body === "object" && body !== null && "message" in body && typeof body.message === "string" ? body.message : undefined;
}
