// Ending runs as cancelled: at once, or after what must end has ended and what was done is taken back.

import { InputError, RunError } from "../errors.ts";
import { isAction } from "../run/decide.ts";
import { hasChildrenToAsk, hasToTakeBack } from "../run/decide-end.ts";
import type { Actor, ParentLink } from "../run/fact.ts";
import { keys, readNote } from "../run/head.ts";
import { childrenIn } from "../run/node-state.ts";
import { isEnded, nodeNamed, stateOf, type RunState } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";
import { eachHead } from "./each-head.ts";
import type { EmbeddedHost } from "./embedded.ts";
import type { CancelOrder } from "./host.ts";
import { knownNote } from "./known-run.ts";

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
    cancelUnder(host, run, () => true);
  }
  run.advance();
}

/** Cancels the run that somebody names; resolves when it is durable that it ends. */
export async function cancelByOrder(
  host: EmbeddedHost,
  { run: id, reason = "cancelled by request", actor = UNKNOWN }: CancelOrder,
): Promise<null> {
  if (host.inMemory(id) === undefined) knownNote(host.ledger, id);
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
  cancelRun(host, run, "the run it belongs to has ended", KINDLING);
}

/** True for a run that had something to end or to take back before it ended as an orphan: its parent may want it again by then. */
export function endedLateAsOrphan({ status, cancelling }: RunState): boolean {
  return status === "cancelled" && cancelling?.actor.id === KINDLING.id;
}

const KINDLING: Actor = { id: "kindling", assurance: "agent" };

/** Runs that are brought back side by side to be ended: a hundred thousand that wait are not all in memory at once. */
const AT_ONCE = 256;

/** Ends the children of a run that are meant: those of a run that ends, or some that are no longer wanted. */
export function cancelUnder(host: EmbeddedHost, parent: ActiveRun, which: (link: ParentLink) => boolean): void {
  for (const run of host.underInMemory(parent.id)) {
    const link = run.state.parent;
    if (link !== undefined && which(link) && !isEnded(run.state)) cancelOrphan(host, run);
  }
  const others: Other[] = [];
  for (const { run, note } of eachHead(host.ledger, { keys: [keys.under(parent.id)], open: true })) {
    const link = readNote(note)?.parent;
    if (link !== undefined && which(link) && host.inMemory(run) === undefined) others.push({ run, link });
  }
  if (others.length > 0) host.background(cancelOthers(host, parent, others));
}

interface Other {
  readonly run: string;
  readonly link: ParentLink;
}

async function cancelOthers(host: EmbeddedHost, parent: ActiveRun, others: readonly Other[]): Promise<void> {
  // It stays, so that it can be asked.
  parent.hold();
  for (let place = 0; place < others.length; place += AT_ONCE) {
    // Those behind the first ones may be wanted again by now, and each of them while it is brought back.
    const some = others.slice(place, place + AT_ONCE).filter(({ link }) => place === 0 || isUnwanted(parent.state, link));
    const ended = some.map(({ run, link }) =>
      host.use(
        run,
        (child) => {
          if (isUnwanted(parent.state, link)) cancelOrphan(host, child);
        },
        true,
      ),
    );
    for (const each of ended) host.background(each);
    await Promise.allSettled(ended);
  }
  parent.release();
  host.cleaned(parent.id);
}

/** True for a child that its parent does not go on with: it ends, or knows how that child ended, or no longer has it. */
export function isUnwanted(parent: RunState, { node: name, key }: Pick<ParentLink, "node" | "key">): boolean {
  if (isEnded(parent) || parent.cancelling !== undefined) return true;
  const now = stateOf(parent, nodeNamed(parent, name));
  const children = childrenIn(now);
  return now.status === "failed" || children?.dropped.has(key) === true || children?.settled.has(key) === true;
}
