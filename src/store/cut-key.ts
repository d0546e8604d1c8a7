// Cuts the past of one key: reads what of it stays, while nobody writes it, and puts that in its place. Knows no policy: which facts go is said.

import type { Ledger } from "../ledger/ledger.ts";
import { cutCommits, KEPT_LIMIT_BYTES, type PastFact, sizeOf, withGone, withoutValue } from "./cut.ts";
import { cutNotes } from "./effects.ts";
import type { FactWriter } from "./fact-writer.ts";
import { holdsOf } from "./hold.ts";
import { notesStream } from "./names.ts";
import { Past } from "./past.ts";

/** Who can cut. */
export interface Cutting {
  readonly ledger: Ledger;
  readonly writer: FactWriter;
}

/** Which facts of a key go. The latest one stays, whatever is said. */
export interface Going {
  /** All up to this number. */
  readonly upTo: number;
  /** The values of those with these numbers. */
  readonly numbers: ReadonlySet<number>;
  /** Whose own details they are: it holds them no longer. */
  readonly boundary?: string | null;
}

const PAGE_FACTS = 256;

/** Gives up facts of a key, and gives how many went: none where they have gone already. `too_large` where what stays is more than can be written again at once. */
export function cutKey({ ledger, writer }: Cutting, stream: string, going: Going, receipt: string): Promise<number | "too_large"> {
  return writer.alone([stream, notesStream(stream)], async () => {
    const head = ledger.head(stream);
    if (head === undefined) return 0;
    const past = new Past(ledger, head);
    const before = await past.gone();
    // A boundary may have been closed since it was planned.
    const holds = holdsOf(ledger, stream, going.boundary ?? undefined);
    const end = Math.min(going.upTo, past.last - 1, holds.lowest - 1);
    let gone = before;
    let went = 0;
    for (let from = before.to + 1; from <= end; from += PAGE_FACTS) {
      const to = Math.min(end, from + PAGE_FACTS - 1);
      const facts = new Map((await past.slice(from, to)).map((fact) => [fact.fact.number, fact]));
      gone = withGone(
        gone,
        Array.from({ length: to - from + 1 }, (_, index) => facts.get(from + index)),
        receipt,
      );
      went += [...facts.values()].filter(isWhole).length;
    }
    const kept: PastFact[] = [];
    let bytes = 0;
    for (let from = gone.to + 1; from <= past.last; from += PAGE_FACTS) {
      const page = (await past.slice(from, Math.min(past.last, from + PAGE_FACTS - 1))).map((each) => {
        const { number } = each.fact;
        if (number === past.last || !going.numbers.has(number) || holds.has(number) || !isWhole(each)) return each;
        went += 1;
        return withoutValue(each, receipt);
      });
      kept.push(...page);
      bytes += sizeOf(page);
      if (bytes > KEPT_LIMIT_BYTES) return "too_large";
    }
    const notes = gone.to > before.to ? await cutNotes(ledger, stream, gone.to) : [];
    if (went > 0 || gone.to > before.to) await ledger.append([...cutCommits(head, gone, kept), ...notes]);
    return went;
  });
}

function isWhole({ receipt }: PastFact): boolean {
  return receipt === undefined;
}
