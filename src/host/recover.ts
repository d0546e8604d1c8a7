// What a new host does first: it goes on with runs that were running, and keeps the deadlines of those that wait. Waiting runs stay in the ledger.

import { RunError } from "../errors.ts";
import { readNote } from "../run/head.ts";
import { cancelOrphan } from "./cancel.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { takeMail } from "./start.ts";

/** Resumes what is open and has something to do; runs of contracts that this process does not have are left to those that do. */
export async function recover(host: EmbeddedHost): Promise<void> {
  const open = host.ledger.find({ keys: [], open: true });
  const openUnder = new Map<string, number>();
  for (const head of open) {
    const parent = readNote(head.note)?.parent?.run;
    if (parent !== undefined) openUnder.set(parent, (openUnder.get(parent) ?? 0) + 1);
  }
  const resumed: Promise<void>[] = [];
  for (const head of open) {
    const note = readNote(head.note);
    if (note === undefined || host.plans.of(host.ledger, head.run) === undefined) continue;
    // The process died between the end of a run and that of its children.
    if (note.parent !== undefined && host.ledger.head(note.parent.run)?.open === false) {
      host.background(host.use(head.run, (run) => cancelOrphan(host, run), true));
      continue;
    }
    for (const { node, at } of note.timers ?? []) host.timer(head.run, node, at);
    // A child that ended before its parent could note it, or one that is no longer there and was not stopped yet: the parent has work.
    const owesChildren = (note.openChildren ?? 0) !== (openUnder.get(head.run) ?? 0);
    // A run that has ended and is open still: something follows on its end.
    const isEnding = note.status !== "running" && note.status !== "waiting";
    if (note.status === "running" || isEnding || owesChildren) resumed.push(goOn(host, head.run, note.root));
  }
  await Promise.all(resumed);
  for (const head of open) {
    const note = readNote(head.note);
    const plan = note?.parent === undefined ? host.plans.of(host.ledger, head.run) : undefined;
    // The process died between the start of a run and the look into its mailbox.
    if (plan?.graph.early !== undefined && note !== undefined) host.background(takeMail(host, head.run, plan, note.correlation));
  }
}

async function goOn(host: EmbeddedHost, id: string, root: string): Promise<void> {
  try {
    await host.use(id, () => {});
  } catch (error) {
    // A changed contract or a missing key stops this run and no other; it stays as it is for a process that can carry it on.
    if (!(error instanceof RunError)) throw error;
    host.strand(root, error);
  }
}
