// What happens when the time of a node has come: a retry's pause is over, or an await has reached its deadline.

import { wake } from "../run/decide.ts";
import { isEnded, nodeNamed, stateOf } from "../run/state.ts";
import type { EmbeddedHost } from "./embedded.ts";

/** Looks at a node whose timer has fired; a run that has ended meanwhile is not even loaded. */
export async function timeIsUp(host: EmbeddedHost, id: string, name: string): Promise<void> {
  if (host.inMemory(id) === undefined && host.ledger.head(id)?.open !== true) return;
  await host.use(id, (run) => {
    const node = nodeNamed(run.state, name);
    const now = stateOf(run.state, node);
    const { work } = node.definition.behaviour;
    if (isEnded(run.state)) return;
    if (now.status === "retrying") wake(run.state, node);
    // G6: never before its time, and whatever was recorded first has won.
    else if (now.status === "waiting" && work.type === "wait" && now.deadline !== undefined && now.deadline <= host.clock.now()) {
      run.record({ type: "timer.fired", node: name });
      if (work.onTimeout.type === "value") run.record({ type: "node.succeeded", node: name, value: work.onTimeout.value });
      else
        run.record({
          type: "node.failed",
          node: name,
          attempt: 1,
          error: { code: "await_timed_out", message: `nothing answered "${work.event}" in time` },
        });
    }
  });
}
