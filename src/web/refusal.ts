// What a call over HTTP is answered when it cannot be done: a status, a stable code, what is wrong and what to do. Nothing internal is in it.

import { InputError, isJsonObject, type Issue, type JsonObject, type JsonValue, RunError } from "../index.ts";

/** A refusal on its way to the answer; routes throw it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly fix: string;
  readonly issues: readonly Issue[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    fix: string,
    more: { readonly issues?: readonly Issue[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.fix = fix;
    this.issues = more.issues ?? [];
    this.headers = more.headers ?? {};
  }

  /** The body of the answer. */
  get body(): JsonObject {
    const { code, message, fix, issues } = this;
    return {
      error: {
        code,
        message,
        fix,
        ...(issues.length === 0 ? {} : { issues: issues.slice(0, ISSUES_LIMIT).map((issue) => ({ ...issue })) }),
      },
    };
  }
}

const ISSUES_LIMIT = 50;

/** The refusal for a run that is not there; the same for one that belongs to somebody else. */
export function runNotFound(): Refusal {
  return new Refusal(404, "run_not_found", "there is no such run", "Use the id that the start gave, with the same authorization.");
}

/** The refusal for whatever was thrown; undefined for what is not the caller's to know. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof InputError) return refusedInput(error);
  if (error instanceof RunError && error.code === "host_closed")
    return new Refusal(
      503,
      "closing",
      "this server is closing",
      "Call again soon; with the same idempotencyKey a start is not repeated.",
      RETRY,
    );
  return undefined;
}

/** The answer when something went wrong here. */
export function internalRefusal(): Refusal {
  return new Refusal(
    500,
    "internal",
    "the server failed",
    "Call again; if it fails again, tell whoever runs the server to look at its log.",
  );
}

/** Tells the caller to come back. */
const RETRY = { headers: { "retry-after": "1" } } as const;

/** The refusal for a call that comes while too many others are open. */
export function busy(): Refusal {
  return new Refusal(503, "busy", "too many calls are open", "Call again after a moment.", RETRY);
}

function refusedInput({ code, message, fix, details }: InputError): Refusal {
  switch (code) {
    case "run_not_found":
    case "run_erased":
    case "run_compacted":
      return runNotFound();
    case "contract_not_found":
      return new Refusal(404, code, message, fix ?? "Check the contract's name.");
    case "idempotency_conflict":
      return new Refusal(409, code, message, fix ?? "Use another key for other inputs.");
    default:
      return new Refusal(400, code, message, fix ?? "Correct what is wrong and call again.", { issues: issuesIn(details["issues"]) });
  }
}

function issuesIn(issues: JsonValue | undefined): readonly Issue[] {
  if (!Array.isArray(issues)) return [];
  return issues.flatMap((issue: JsonValue): Issue[] => {
    if (!isJsonObject(issue)) return [];
    const { at, message } = issue;
    return typeof at === "string" && typeof message === "string" ? [{ at, message }] : [];
  });
}
