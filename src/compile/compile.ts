// `compile()`: a contract's plan with everything doubtful about it, before anything runs.

import type { AnyContract } from "../graph/contract.ts";
import type { Finding } from "../graph/finding.ts";
import { checkGraph } from "./check.ts";
import { planOf, type Plan } from "./plan.ts";

/** A plan and its warnings. A contract with errors cannot be made, so there are none here. */
export interface Compiled {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
}

/** Compiles a contract: order, hashes, and warnings such as unused inputs and gates without a deadline. */
export function compile(contract: AnyContract): Compiled {
  return { plan: planOf(contract.graph), findings: checkGraph(contract.graph) };
}
