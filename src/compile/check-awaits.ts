// What is doubtful about how events find the awaits of a graph. Knows who waits, and no kinds.

import type { Graph, NodeFinding } from "../graph/graph.ts";
import type { Children, Wait } from "../graph/work.ts";
import { neededNodes } from "./needed.ts";

/** Findings about awaits by their node. `isFound` says whether an event can find the run by its correlation. */
export function checkAwaits(graph: Graph, isFound: boolean): ReadonlyMap<string, readonly NodeFinding[]> {
  const needed = neededNodes(graph);
  const awaits = graph.nodes.flatMap((node) => {
    const { work } = node.behaviour;
    return work.type === "wait" && needed.has(node.name) ? [{ node, work }] : [];
  });
  const first = new Map<string, string>();
  const findings = new Map<string, readonly NodeFinding[]>();
  for (const { node, work } of awaits) {
    const before = first.get(work.event);
    if (before === undefined) first.set(work.event, node.name);
    const own = [...(before === undefined ? [] : [awaitedTwice(work, before)]), ...(isFound ? [] : [notFound(work)])];
    if (own.length > 0) findings.set(node.name, own);
  }
  return findings;
}

/** Whether an event can find what stands inside a child: by the keys of the run around it, or by what the child adds to them. */
export function isFoundInside(work: Children, isFound: boolean): boolean {
  return isFound || Object.keys(work.correlation("*")).length > 0;
}

function awaitedTwice({ event }: Wait, before: string): NodeFinding {
  return {
    code: "event_awaited_twice",
    severity: "warning",
    message: `awaits the event "${event}", as "${before}" does: while both are open, a delivery must say by its path which one it is for`,
    hint: "Give each await an event of its own, or deliver with a path.",
  };
}

function notFound({ event }: Wait): NodeFinding {
  return {
    code: "await_uncorrelated",
    severity: "warning",
    message: `the contract has no correlate, so "${event}" finds this await by the run's id alone`,
    hint: `Name the inputs by which whoever sends "${event}" knows the run: correlate: ["…"]. Where a person decides from the inbox, the id is enough.`,
  };
}
