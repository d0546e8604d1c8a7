// Every error Kindling throws says who must act. Expected outcomes (waiting, refused, duplicate) are values and not here.

import type { JsonObject } from "./json.ts";

/** What an error carries besides its message. */
export interface ErrorDetail {
  /** One sentence: what to do about it. */
  readonly fix?: string;
  /** Names and values a program may read; never secrets or payloads. */
  readonly details?: JsonObject;
  readonly cause?: unknown;
}

/** The base of all errors thrown on purpose: a stable `code`, a message with the place and the value, and the cure in `fix`. */
export abstract class KindlingError extends Error {
  readonly code: string;
  readonly fix: string | undefined;
  readonly details: JsonObject;

  constructor(code: string, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = new.target.name;
    this.code = code;
    this.fix = detail.fix;
    this.details = detail.details ?? {};
  }

  /** The error as data: what a fact, a `--json` output and an MCP result hold. */
  toJSON(): JsonObject {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      ...(this.fix === undefined ? {} : { fix: this.fix }),
      details: this.details,
    };
  }
}

/** The caller passed something wrong: inputs, payloads, unknown names. Nothing was recorded. */
export class InputError extends KindlingError {}

/** The ledger cannot be used as asked: damaged, locked, full. The operator must act. */
export class LedgerError extends KindlingError {}

/** A run ended without the result that was asked for. */
export class RunError extends KindlingError {}

/** The project is not set up: config file, missing package, missing key. */
export class ConfigError extends KindlingError {}

/** Kindling broke its own rule. Please report it. */
export class BugError extends KindlingError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super("bug", message, { fix: "This is a fault in Kindling; please report it with the message and the stack.", ...detail });
  }
}

/** A failure as data: what facts and run views hold. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly details?: JsonObject;
  /** Whether trying again may help, where that is known. */
  readonly retryable?: boolean;
}

/** Whatever was thrown, as an error. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  try {
    return new Error(String(thrown));
  } catch {
    return new Error(`what was thrown is no Error, and says nothing of itself (${typeof thrown})`);
  }
}

const MESSAGE_LIMIT = 2_000;

/** Turns anything thrown into a failure: our errors keep their code, all others get `code`. Stacks stay out of the ledger. */
export function failureOf(error: unknown, code = "threw"): Failure {
  if (error instanceof KindlingError) {
    const retryable = "retryable" in error && typeof error.retryable === "boolean" ? error.retryable : undefined;
    return {
      code: error.code,
      message: error.message.slice(0, MESSAGE_LIMIT),
      ...(error.fix === undefined ? {} : { fix: error.fix }),
      ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
      ...(retryable === undefined ? {} : { retryable }),
    };
  }
  if (error instanceof Error) return { code, message: (error.message || error.name).slice(0, MESSAGE_LIMIT) };
  if (typeof error === "string") return { code, message: error.slice(0, MESSAGE_LIMIT) };
  const json = typeof error === "object" && error !== null ? JSON.stringify(error) : undefined;
  const shown = json === undefined || json === "{}" ? String(error) : json;
  return { code, message: `${shown.slice(0, MESSAGE_LIMIT)} was thrown, which is no Error`, fix: "Throw an Error: throw new Error(…)." };
}
