// Contracts as callers and agents see them: what goes in, and which people are asked.

import { planOf } from "../compile/plan.ts";
import { InputError } from "../errors.ts";
import type { AnyContract } from "../graph/contract.ts";
import type { GateSummary, Graph } from "../graph/graph.ts";
import { inputSchemaOf } from "../graph/input-schema.ts";
import { childPath, joinPath } from "../run/path.ts";
import type { ContractSummary } from "./client.ts";

/** A contract in summary. */
export function summarize(contract: AnyContract): ContractSummary {
  const { graph } = contract;
  return {
    name: graph.name,
    version: graph.version,
    description: graph.description,
    contract,
    gates: gatesOf(graph, ""),
    inputSchema: inputSchemaOf(graph),
  };
}

/** Refuses a contract that is not one of these. @throws InputError `contract_not_found` */
export function assertRegistered(contract: AnyContract, contracts: readonly ContractSummary[]): void {
  const known = contracts.find(({ name }) => name === contract.name);
  if (known === undefined)
    throw new InputError("contract_not_found", `the contract "${contract.name}" is not one of this runtime's`, {
      fix: "Pass it in contracts to createRuntime.",
    });
  if (planOf(known.contract.graph).hash !== planOf(contract.graph).hash) {
    throw new InputError("contract_not_found", `this runtime has another contract "${contract.name}" than the one given`, {
      fix: "Pass the same contract to createRuntime and start.",
    });
  }
}

function gatesOf(graph: Graph, prefix: string): GateSummary[] {
  return graph.nodes.flatMap((node): GateSummary[] => {
    const { work } = node.behaviour;
    if (work.type === "wait" && work.gate !== undefined)
      return [{ path: joinPath(prefix, node.name), event: work.event, assurance: work.gate.assurance }];
    if (work.type !== "children") return [];
    return Object.entries(work.parts).flatMap(([part, child]) => gatesOf(child, childPath(prefix, node.name, partKey(work, part))));
  });
}

/** How the key of a part's children is written before there are any: its own name where it is one of several, `*` where there is one for each item. */
function partKey(work: Extract<Graph["nodes"][number]["behaviour"]["work"], { type: "children" }>, part: string): string {
  if (Object.keys(work.parts).length > 1) return part;
  return Object.keys(work.correlation("*")).length > 0 ? "*" : "";
}
