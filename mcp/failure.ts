// What a tool answers when it cannot do what was asked: a stable code, what is wrong, and one sentence on what to do. Everything here is read by a
// model, so it holds nothing internal: the texts are ours, and what an error says stays in the operator's log.

import * as z from "zod";
import { InputError, KindlingError, LedgerError, redactionOf, RunError, type Issue, type RefusalCode } from "../src/index.ts";
import type { Log } from "./log.ts";
import { shortenText } from "./shorten.ts";
import { tellPerson, type WhereDecided } from "./where-decided.ts";

/** The codes an agent may meet; they do not change. */
export type FailureCode =
  | "workflow_not_found"
  | "run_not_found"
  | "invalid_arguments"
  | "invalid_input"
  | "invalid_payload"
  | "idempotency_conflict"
  | "not_awaiting"
  | "already_decided"
  | "human_decision_required"
  | "not_a_human_gate"
  | "cannot_ask"
  | "not_answered"
  | "wrong_question"
  | "workflow_changed"
  | "store_not_enabled"
  | "fact_not_found"
  | "rate_limited"
  | "not_configured"
  | "unavailable"
  | "internal";

const ISSUES_LIMIT = 50;
const ISSUE_TEXT_LIMIT = 300;

/** A refusal; tools give it back, they do not throw it. */
export class Refusal {
  readonly code: FailureCode;
  readonly message: string;
  /** One sentence: what to do now. */
  readonly fix: string;
  /** Everything that is wrong with what was given. */
  readonly issues: readonly Issue[];

  constructor(code: FailureCode, message: string, fix: string, issues: readonly Issue[] = []) {
    this.code = code;
    this.message = message;
    this.fix = fix;
    this.issues = issues;
  }

  /** The refusal as the client reads it. */
  toJSON(): { readonly error: object } {
    const listed = this.issues
      .slice(0, ISSUES_LIMIT)
      .map(({ at, message }) => ({ at: shortenText(at, ISSUE_TEXT_LIMIT), message: shortenText(message, ISSUE_TEXT_LIMIT) }));
    const isCut = listed.length < this.issues.length;
    return {
      error: {
        code: this.code,
        message: this.message,
        fix: this.fix,
        ...(listed.length === 0 ? {} : { issues: listed }),
        ...(isCut ? { issue_count: this.issues.length } : {}),
      },
    };
  }
}

/** The refusal for a run that is not there; the same for one that belongs to somebody else. */
export function runNotFound(): Refusal {
  return new Refusal("run_not_found", "There is no run with this run_id.", "Use the run_id that start_workflow gave, exactly.");
}

/** The refusal for a workflow this server does not have. */
export function workflowNotFound(hint = "Call list_workflows for the names."): Refusal {
  return new Refusal("workflow_not_found", "There is no workflow with this name.", hint);
}

/** The refusal for whatever was thrown. What is not the caller's to know becomes `internal`; the log says what it was. */
export function refusalOf(error: unknown, log: Log): Refusal {
  const known = error instanceof KindlingError ? knownRefusal(error) : undefined;
  if (known !== undefined && known.code !== "unavailable" && known.code !== "not_configured") return known;
  // A call that was under way when the client went: nobody has to look into that.
  if (!isClosing(error)) log(describeError(error));
  return (
    known ??
    new Refusal(
      "internal",
      "The server failed; the run, if there is one, is as it was.",
      "Try once more; if it fails again, tell the user to look at the server's log.",
    )
  );
}

function isClosing(error: unknown): boolean {
  return error instanceof KindlingError && (error.code === "ledger_closed" || error.code === "host_closed");
}

