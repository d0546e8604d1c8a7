// What a person decided, in the two words agents know. Pure: it looks at the payload's own words, whatever the schema calls its field.

import { isJsonObject, type JsonValue } from "../src/index.ts";

const APPROVED: ReadonlySet<unknown> = new Set([true, "approve", "approved", "accept", "accepted", "yes", "ok", "allow", "pass"]);
const REJECTED: ReadonlySet<unknown> = new Set([
  false,
  "reject",
  "rejected",
  "decline",
  "declined",
  "refuse",
  "refused",
  "no",
  "deny",
  "denied",
  "block",
]);

/** `decided` where the payload says neither yes nor no: an edit, a choice. */
export type Verdict = "approved" | "rejected" | "decided";

/** The verdict of a decision. */
export function verdictOf(payload: JsonValue): Verdict {
  const words: readonly JsonValue[] = isJsonObject(payload) ? Object.values(payload) : [payload];
  const said = words.find((word) => APPROVED.has(word) || REJECTED.has(word));
  if (said === undefined) return "decided";
  return APPROVED.has(said) ? "approved" : "rejected";
}
