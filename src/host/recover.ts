// What a new host does first: it goes on with what was at work. What waits stays in the ledger, which is asked only for runs that have something to do,
// so that a million waiting ones delay nobody.

import { keys, readNote } from "../run/head.ts";
import { correlationKeys } from "./parcel.ts";
import { eachPage } from "./each-head.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { lookAtFamilies } from "./families.ts";
import { resumeRun } from "./resume-run.ts";
import { takeMail } from "./start.ts";

/** Runs that one kept event is offered to, the oldest first. */
const OFFERED_LIMIT = 16;

/** Resumes what was running or has ended with something following; runs of contracts that this process does not have are left to those that do. */
export async function recover(host: EmbeddedHost): Promise<void> {
  await host.erasures.complete();
  await host.compactions.complete();
  await host.facts.complete();
  for (const key of [keys.status("running"), keys.follows]) {
    // No more than were in memory when the last process ended: these hold up the opening, nothing else does.
    for (const page of eachPage(host.ledger, { keys: [key], open: true })) await Promise.all(page.map((head) => resumeRun(host, head)));
  }
  host.background(lookAtFamilies(host));
  host.background(offerMail(host));
}

/** The last process died between the start of a run and the look into its mailbox: the letters find the run, so that no run need be asked. */
async function offerMail(host: EmbeddedHost): Promise<void> {
  for (const plan of host.plans.all()) {
    for (const { correlation } of await host.mailbox.letters(plan)) {
      const wanted = [keys.root, keys.contract(plan.name), ...correlationKeys({ correlation })];
      for (const { run, note } of host.ledger.find({ keys: wanted, open: true, limit: OFFERED_LIMIT })) {
        const own = host.plans.of(host.ledger, run);
        if (own !== undefined) await takeMail(host, run, own, readNote(note)?.correlation ?? {});
      }
    }
  }
}
