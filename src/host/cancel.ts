// Ending runs as cancelled: at once, or after what must end has ended and what was done is taken back.

import { InputError, RunError } from "../errors.ts";
import { isAction } from "../run/decide.ts";
import { hasChildrenToAsk, hasToTakeBack } from "../run/decide-end.ts";
import type { Actor, ParentLink } from "../run/fact.ts";
import { keys, readNote } from "../run/head.ts";
import { isEnded, stateOf } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";
import type { EmbeddedHost } from "./embedded.ts";
import type { CancelOrder } from "./host.ts";

/** Cancels a run. One that acts on the world right now, or has done something that can be taken back, ends after that. */
export function cancelRun(host: EmbeddedHost, run: ActiveRun, reason: string, actor: Actor): void {
  const { state } = run;
  if (isEnded(state)) return;
  // Also one that a crash cut off: whether it happened is found out first.
  const isBusy = state.plan.nodes.some((node) => isAction(node) && stateOf(state, node).status === "running");
  if (!isBusy && !hasToTakeBack(state) && !hasChildrenToAsk(state)) {
    run.record({ type: "run.cancelled", reason, actor });
  } else if (state.cancelling === undefined) {
    run.record({ type: "run.cancelling", reason, actor });
    run.callOff(
      run.underWay().filter((node) => !isAction(node)),
      new RunError("run_ended", `the run was cancelled: ${reason}`),
    );
    cancelUnder(host, run.id, () => true);
  }
  run.advance();
}

/** Cancels the run that somebody names; resolves when it is durable that it ends. */
export async function cancelByOrder(
  host: EmbeddedHost,
  { run: id, reason = "cancelled by request", actor = UNKNOWN }: CancelOrder,
): Promise<null> {
  if (host.inMemory(id) === undefined) host.assertKnown(id);
  await host.use(
    id,
    (run) => {
      cancelRun(host, run, reason, actor);
      return run.durable();
    },
    true,
  );
  return null;
}

const UNKNOWN: Actor = { id: "unknown", assurance: "agent" };

/** Refuses to change a run that is taking back what it did. @throws InputError `run_ending` */
export function assertNotTakingBack({ id, state, isTakingBack }: ActiveRun): void {
  if (!isTakingBack && state.compensation === undefined) return;
  throw new InputError("run_ending", `run ${id} is taking back what it did`, { fix: "Wait until it has ended, then do it." });
}

/** Ends a run whose parent has ended, or no longer has it. */
export function cancelOrphan(host: EmbeddedHost, run: ActiveRun): void {
  cancelRun(host, run, "the run it belongs to has ended", { id: "kindling", assurance: "agent" });
}

/** Ends the children of a run, or those that are meant. */
export function cancelUnder(host: EmbeddedHost, parent: string, which: (link: ParentLink) => boolean): void {
  for (const run of host.underInMemory(parent)) {
    const link = run.state.parent;
    if (link !== undefined && which(link) && !isEnded(run.state)) cancelOrphan(host, run);
  }
  for (const head of host.ledger.find({ keys: [keys.under(parent)], open: true })) {
    const link = readNote(head.note)?.parent;
    if (link !== undefined && which(link) && host.inMemory(head.run) === undefined)
      host.background(host.use(head.run, (run) => cancelOrphan(host, run), true));
  }
}
