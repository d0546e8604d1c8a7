// A delivery that comes with a signature: who signed, and whether the words are about this await as it stands. Whatever is wrong is a refusal; nothing is believed by halves.

import { hashJson, type JsonValue } from "../json.ts";
import type { Approver } from "../approver.ts";
import type { SignedEvidence } from "../run/event-facts.ts";
import { DECISION_NAMESPACE, type DecisionStatement, readStatement } from "../signing/decision-statement.ts";
import { checkSshSignature } from "../signing/ssh-signature.ts";
import type { Approvers } from "./approvers.ts";
import type { Delivery } from "./delivery.ts";
import { refused } from "./parcel.ts";

type Refusal = Extract<Delivery, { readonly status: "refused" }>;

/** What a signature says by itself: who decided which words; or why it counts for nothing. */
export type SignedDecision =
  | { readonly ok: true; readonly approver: Approver; readonly statement: DecisionStatement; readonly evidence: SignedEvidence }
  | { readonly ok: false; readonly refusal: Refusal };

/** Words may be delivered for so long after they were made up, whatever they say of themselves. */
export const LONGEST_VALIDITY_MS = 7 * 86_400_000;

const SIGN_AGAIN = "Sign anew: kindling approve <run> --sign <key file>.";

/** Reads what came as a signature and checks it against the approvers there are. */
export function readSigned(given: unknown, approvers: Approvers): SignedDecision {
  const { statement: text, signature } = membersOf(given);
  if (typeof text !== "string" || typeof signature !== "string")
    return no(
      "signature_invalid",
      "the signature is not { statement, signature }, both texts",
      "Give the statement and what ssh-keygen made of it.",
    );
  const statement = readStatement(text);
  if (statement === undefined)
    return no(
      "signature_invalid",
      "what was signed is no statement about a decision",
      "Sign what kindling approve --statement prints, byte for byte.",
    );
  const approver = approvers.get(statement.approver);
  if (approver === undefined)
    return no("approver_unknown", `"${statement.approver}" is no approver here`, "Name the approver in the config, with the public key.");
  const checked = checkSshSignature(text, signature, DECISION_NAMESPACE);
  if (!checked.ok) return no("signature_invalid", `the signature ${checked.reason}`, SIGN_AGAIN);
  if (approvers.ownerOf(checked.key) !== approver)
    return no(
      "approver_unknown",
      `the key that signed is none of "${approver.id}" here`,
      "Sign with a key that stands beside the approver in the config, or add this one there.",
    );
  return { ok: true, approver, statement, evidence: { v: 1, statement: text, signature, key: checked.line } };
}

/** An await as it stands when a decision comes. */
export type Question = Pick<DecisionStatement, "ledger" | "run" | "path" | "opening" | "event" | "shown">;

/** Why signed words do not decide this await now; `payload` is what would be recorded, as soon as that is known. */
export function refuseStatement(
  statement: DecisionStatement,
  question: Question,
  payload: JsonValue | undefined,
  now: number,
): Refusal | undefined {
  const { ledger, run, path, event, opening, shown, expires } = statement;
  const about = `"${question.path}" of run ${question.run}`;
  if (ledger !== question.ledger) return misfit(`the signed decision is for another ledger (${ledger})`);
  if (run !== question.run || path !== question.path || event !== question.event)
    return misfit(`the signed decision is for "${path}" of run ${run} (${event}), and was delivered to ${about} (${question.event})`);
  if (shown !== question.shown)
    return refused("stale_approval", "what was signed is no longer what is shown", "Look at it again and sign anew.");
  if (opening !== question.opening)
    return misfit(`the signed decision is for the time ${about} opened with ${opening}, and it opened anew with ${question.opening}`);
  if (payload !== undefined && hashJson(payload) !== statement.payload) return misfit(`another payload was signed for ${about}`);
  const until = Date.parse(expires);
  if (until <= now) return refused("signature_expired", `the signed decision was good until ${expires}`, SIGN_AGAIN);
  if (until > now + LONGEST_VALIDITY_MS)
    return refused("signature_invalid", `the signed decision is good until ${expires}, longer than 7 days`, SIGN_AGAIN);
  return undefined;
}

function membersOf(given: unknown): { readonly statement?: unknown; readonly signature?: unknown } {
  return typeof given === "object" && given !== null ? given : {};
}

function misfit(message: string): Refusal {
  return refused("signature_mismatch", message, "A signature decides what it was made for, and nothing else. Look at it, and sign anew.");
}

function no(code: Refusal["code"], message: string, fix: string): SignedDecision {
  return { ok: false, refusal: refused(code, message, fix) };
}
