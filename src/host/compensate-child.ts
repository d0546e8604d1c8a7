// A child that had ended takes back what it did, and its parent learns when that is done.

import { BugError } from "../errors.ts";
import type { PlanNode } from "../compile/plan.ts";
import { callEnded } from "../run/decide.ts";
import { uncompensatedIn } from "../run/decide-end.ts";
import { childRunId } from "../run/ids.ts";
import { isEnded } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";
import type { EmbeddedHost } from "./embedded.ts";

/** Has a child take back what it did; asking twice changes nothing. */
export function compensateChild(host: EmbeddedHost, parent: ActiveRun, node: PlanNode, key: string): void {
  const work = host.use(childRunId(parent.id, node.name, key), (child) => {
    if (!child.state.isCompensating) child.record({ type: "run.compensating" });
    else if (isEnded(child.state)) tellCompensated(host, child);
  });
  host.background(work);
}

/** Tells the parent that a child has taken back what it did. */
export function tellCompensated(host: EmbeddedHost, child: ActiveRun): void {
  const link = child.state.parent;
  if (link === undefined) throw new BugError(`run ${child.id} takes back what it did for no parent`);
  const parent = host.inMemory(link.run);
  // Not in memory: when it goes on it asks again.
  if (parent === undefined || isEnded(parent.state)) return;
  callEnded(parent.state);
  const uncompensated = uncompensatedIn(child.state);
  parent.record({ type: "child.compensated", node: link.node, key: link.key, ...(uncompensated.length === 0 ? {} : { uncompensated }) });
  parent.advance();
}
