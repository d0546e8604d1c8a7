// How deep children stand in children. A limit keeps every walk over a graph, and every path, within bounds.

import type { Graph } from "../graph/graph.ts";

/** Children in children at most: a contract's own nodes are at 0. */
export const NESTING_LIMIT = 100;

const depths = new WeakMap<Graph, number>();

/** How many levels of children a graph has below it: 0 for none. */
export function nestingOf(graph: Graph): number {
  const known = depths.get(graph);
  if (known !== undefined) return known;
  let depth = 0;
  for (const { behaviour } of graph.nodes) {
    if (behaviour.work.type !== "children") continue;
    for (const child of Object.values(behaviour.work.parts)) depth = Math.max(depth, nestingOf(child) + 1);
  }
  depths.set(graph, depth);
  return depth;
}
