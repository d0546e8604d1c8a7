// How large facts are, roughly and cheaply: so that a commit is cut before the ledger would refuse it.

import { isJsonObject, type JsonValue } from "../json.ts";
import { BLOB_LIMIT_BYTES } from "../ledger/ledger.ts";
import type { Fact } from "../run/fact.ts";

/** About how many characters of JSON a fact has in a commit. What is larger than a blob's limit is kept elsewhere and counts no more than that. */
export function roughSize(fact: Fact): number {
  let size = 0;
  // Facts are JSON by construction.
  for (const member of Object.values<JsonValue>(fact as unknown as Record<string, JsonValue>))
    size += Math.min(roughLength(member, BLOB_LIMIT_BYTES), BLOB_LIMIT_BYTES) + 16;
  return size;
}

/** The length of a value's JSON, roughly; counting ends soon after `enough`. */
export function roughLength(value: JsonValue, enough: number): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return 8;
  let length = 2;
  if (!isJsonObject(value)) {
    for (const member of value) if ((length += roughLength(member, enough - length) + 1) > enough) break;
    return length;
  }
  for (const [key, member] of Object.entries<JsonValue>(value))
    if ((length += key.length + 4 + roughLength(member, enough - length)) > enough) break;
  return length;
}
