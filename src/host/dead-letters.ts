// Effects that failed for good, found by the heads of their runs; and events of histories that nothing could be made of.

import type { Ledger } from "../ledger/ledger.ts";
import { keys, readNote } from "../run/head.ts";
import { joinPath } from "../run/path.ts";
import type { DeadLetter } from "./client.ts";
import { eachHead } from "./each-head.ts";
import { refusedEvents } from "./feed-mark.ts";

/** All of them, or those of one contract: effects, oldest run first, then events, oldest first. */
export async function deadLetters(ledger: Ledger, { contract }: { readonly contract?: string }): Promise<readonly DeadLetter[]> {
  const events = (await refusedEvents(ledger, contract)).map(
    ({ what, event, contract: of, code, message, at }): DeadLetter => ({
      what,
      run: "",
      path: "",
      contract: of,
      error: { code, message },
      attempts: 1,
      since: at,
      event,
    }),
  );
  return [...deadEffects(ledger, contract), ...events];
}

function deadEffects(ledger: Ledger, contract: string | undefined): readonly DeadLetter[] {
  return [...eachHead(ledger, { keys: [keys.dead] })].flatMap((head) => {
    const note = readNote(head.note);
    const root = note === undefined ? undefined : ledger.head(note.root);
    const name = (root === undefined ? undefined : readNote(root.note)?.contract) ?? note?.contract ?? "";
    if (note === undefined || (contract !== undefined && contract !== name)) return [];
    return (note.dead ?? []).map(({ what, node, code, message, attempts, since }) => ({
      what,
      run: note.root,
      path: joinPath(note.path, node),
      contract: name,
      error: { code, message },
      attempts,
      since,
    }));
  });
}
