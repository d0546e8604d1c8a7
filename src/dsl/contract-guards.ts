// Checks that stand before everything else in a contract. They are guard nodes over its inputs, and every other node waits for them.

import type { MaybePromise, Needs } from "../graph/node.ts";
import type { GraphBuilder } from "../nodes/index.ts";
import type { AuthorContext } from "../nodes/kind.ts";
import type { Matcher } from "../nodes/matcher.ts";
import type { InputSchemas, InputValues } from "./contract.ts";

/** A check of a contract's inputs: a function of them, or matchers that must all hold. */
type ContractGuard<V> = {
  readonly message?: string | ((inputs: V) => string);
} & (
  | { readonly check: (inputs: V, context: AuthorContext) => MaybePromise<boolean>; readonly where?: undefined }
  | { readonly where: { readonly [P in keyof V]?: Matcher<V[P]> }; readonly check?: undefined }
);

/** Checks by name. */
export type ContractGuards<S extends InputSchemas> = Readonly<Record<string, ContractGuard<InputValues<S>>>>;

/** Declares them as nodes. */
export function declareGuards(g: GraphBuilder, inputs: Needs, guards: object): void {
  for (const [name, guard] of Object.entries(guards)) {
    // The options' types made sure that the check takes these inputs.
    g.guard(name, { ...(guard as { readonly check: () => boolean }), needs: inputs });
  }
}
