// What a contract says about the end of its runs: how outputs look to people, and what follows.

import { BugError, type Failure } from "../errors.ts";
import type { Exits, Graph, RunEnd } from "../graph/graph.ts";
import type { Given, Node } from "../graph/node.ts";
import { authorContext, type AuthorContext } from "../nodes/kind.ts";

/** A readable form for each output: by its name, or one function where the contract gives one value. */
export type Presenters<R> =
  R extends Node<unknown> ? (value: Given<R>) => string : { readonly [P in keyof Given<R>]?: (value: Given<R>[P]) => string };

/** Presenters by output name; under the empty name for a contract that gives one value. */
export function presentersOf(present: unknown): Graph["present"] {
  if (present === undefined) return {};
  // The options' types made sure that each function takes the value of its output.
  return (typeof present === "function" ? { "": present } : { ...(present as object) }) as Graph["present"];
}

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
