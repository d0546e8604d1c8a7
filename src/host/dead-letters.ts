// Effects that failed for good, found by the heads of their runs.

import type { Ledger } from "../ledger/ledger.ts";
import { keys, readNote } from "../run/head.ts";
import { joinPath } from "../run/path.ts";
import type { DeadLetter } from "./client.ts";
import { eachHead } from "./each-head.ts";

/** All of them, or those of the runs of one contract; oldest run first. */
export function deadLetters(ledger: Ledger, { contract }: { readonly contract?: string }): readonly DeadLetter[] {
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
