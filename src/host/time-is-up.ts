// What happens when the time of a node has come: a pause is over, a sleeper wakes, an await has reached its deadline or wants somebody to be reminded.

import { wake } from "../run/decide.ts";
import { readNote, type RunNote } from "../run/head.ts";
import type { WaitingState } from "../run/node-state.ts";
import { reminderAt } from "../run/reminder.ts";
import type { PlanNode } from "../compile/plan.ts";
import { isEnded, nodeNamed, stateOf } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { endWithThoseAbove } from "./resume-run.ts";

/** Looks at a node whose timer, set for `at`, has fired; a run that waits for that time no more is not even loaded. */
export async function timeIsUp(host: EmbeddedHost, id: string, name: string, at: number): Promise<void> {
  if (host.inMemory(id) === undefined) {
    const note = notedFor(host, id, name, at);
    if (note === undefined || (await endWithThoseAbove(host, id, note.parent))) return;
  }
  await host.use(id, async (run) => {
    const { state } = run;
    if (isEnded(state)) return;
    const node = nodeNamed(state, name);
    const { work } = node.definition.behaviour;
    // An event that was recorded in time counts, also where nobody was there to take it.
    if (work.type === "wait" && host.plans.fedBy(work.event) !== undefined) await host.histories.caughtUp();
    if (!host.isOpen || isEnded(state)) return;
    // The time that was waited for has passed, even where the clock was set back meanwhile.
    const now = Math.max(at, host.clock.now());
    const { compensation } = state;
    if (compensation?.done.index === node.index && compensation.retryAt !== undefined && compensation.retryAt <= now)
      state.compensation = { ...compensation, retryAt: undefined };
    else wakeNode(run, node, now);
  });
}

/** What is noted of a run that waits for that time; undefined for one that waits for it no more. */
function notedFor({ ledger }: EmbeddedHost, id: string, name: string, at: number): RunNote | undefined {
  const head = ledger.head(id);
  const note = head?.open === true ? readNote(head.note) : undefined;
  return note?.timers?.some((timer) => timer.node === name && timer.at <= at) === true ? note : undefined;
}

// G6: never before its time, and whatever was recorded first has won.
function wakeNode(run: ActiveRun, node: PlanNode, now: number): void {
  const state = stateOf(run.state, node);
  switch (state.status) {
    case "retrying":
    case "postponed":
      if (state.at <= now) wake(run.state, node);
      return;
    case "sleeping":
      if (state.at > now) return;
      run.record(
        { type: "timer.fired", node: node.name },
        { type: "node.succeeded", node: node.name, value: new Date(state.at).toISOString() },
      );
      return;
    case "waiting":
      awaitIsDue(run, node, state, now);
      return;
    default:
  }
}

function awaitIsDue(run: ActiveRun, node: PlanNode, state: WaitingState, now: number): void {
  const { work } = node.definition.behaviour;
  if (work.type !== "wait") return;
  const reminder = reminderAt(node, state);
  if (state.deadline !== undefined && state.deadline <= now) {
    run.record({ type: "timer.fired", node: node.name });
    if (work.onTimeout.type === "value") run.record({ type: "node.succeeded", node: node.name, value: work.onTimeout.value });
    else
      run.record({
        type: "node.failed",
        node: node.name,
        attempt: 1,
        error: { code: "await_timed_out", message: `nothing answered "${work.event}" in time` },
      });
  } else if (reminder !== undefined && reminder <= now && work.remindMs !== undefined) {
    // Those that nobody could send are not sent late, one after another.
    run.record({ type: "await.reminded", node: node.name, count: Math.floor((now - state.since) / work.remindMs) });
  }
}

/** Looks again at what follows on the end of a run, after a try that failed. */
export async function exitIsDue(host: EmbeddedHost, id: string, at: number): Promise<void> {
  await host.use(id, ({ state }) => {
    for (const [exit, now] of state.exits)
      if (now.retryAt !== undefined && now.retryAt <= Math.max(at, host.clock.now())) state.exits.set(exit, { ...now, retryAt: undefined });
  });
}
