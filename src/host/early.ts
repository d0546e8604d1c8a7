// Events that came before their await: kept in the root run, taken when an await for them opens, once.

import type { PlanNode } from "../compile/plan.ts";
import { canonicalJson, type JsonObject } from "../json.ts";
import { refuseDecision } from "../run/accept.ts";
import type { EventBuffered } from "../run/fact.ts";
import { keys } from "../run/head.ts";
import { stateOf, type RunState } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";
import type { EmbeddedHost } from "./embedded.ts";

/** Answers an await that has just opened with an event that was kept for it. */
export function takeEarlyEvent(host: EmbeddedHost, run: ActiveRun, node: PlanNode): void {
  const { root } = run.state;
  if (root === run.id) return take(host, run, run, node);
  const rootRun = host.inMemory(root);
  if (rootRun !== undefined) return take(host, rootRun, run, node);
  const { work } = node.definition.behaviour;
  const kept = work.type === "wait" && host.ledger.head(root)?.keys.includes(keys.early(work.event)) === true;
  if (kept) {
    host.background(
      host.activate(root).then((loaded) => {
        take(host, loaded, run, node);
        loaded.advance();
      }),
    );
  }
}

/** Answers the awaits of a run that are open already with events that have just been given to it. */
export function takeBuffered(host: EmbeddedHost, run: ActiveRun): void {
  for (const index of [...run.state.waits]) {
    const node = run.state.plan.nodes[index];
    if (node !== undefined) take(host, run, run, node);
  }
  run.advance();
}

function take(host: EmbeddedHost, root: ActiveRun, run: ActiveRun, node: PlanNode): void {
  const now = stateOf(run.state, node);
  const { work } = node.definition.behaviour;
  if (now.status !== "waiting" || work.type !== "wait") return;
  for (const event of root.state.buffered.values()) {
    if (event.event !== work.event || !isSubset(event.correlation, run.state)) continue;
    if (refuseDecision(run.state, now, work.gate, event.actor, undefined) !== undefined || wasTaken(host, event)) continue;
    run.record({ type: "event.delivered", node: node.name, event: event.event, deliveryId: event.deliveryId, payload: event.payload, actor: event.actor });
    if (run === root) return;
    // The child's fact goes into the log first; should the process die between the two, `wasTaken` finds it.
    run.finish();
    root.record({ type: "event.taken", deliveryId: event.deliveryId, run: run.id, path: run.state.path });
    root.advance();
    run.advance();
    return;
  }
}

function wasTaken(host: EmbeddedHost, event: EventBuffered): boolean {
  return host.ledger.find({ keys: [keys.took(event.deliveryId)], limit: 1 }).length > 0;
}

/** True when a run carries all these correlation values. */
export function isSubset(wanted: JsonObject, { correlation }: Pick<RunState, "correlation">): boolean {
  return Object.entries(wanted).every(([key, value]) => key in correlation && canonicalJson(correlation[key] ?? null) === canonicalJson(value));
}
