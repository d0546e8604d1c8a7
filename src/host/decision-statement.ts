// The words that an approver signs to decide an open await, made up from what stands in the ledger. Executes nothing but the await's own schema, and records nothing.

import { keysOf } from "../approver.ts";
import { InputError } from "../errors.ts";
import { type Duration, toMilliseconds } from "../graph/duration.ts";
import { hashJson, isSameJson, type JsonValue, toJson } from "../json.ts";
import { check, describeIssues, type Schema } from "../schema.ts";
import { statementText } from "../signing/decision-statement.ts";
import { givenValue } from "./author-code.ts";
import { openAwaitAt } from "./await-detail.ts";
import { systemChance, systemClock } from "./clock.ts";
import type { RuntimeOptions } from "./create-runtime.ts";
import type { Engine } from "./engine.ts";
import { LONGEST_VALIDITY_MS } from "./signed-delivery.ts";

/** What is to be decided how, and by whom. */
export interface StatementRequest {
  /** The root run's id. */
  readonly run: string;
  /** The await's path from the root run; needed only when several are open. */
  readonly path?: string;
  readonly payload: unknown;
  /** Id of the approver who will sign. */
  readonly approver: string;
  /** How long the signature may be delivered, 7 days at most; 10 minutes when left out. */
  readonly validFor?: Duration;
}

/** Words that are ready to be signed. */
export interface Statement {
  /** To be signed and delivered byte for byte. */
  readonly text: string;
  /** To be delivered with it: the payload as the await's schema makes it, which is what the words are about. */
  readonly payload: JsonValue;
  readonly event: string;
  readonly path: string;
  /** Until when it may be delivered, in milliseconds since 1970. */
  readonly expires: number;
}

const VALID_MS = 10 * 60_000;

/** Makes up the words of a decision. @throws InputError, as `Kindling.statement` says */
export async function decisionStatement(
  { reader, disclosure }: Engine,
  { approvers = [], clock = systemClock, chance = systemChance }: RuntimeOptions,
  { run, path, payload: given, approver, validFor }: StatementRequest,
): Promise<Statement> {
  const signer = approvers.find(({ id }) => id === approver);
  if (signer === undefined || keysOf(signer).length === 0) throw unknownApprover(approver, approvers);
  const validMs = validFor === undefined ? VALID_MS : (toMilliseconds(validFor) ?? 0);
  if (!(validMs > 0 && validMs <= LONGEST_VALIDITY_MS))
    throw new InputError("bad_validity", `validFor is ${JSON.stringify(validFor)}`, {
      fix: 'Give a duration of 7 days at most, such as "10m".',
    });
  const { open, state, node, work } = await openAwaitAt(reader, run, path);
  const payload = await settledPayload(work.schema, disclosure.given(given), open.event);
  const now = state.nodes[node.index];
  if (now?.status !== "waiting") throw new InputError("not_awaiting", `run ${run} was answered at "${open.path}" just now`);
  const expires = clock.now() + validMs;
  const text = statementText({
    approver,
    ledger: reader.ledger.id,
    run: open.run,
    path: open.path,
    opening: `${state.id}:${now.fact}`,
    event: open.event,
    shown: now.shown,
    payload: hashJson(payload),
    nonce: chance.id(),
    expires: new Date(expires).toISOString(),
  });
  return { text, payload, event: open.event, path: open.path, expires };
}

/** The payload as it would be recorded. A schema that makes something else of that again would make every signature void. */
async function settledPayload(schema: Schema, given: unknown, event: string): Promise<JsonValue> {
  const once = await checkedPayload(schema, given, event);
  const twice = await checkedPayload(schema, once, event);
  if (isSameJson(once, twice)) return once;
  throw new InputError("payload_not_stable", `the schema of "${event}" makes something else of its own result, so nobody can sign it`, {
    fix: "Let the schema leave what it gives as it is: a payload that is signed is recorded as it was signed.",
  });
}

async function checkedPayload(schema: Schema, given: unknown, event: string): Promise<JsonValue> {
  const json = givenValue(given);
  const checked = json.ok ? await check(schema, json.value) : undefined;
  const value = checked?.ok === true ? toJson(checked.value) : undefined;
  if (value?.ok === true) return value.value;
  const why = checked?.ok === false ? describeIssues(checked.issues) : "it is not JSON";
  const issues = checked?.ok === false ? checked.issues.map(({ at, message }) => ({ at, message })) : [];
  throw new InputError("invalid_payload", `the payload of "${event}" does not fit: ${why}`, {
    fix: "Correct it; nothing was recorded.",
    details: { issues },
  });
}

function unknownApprover(id: string, approvers: RuntimeOptions["approvers"]): InputError {
  const known = (approvers ?? []).filter((each) => keysOf(each).length > 0).map((each) => `"${each.id}"`);
  return new InputError("approver_unknown", `"${id}" is no approver with a key here`, {
    fix: known.length === 0 ? "Name approvers with their public keys in the config." : `There are ${known.join(", ")}.`,
    details: { approver: id },
  });
}
