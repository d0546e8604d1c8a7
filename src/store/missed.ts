// Facts of the sources of a derived store that it had not taken in when the part of the log that told of them went. Most of them are kept, and told by their keys.

import type { Ledger } from "../ledger/ledger.ts";
import type { Derived } from "./derive.ts";
import { factsOf } from "./fact-reader.ts";
import { headsInTurns } from "./heads.ts";
import { headKeys } from "./names.ts";

const PAGE = 64;

/** Where a fact stands. */
export interface MissedFact {
  readonly stream: string;
  readonly number: number;
  readonly position: number;
}

/**
 * Those that were recorded behind a position and before the oldest one of the log, in the order of the log; undefined where some may be gone. Costs a look at every key of the sources, and
 * reads those that were written since.
 */
export async function missedFacts(
  ledger: Ledger,
  { rule }: Pick<Derived<unknown>, "rule">,
  upTo: number,
): Promise<readonly MissedFact[] | undefined> {
  // Where it begins may move meanwhile: what went then is told by a later look, together with what stands before it.
  const { oldest } = ledger;
  const missed = new Map<string, readonly MissedFact[]>();
  for (const { kind, name } of rule.sources.values())
    for await (const { run: stream, position } of headsInTurns(ledger, headKeys.all(kind, name))) {
      if (position <= upTo || missed.has(stream)) continue;
      const found = await missedOf(ledger, stream, { upTo, oldest });
      if (found === undefined) return undefined;
      missed.set(stream, found);
    }
  return [...missed.values()].flat().sort((one, other) => one.position - other.position);
}

/** Goes back from the latest fact of a key: all that the log does not tell of must have been there before. */
async function missedOf(
  ledger: Ledger,
  stream: string,
  { upTo, oldest }: { readonly upTo: number; readonly oldest: number },
): Promise<readonly MissedFact[] | undefined> {
  const found: MissedFact[] = [];
  for (let after: number | undefined; ; ) {
    const facts = await factsOf({ ledger, now: 0 }, stream, { newestFirst: true, limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { number, position } of facts) {
      // Of one in between only a receipt is left: nobody knows any more when it was recorded.
      if (after !== undefined && number !== after - 1) return undefined;
      if (position <= upTo) return found;
      if (position < oldest) found.push({ stream, number, position });
      after = number;
    }
    if (facts.length < PAGE) return after !== undefined && after > 1 ? undefined : found;
  }
}
