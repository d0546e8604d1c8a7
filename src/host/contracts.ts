// Contracts as callers and agents see them: what goes in, and which people are asked.

import { planOf } from "../compile/plan.ts";
import { InputError } from "../errors.ts";
import type { AnyContract } from "../graph/contract.ts";
import type { GateSummary, Graph, NodeDefinition } from "../graph/graph.ts";
import { outputsSchemaOf } from "../graph/gives.ts";
import { inputSchemaOf } from "../graph/input-schema.ts";
import type { Prompt } from "../model/prompt.ts";
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
    gates: gatesOf(graph),
    inputSchema: inputSchemaOf(graph),
    outputSchema: outputsSchemaOf(graph),
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

/** A node of a contract that asks a model with a prompt file. */
export interface PromptUse {
  /** The node anywhere in the contract; a child that exists once for each item stands as `posts[*]`. */
  readonly path: string;
  readonly prompt: Prompt<never>;
}

/** The prompt files of a contract and of all its children, in the order of its nodes. */
export function promptsOf(contract: AnyContract): readonly PromptUse[] {
  return placedNodes(contract.graph, "").flatMap(({ path, node }) =>
    node.behaviour.prompt === undefined ? [] : [{ path, prompt: node.behaviour.prompt }],
  );
}

function gatesOf(graph: Graph): readonly GateSummary[] {
  return placedNodes(graph, "").flatMap(({ path, node: { behaviour } }) => {
    const { work } = behaviour;
    return work.type === "wait" && work.gate !== undefined ? [{ path, event: work.event, assurance: work.gate.assurance }] : [];
  });
}

/** All nodes of a graph, each followed by those of its children. */
function placedNodes(graph: Graph, prefix: string): readonly { readonly path: string; readonly node: NodeDefinition }[] {
  return graph.nodes.flatMap((node) => {
    const { work } = node.behaviour;
    const placed = { path: joinPath(prefix, node.name), node };
    if (work.type !== "children") return [placed];
    const inside = Object.entries(work.parts).flatMap(([part, child]) =>
      placedNodes(child, childPath(prefix, node.name, partKey(work, part))),
    );
    return [placed, ...inside];
  });
}

/** How the key of a part's children is written before there are any: its own name where it is one of several, `*` where there is one for each item. */
function partKey(work: Extract<Graph["nodes"][number]["behaviour"]["work"], { type: "children" }>, part: string): string {
  if (Object.keys(work.parts).length > 1) return part;
  return Object.keys(work.correlation("*")).length > 0 ? "*" : "";
}
