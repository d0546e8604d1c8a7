// What authors' code gives and throws, whatever that is: looking at it may call more of their code, and none of it stops the host.

import { failureOf, type Failure } from "../errors.ts";
import { toJson, type JsonResult } from "../json.ts";

/** A value as JSON, or why it is none; also when looking at it throws. */
export function givenValue(value: unknown): JsonResult {
  try {
    return toJson(value);
  } catch (error) {
    return { ok: false, problem: { at: "$", message: `cannot be read: ${thrownFailure(error).message}` } };
  }
}

/** A failure of whatever was thrown; also when that cannot be shown. */
export function thrownFailure(error: unknown): Failure {
  try {
    if (error instanceof Promise) {
      // It may be rejected later, when nobody listens any more.
      error.catch(() => undefined);
      return { code: "threw", message: "a promise was thrown", fix: "await it, and throw an Error." };
    }
    return failureOf(error);
  } catch {
    return { code: "threw", message: "something was thrown that cannot be shown as text" };
  }
}
