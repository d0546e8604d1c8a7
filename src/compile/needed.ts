// Which nodes must run: what the outputs need, and what runs always, with everything behind them.

import type { Graph } from "../graph/graph.ts";

/** The names of the nodes that run. */
export function neededNodes(graph: Graph): ReadonlySet<string> {
  const { outputs } = graph;
  const roots = outputs.type === "one" ? [outputs.node] : Object.values(outputs.nodes);
  const needed = new Set(roots);
  // Needs stand before the node, so one walk from the end finds everything.
  for (const node of graph.nodes.toReversed()) {
    if (node.behaviour.always) needed.add(node.name);
    if (needed.has(node.name)) for (const before of [...Object.values(node.needs), ...node.after]) needed.add(before);
  }
  return needed;
}
