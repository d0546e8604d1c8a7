// Whether the part of a log that is gone held something that a derived store had not taken in. Where it did not, nothing needs to be made anew of what is left.

import type { Ledger } from "../ledger/ledger.ts";
import type { Derived } from "./derive.ts";
import { factsOf } from "./fact-reader.ts";
import { headsOf } from "./heads.ts";
import { headKeys } from "./names.ts";

const PAGE = 64;

/** True when a fact of a source may have been recorded behind a position, and before the oldest one of the log. Costs a look at every key of the sources, and reads those that were written since. */
export async function isAnythingMissed(ledger: Ledger, { rule }: Pick<Derived<unknown>, "rule">, upTo: number): Promise<boolean> {
  for (const { kind, name } of rule.sources.values())
    for (const { run: stream, position } of headsOf(ledger, headKeys.all(kind, name)))
      if (position > upTo && (await isMissed(ledger, stream, upTo))) return true;
  return false;
}

/** Goes back from the latest fact of a key: all that the log does not tell of must have been there before. */
async function isMissed(ledger: Ledger, stream: string, upTo: number): Promise<boolean> {
  for (let after: number | undefined; ; ) {
    const facts = await factsOf({ ledger, now: 0 }, stream, { newestFirst: true, limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { number, position } of facts) {
      // Of one in between only a receipt is left: nobody knows any more when it was recorded.
      if (after !== undefined && number !== after - 1) return true;
      if (position <= upTo) return false;
      if (position < ledger.oldest) return true;
      after = number;
    }
    if (facts.length < PAGE) return after !== undefined && after > 1;
  }
}
