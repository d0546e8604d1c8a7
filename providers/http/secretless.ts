// What an API says is recorded, and some repeat what they were sent: the key, or a header that a gateway wanted. Those are taken out of it.

import { inspect } from "node:util";
import { ModelError } from "../../src/index.ts";

/** Shorter values (`1`, `gzip`) are no secrets, and would tear words apart. */
const SECRET_LENGTH = 8;
/** How deep a cause is looked into. */
const DEPTH = 6;

type Headers = Readonly<Record<string, string>>;

/** The same error without the key and the header values of its call. */
export function secretless(error: ModelError, key: string | undefined, ...headers: readonly (Headers | undefined)[]): ModelError {
  const secrets = secretsOf(key, headers);
  const message = secrets.reduce(without, error.message);
  if (message === error.message && !isTold(error.cause, secrets)) return error;
  // A cause would say it all again.
  const { code, provider, retryable, status, requestId, retryAfterMs, fix } = error;
  return new ModelError(code, message, {
    provider,
    retryable,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(fix === undefined ? {} : { fix }),
  });
}

/** The values, and of `Bearer abc` the part that is the secret. Longer ones go first: they may hold the shorter ones. */
function secretsOf(key: string | undefined, headers: readonly (Headers | undefined)[]): readonly string[] {
  const values = headers.flatMap((group) => Object.values(group ?? {}).flatMap((value) => [value, value.slice(value.indexOf(" ") + 1)]));
  const secrets = [key ?? "", ...values].filter((value) => value.length >= SECRET_LENGTH);
  return [...new Set(secrets)].sort((one, other) => other.length - one.length);
}

/** A text without a secret, and without the beginning of one at which it was cut. */
function without(text: string, secret: string): string {
  const told = text.replaceAll(secret, "[redacted]");
  for (let length = secret.length - 1; length >= SECRET_LENGTH; length--)
    if (told.endsWith(`${secret.slice(0, length)}…`)) return `${told.slice(0, -length - 1)}[redacted]…`;
  return told;
}

/** True when a cause holds a secret: in its words, or in what an SDK hung on it (the response's body and headers). */
function isTold(cause: unknown, secrets: readonly string[]): boolean {
  const told = cause === undefined ? "" : inspect(cause, { depth: DEPTH });
  return secrets.some((secret) => told.includes(secret));
}
