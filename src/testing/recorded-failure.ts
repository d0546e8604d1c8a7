// Recorded failures as errors again: what reads them shall see what it saw then. Knows no nodes.

import { RunError, type Failure } from "../errors.ts";
import { ModelError, type ModelErrorCode } from "../model/model.ts";

/** The attempt was stopped from outside: its signal will say so again. */
export function isCutOff({ code }: Failure): boolean {
  return code === "attempt_timed_out" || code === "run_ended";
}

/** A recorded failure as it was thrown. */
export function thrownAgain(failure: Failure | undefined): Error {
  const { code = "threw", message = "failed", fix, details = {}, retryable } = failure ?? {};
  const provider = details["provider"];
  const rest = { details, ...(fix === undefined ? {} : { fix }) };
  if (typeof provider !== "string") return code === "threw" ? new Error(message) : new RecordedError(code, message, { ...rest, retryable });
  const { status, requestId, retryAfterMs } = details;
  // It was a code of a model error when it was recorded.
  return new ModelError(code as ModelErrorCode, message, {
    ...rest,
    provider,
    retryable: retryable ?? false,
    ...(typeof status === "number" ? { status } : {}),
    ...(typeof requestId === "string" ? { requestId } : {}),
    ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}),
  });
}

class RecordedError extends RunError {
  readonly retryable: boolean | undefined;

  constructor(
    code: string,
    message: string,
    { retryable, ...detail }: { retryable: boolean | undefined } & ConstructorParameters<typeof RunError>[2],
  ) {
    super(code, message, detail);
    this.retryable = retryable;
  }
}

/** Nothing can stand for an action that was never recorded. */
export function notRecorded(path: string): RunError {
  return new RecordedError("not_recorded", `"${path}" would act on the world, and the recording has nothing for it`, {
    retryable: false,
    fix: "Run the contract for real, and record that run: kindling record <run>.",
  });
}
