// A contract in which one node says more of itself than its kind does: what shared code makes of it is tested apart from the kinds.

import type { Contract } from "../../src/graph/contract.ts";
import type { Behaviour } from "../../src/graph/graph.ts";

/** The contract with one node's behaviour completed. */
export function completed<In, Out>(made: Contract<In, Out>, name: string, more: Partial<Behaviour>): Contract<In, Out> {
  const nodes = made.graph.nodes.map((node) => (node.name === name ? { ...node, behaviour: { ...node.behaviour, ...more } } : node));
  return { ...made, graph: { ...made.graph, nodes } };
}
