// Going on with a run that another process left: it is brought back and does what is due, or ends when its parent has.

import { RunError } from "../errors.ts";
import type { StreamHead } from "../ledger/ledger.ts";
import type { ParentLink } from "../run/fact.ts";
import { readNote, type RunNote } from "../run/head.ts";
import { cancelOrphan } from "./cancel.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { noteOf } from "./plans.ts";

/** Goes on with a run. A changed contract or a missing key stops this run and no other; it stays as it is for a process that can carry it on. */
export async function resumeRun(host: EmbeddedHost, { run, note }: Pick<StreamHead, "run" | "note">): Promise<void> {
  const known = readNote(note);
  if (known === undefined || host.plans.of(host.ledger, run) === undefined) return;
  try {
    if (!(await endIfOrphan(host, run, known.parent))) await host.use(run, () => {});
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    host.strand(known.root, error);
  }
}

/** Ends a child whose parent has ended. False when its parent goes on, or is in memory: then it sees to its children itself. */
async function endIfOrphan(host: EmbeddedHost, child: string, link: ParentLink | undefined): Promise<boolean> {
  const isOrphan = () => link !== undefined && host.inMemory(link.run) === undefined && isOver(noteOf(host.ledger, link.run));
  if (!isOrphan()) return false;
  await host.use(
    child,
    (run) => {
      // Its parent may have gone on while this one was loaded, and want it again.
      if (isOrphan()) cancelOrphan(host, run);
    },
    true,
  );
  return true;
}

/**
 * Ends a run whose parent, or any above it, has ended: the last process died before it had told them all. False when all above go on, or are in memory and see to it themselves.
 * @param link of the run
 */
export async function endWithThoseAbove(host: EmbeddedHost, run: string, link: ParentLink | undefined): Promise<boolean> {
  for (let [child, above] = [run, link]; above !== undefined; [child, above] = [above.run, noteOf(host.ledger, above.run)?.parent])
    if (await endIfOrphan(host, child, above)) return true;
  return false;
}

/** True for a run that has ended, whatever may still follow on that. */
export function isOver(note: RunNote | undefined): boolean {
  return note !== undefined && note.status !== "running" && note.status !== "waiting";
}
