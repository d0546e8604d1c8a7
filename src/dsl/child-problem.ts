// What may stand as a child: a contract, or a function that defines one in place, and not too deep inside others.

import { NESTING_LIMIT, nestingOf } from "../compile/nesting.ts";
import type { AnyContract } from "../graph/contract.ts";
import type { NodeFinding } from "../graph/graph.ts";
import type { ChildDefinition } from "../nodes/child.ts";
import { describe } from "./ownership.ts";

/** Why something cannot be a child `depth` levels below its contract. */
export function childProblem(definition: ChildDefinition, part: string, depth: number): NodeFinding | undefined {
  if (!isContract(definition) && typeof definition !== "function") {
    return {
      code: "bad_child",
      severity: "error",
      message:
        definition === undefined
          ? `part "${part}" is undefined: not defined yet, or the contract itself, which cannot contain itself`
          : `part "${part}" is no child, but ${describe(definition)}`,
      hint: "Give a contract that is defined before this one, or a function of g and handles; g.repeat runs something again and again.",
    };
  }
  const levels = depth + (isContract(definition) ? nestingOf(definition.graph) : 0);
  if (levels <= NESTING_LIMIT) return undefined;
  return {
    code: "nested_too_deep",
    severity: "error",
    message: `part "${part}" makes ${levels} levels of children in children, and ${NESTING_LIMIT} are the limit`,
    hint: "Use g.repeat for what is done again and again, and g.collection for what is done to many.",
  };
}

/** True for a contract, whatever else could stand in its place. */
export function isContract(definition: ChildDefinition): definition is AnyContract {
  const given: unknown = definition;
  return typeof given === "object" && given !== null && "graph" in given;
}
