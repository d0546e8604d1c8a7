// Runs a contract once over a ledger in memory: for tests of single nodes.

import { RunError, type AnyContract, type Behaviour, type Contract, type Failure } from "../../src/index.ts";
import { openKindling } from "../host/open-host.ts";

/** What a run gives. */
export async function resultOf<In, Out>(contract: Contract<In, Out>, inputs: In): Promise<Out> {
  const kindling = await openKindling({ contracts: [contract] });
  const run = await kindling.start(contract, inputs);
  return run.result();
}

/** Why a run fails: the error of the node that failed first. */
export async function failureIn<In>(contract: Contract<In, unknown>, inputs: In): Promise<Failure> {
  const kindling = await openKindling({ contracts: [contract] });
  const run = await kindling.start(contract, inputs);
  await run.settled();
  for (const fact of await run.facts()) if (fact.type === "node.failed") return fact.error;
  throw new RunError("no_failure", "no node of the run failed");
}

/** What a kind made of a node. */
export function behaviourOf({ graph }: AnyContract, node: string): Behaviour {
  const found = graph.nodes.find(({ name }) => name === node);
  if (found === undefined) throw new Error(`there is no node "${node}"`);
  return found.behaviour;
}