function knownRefusal(error: KindlingError): Refusal | undefined {
  if (isClosing(error))
    return new Refusal("unavailable", "The server is closing; runs are kept.", "Connect again and call get_run with the same run_id.");
  if (error instanceof LedgerError) {
    return new Refusal(
      "unavailable",
      "The record of runs cannot be used right now.",
      "Tell the user to look at the server's log, then call again; starting with the same idempotency_key is safe.",
    );
  }
  if (!(error instanceof InputError || error instanceof RunError)) return undefined;
  switch (error.code) {
    case "run_not_found":
    case "run_erased":
    case "run_compacted":
      return runNotFound();
    case "contract_not_found":
      return workflowNotFound();
    case "invalid_inputs":
      return new Refusal(
        "invalid_input",
        "The input does not fit the workflow's input_schema; nothing was started.",
        "Correct every issue and call again.",
        issuesOf(error),
      );
    case "idempotency_conflict":
      return new Refusal(
        "idempotency_conflict",
        "This idempotency_key was used with another input.",
        "Send the same input to get that run, or use a new key to start another.",
      );
    case "not_awaiting":
      return notAwaiting();
    case "rate_limited":
      return new Refusal(
        "rate_limited",
        "Too many runs were started in the last minute; nothing was started.",
        "Wait a minute, then make the same call again, with the same idempotency_key.",
      );
    case "contract_changed":
      return new Refusal(
        "workflow_changed",
        "The workflow was changed since this run began, so this server cannot go on with it.",
        "Tell the user; a new run uses the new version.",
      );
    case "not_configured":
      return new Refusal(
        "not_configured",
        "This server lacks a model, a key or a package that the workflow needs.",
        "Tell the user to look at the server's log; you cannot set it up from here.",
      );
    default:
      return undefined;
  }
}

/** The refusal for a caller too many of whose calls wait already. */
export function tooManyWaits(): Refusal {
  return new Refusal(
    "rate_limited",
    "Too many of your calls wait at this moment; the run goes on.",
    "Let some of them end, or call get_run with wait_seconds 0.",
  );
}

/** The refusal for an await that is not open. */
export function notAwaiting(): Refusal {
  return new Refusal(
    "not_awaiting",
    "The run does not wait for anything under this await_id.",
    "Call get_run and use an await_id from `awaiting`.",
  );
}

/** The refusal for an await that was answered with something else. */
export function alreadyDecided(): Refusal {
  return new Refusal(
    "already_decided",
    "This await was answered before, with another payload; the first answer stands.",
    "Call get_run to see how the run went on.",
  );
}

/** The refusal for a delivery that the core refused. */
export function deliveryRefusal(code: RefusalCode, issues: readonly Issue[], where: WhereDecided): Refusal {
  switch (code) {
    case "run_not_found":
    case "run_erased":
      return runNotFound();
    case "invalid_payload":
      return new Refusal(
        "invalid_payload",
        "The payload does not fit; the await stays open.",
        "Correct every issue, following payload_schema, and call deliver_event again.",
        issues,
      );
    case "already_decided":
    case "delivery_conflict":
      return alreadyDecided();
    case "human_decision_required":
    case "role_required":
    case "starter_may_not_decide":
    case "signature_required":
    case "signature_invalid":
    case "signature_expired":
    case "signature_mismatch":
    case "approver_unknown":
      return new Refusal(
        "human_decision_required",
        "Only a person can decide this; an agent cannot, and trying again changes nothing.",
        `Tell the user to ${tellPerson(where, "their")}, then wait with get_run.`,
      );
    case "unknown_event":
    case "run_ended":
    case "stale_approval":
    case "ambiguous_correlation":
    case "too_many_early_events":
      return notAwaiting();
  }
}

const Issues = z.array(z.object({ at: z.string(), message: z.string() }));

function issuesOf(error: KindlingError): readonly Issue[] {
  const issues = Issues.safeParse(error.details["issues"]);
  return issues.success ? issues.data : [];
}

function describeError(error: unknown): string {
  const { text } = redactionOf();
  if (!(error instanceof Error)) return text(String(error));
  const cause = error.cause instanceof Error ? `\n  because: ${error.cause.message}` : "";
  return text(`${error.stack ?? error.message}${cause}`);
}
