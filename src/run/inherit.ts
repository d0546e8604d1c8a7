// What a forked run takes over: for every node that is the same in both, the value the other run found and what it had read for it. Nothing is taken as true
// here: each node looks, when what it needs is there, whether it would read the same (R10).

import { childrenIn } from "./node-state.ts";
import { lastReadBy, stateOf, type RunState } from "./state.ts";

/** Offers a run the work of the one it was forked from. Nodes in `changed` are not the same in both. */
export function inheritFrom(state: RunState, donor: RunState, changed: ReadonlySet<string>): void {
  for (const node of state.plan.nodes) {
    if (changed.has(node.name) || !node.needed || stateOf(state, node).status !== "pending") continue;
    const there = stateOf(donor, node);
    const children = childrenIn(there);
    const done =
      there.status === "succeeded" ? { value: there.value, source: there.source ?? `${donor.id}:${there.fact}`, at: there.at } : undefined;
    const before = done ?? (there.status === "stale" ? there.before : undefined);
    if (before === undefined && children === undefined) continue;
    const needs = there.status === "stale" ? there.needs : lastReadBy(donor, node);
    // What it needs gave no value that is known: then nobody can say whether it would read the same.
    if (node.needs.some(({ local }) => needs[local] === undefined)) continue;
    state.nodes[node.index] = { status: "stale", before, needs, children, isForeign: true };
  }
}
