// What is noted of a key, or of a run, by those that named one of its facts as a cause.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Ledger } from "../ledger/ledger.ts";
import { effectsStream } from "./names.ts";

/** Commits of notes read before everything else in this process has its turn: each may hold a thousand. */
const PAGE_NOTES = 32;

const EFFECTS = effectsStream("");

/** Which facts rest on any fact of a key or of a run, as often as it was said. @param subject a stream */
export async function* effectNotes(
  ledger: Ledger,
  subject: string,
): AsyncGenerator<{ readonly cause: string; readonly effect: string }, void> {
  // Its name is made of the cause: that of any fact of a key, or of a run, is the same.
  const stream = `${EFFECTS}${subject}`;
  const size = ledger.head(stream)?.version ?? 0;
  for (let from = 1; from <= size; ) {
    const entries = await ledger.read(stream, { from, limit: PAGE_NOTES });
    for (const { cause, effect } of entries.flatMap(({ facts }) => facts))
      if (typeof cause === "string" && typeof effect === "string") yield { cause, effect };
    const last = entries.at(-1);
    if (last === undefined) return;
    from = last.first + last.facts.length;
    if (from <= size) await nextTurn();
  }
}
