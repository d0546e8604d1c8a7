// What kinds that run children share: the types of a child, and whether it is given what it wants.

import type { AnyContract, Contract } from "../graph/contract.ts";
import type { Graph, NodeFinding } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { Given, Needs, Node } from "../graph/node.ts";
import type { GraphBuilder } from "./index.ts";

/** A child written in place or as a contract: what `Builder.child` takes. */
export type ChildDefinition = AnyContract | ((g: never, handles: never, builder: never) => unknown);

/** A child that needs certain inputs: an inline definition that is given their handles, or a contract that takes their values. */
export type Child<Handles, In> = ((g: GraphBuilder, handles: Handles) => Node<unknown> | Needs) | Contract<In, unknown>;

/** The inputs of a contract as a child; undefined for an inline definition, which takes whatever it is given. */
export type InputsOf<C> = C extends AnyContract ? (C extends Contract<infer In, unknown> ? In : never) : undefined;

/**
 * What a child gives: the values of the handles an inline definition returns, or a contract's outputs; of a case with a condition what its child
 * gives; of several children the union.
 */
export type ChildValue<C> = C extends (...args: never[]) => infer R
  ? Given<R>
  : C extends Contract<never, infer Out>
    ? Out
    : C extends { readonly run: infer Run }
      ? ChildValue<Run>
      : never;

/** What is given under a name that the child does not know may have been meant. */
function nearOnes(name: string, given: readonly string[], known: readonly string[]): string {
  const spare = given.filter((each) => !known.includes(each));
  return spare.length === 0 ? "" : ` ${didYouMean(name, spare)}`;
}

/**
 * Finds what a contract as a child wants and is not given; with `exact`, also what it is given and does not want. An inline definition takes whatever
 * it is given.
 */
export function checkChildInputs(
  part: string,
  child: Graph,
  given: readonly string[],
  { exact }: { readonly exact: boolean },
): NodeFinding[] {
  if (child.inline) return [];
  const names = child.inputs.map((input) => input.name);
  const missing = child.inputs.filter((input) => !input.hasDefault && !given.includes(input.name));
  const unknown = exact ? given.filter((name) => !names.includes(name)) : [];
  return [
    ...missing.map(
      ({ name }): NodeFinding => ({
        code: "child_input_missing",
        severity: "error",
        message: `part "${part}" runs the contract "${child.name}", whose input "${name}" nothing gives`,
        hint: `Add "${name}" to the needs.${nearOnes(name, given, names)}`,
      }),
    ),
    ...unknown.map(
      (name): NodeFinding => ({
        code: "child_input_unknown",
        severity: "error",
        message: `part "${part}" runs the contract "${child.name}", which has no input "${name}"`,
        hint: didYouMean(name, names),
      }),
    ),
  ];
}
