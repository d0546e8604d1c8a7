// Parents and children between which the last process died: one had ended, and the other had not heard of it. No head alone tells that, since each tells only
// of its own run. So a new host compares them, once, a page at a time behind everything else; nobody waits for it.

import { setImmediate as nextTurn } from "node:timers/promises";
import { keys, readNote } from "../run/head.ts";
import { eachPage, hasHead } from "./each-head.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { noteOf } from "./plans.ts";
import { isOver, resumeRun } from "./resume-run.ts";

/** Ends children whose parents have ended, and wakes parents whose children have. */
export async function lookAtFamilies(host: EmbeddedHost): Promise<void> {
  // Parents all of whose children have ended; the others are found by their children.
  for await (const head of oneByOne(host, keys.parent)) {
    if (host.inMemory(head.run) === undefined && !hasOpenChild(host, head.run)) await resumeRun(host, head);
  }
  for await (const { run, note } of oneByOne(host, keys.child)) {
    const parent = readNote(note)?.parent?.run;
    // What stands in memory is looked after.
    if (parent === undefined || host.inMemory(parent) !== undefined) continue;
    const above = host.ledger.head(parent);
    if (above === undefined) continue;
    if (isOver(readNote(above.note))) await resumeRun(host, { run, note });
    else if (isFirst(host, parent, run) && (await owesChildren(host, parent))) await resumeRun(host, above);
  }
}

async function* oneByOne(host: EmbeddedHost, key: string) {
  for (const page of eachPage(host.ledger, { keys: [key], open: true })) {
    await nextTurn();
    for (const head of page) {
      if (!host.isOpen) return;
      yield head;
    }
  }
}

function hasOpenChild(host: EmbeddedHost, parent: string): boolean {
  return hasHead(host.ledger, { keys: [keys.under(parent)], open: true });
}

/** Of a parent's open children, one speaks for it. */
function isFirst(host: EmbeddedHost, parent: string, child: string): boolean {
  const [first] = host.ledger.find({ keys: [keys.under(parent)], open: true, limit: 1 });
  return first?.run === child;
}

/** It knows of other children than there are: one has ended that it has not noted, or one is no longer there and was not stopped yet. */
async function owesChildren(host: EmbeddedHost, parent: string): Promise<boolean> {
  let open = 0;
  for (const page of eachPage(host.ledger, { keys: [keys.under(parent)], open: true })) {
    open += page.length;
    await nextTurn();
  }
  return (noteOf(host.ledger, parent)?.openChildren ?? 0) !== open;
}
