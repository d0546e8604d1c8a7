// What other servers say, without the secrets that they were sent: some repeat them in an error. Knows no server.

import type { JsonValue } from "../../src/index.ts";

const INSTEAD = "[secret]";

/** Takes secrets out of texts. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, INSTEAD), text);
}

/** The same for all texts in JSON. */
export function withoutSecrets(value: JsonValue, secrets: readonly string[]): JsonValue {
  if (secrets.length === 0) return value;
  if (typeof value === "string") return hideSecrets(value, secrets);
  if (Array.isArray(value)) return value.map((each: JsonValue) => withoutSecrets(each, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [hideSecrets(name, secrets), withoutSecrets(each, secrets)]));
}
