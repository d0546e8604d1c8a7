// What an API says is recorded, and some repeat what they were sent: the key, or a header that a gateway wanted. Those are taken out of it.

import { ModelError } from "../../src/index.ts";

/** Shorter values (`1`, `gzip`) are no secrets, and would tear words apart. */
const SECRET_LENGTH = 8;

/** The same error without the key and the header values of its call. */
export function secretless(error: ModelError, key: string | undefined, headers: Readonly<Record<string, string>> = {}): ModelError {
  const secrets = [key ?? "", ...Object.values(headers)].filter((value) => value.length >= SECRET_LENGTH);
  const message = secrets.reduce(without, error.message);
  if (message === error.message) return error;
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

/** A text without a secret, and without the beginning of one at which it was cut. */
function without(text: string, secret: string): string {
  const told = text.replaceAll(secret, "[redacted]");
  for (let length = secret.length - 1; length >= SECRET_LENGTH; length--)
    if (told.endsWith(`${secret.slice(0, length)}…`)) return `${told.slice(0, -length - 1)}[redacted]…`;
  return told;
}
