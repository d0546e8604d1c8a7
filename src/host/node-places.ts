// All nodes of contracts, with where each stands.

import type { AnyContract } from "../graph/contract.ts";
import type { Graph, NodeDefinition } from "../graph/graph.ts";

/** A node where it stands. */
export interface NodePlace {
  readonly contract: string;
  /** From the contract: `posts[each]/post`. */
  readonly path: string;
  readonly node: NodeDefinition;
}

/** All nodes of contracts and of their children, those of a contract that several run once. */
export function nodePlaces(contracts: readonly AnyContract[]): readonly NodePlace[] {
  const seen = new Set<Graph>();
  const places: NodePlace[] = [];
  const visit = (graph: Graph, contract: string, before: string): void => {
    if (seen.has(graph)) return;
    seen.add(graph);
    for (const node of graph.nodes) {
      const path = `${before}${node.name}`;
      places.push({ contract, path, node });
      const { work } = node.behaviour;
      if (work.type !== "children") continue;
      for (const [part, child] of Object.entries(work.parts))
        visit(child, child.inline ? contract : child.name, child.inline ? `${path}[${part}]/` : "");
    }
  };
  for (const { name, graph } of contracts) visit(graph, name, "");
  return places;
}
