// What a call of the Ollama SDK throws, as ModelError. Most faults are ModelErrors already: watched-fetch.ts sees them first.

import { ModelError } from "../../src/index.ts";
import { abortError, cutError, isConnectionFault, networkError, protocolError } from "../http/errors.ts";

/** Maps anything thrown during a call. */
export function toModelError(error: unknown, provider: string, signal: AbortSignal): ModelError {
  if (error instanceof ModelError) return error;
  if (signal.aborted) return abortError(provider, signal);
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith("Did not receive done")) return cutError(provider);
  // fetch says "fetch failed" before an answer and "terminated" inside one.
  if (isConnectionFault(error)) return /terminated|aborted/i.test(message) ? cutError(provider, error) : networkError(provider, error);
  return protocolError(provider, message, error);
}
