// What follows on the end of a contract's runs.

import { BugError, type Failure } from "../errors.ts";
import type { Exits, RunEnd } from "../graph/graph.ts";
import { authorContext, type AuthorContext } from "../nodes/kind.ts";

/** What follows on the end of a run, as authors write it. */
interface ExitOptions {
  readonly onSuccess?: ((outputs: never, context: AuthorContext) => unknown) | undefined;
  readonly onFailure?: ((error: Failure, context: AuthorContext) => unknown) | undefined;
  readonly onExit?: ((end: { readonly status: RunEnd["status"]; readonly error?: Failure }, context: AuthorContext) => unknown) | undefined;
}

/** The same as the core calls it. */
export function exitsOf({ onSuccess, onFailure, onExit }: ExitOptions): Exits {
  return {
    ...(onSuccess === undefined
      ? {}
      : {
          onSuccess: (end, context) => {
            if (end.status !== "succeeded") throw new BugError("onSuccess was called for a run that did not succeed");
            // The contract's types say what it gives, and that this function takes it.
            return onSuccess(end.outputs as never, authorContext(context));
          },
        }),
    ...(onFailure === undefined
      ? {}
      : {
          onFailure: (end, context) => {
            if (end.status === "succeeded") throw new BugError("onFailure was called for a run that succeeded");
            return onFailure(end.error, authorContext(context));
          },
        }),
    ...(onExit === undefined
      ? {}
      : {
          onExit: (end, context) =>
            onExit(end.status === "succeeded" ? { status: end.status } : { status: end.status, error: end.error }, authorContext(context)),
        }),
  };
}
