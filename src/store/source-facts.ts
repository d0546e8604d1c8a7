// What stands in the sources of a derived store at a position: the latest value of every key, every event; of each source in the order in which it was recorded, as whoever followed the log
// took it in. What is held in memory meanwhile is where each key stands, and some events of each part.

import { bisect } from "../ledger/bisect.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Derived } from "./derive.ts";
import type { RawFact } from "./fact.ts";
import { type Asked, factOf, factsOf } from "./fact-reader.ts";
import { headsInTurns } from "./heads.ts";
import { inTurns } from "./in-turns.ts";
import { keyNoteOf } from "./key-note.ts";
import { headKeys } from "./names.ts";

/** A fact of a source, and as what the rule knows that. */
export interface SourceFact {
  readonly source: string;
  readonly fact: RawFact;
}

/** Facts of one part read at once, and of all parts that are read: each has some in any case. */
const PAGE_MOST = 256;
const PAGE_LEAST = 16;
const PAGES_FACTS = 65_536;

export async function* sourceFacts(ledger: Ledger, { rule }: Derived<unknown>, upTo: number): AsyncGenerator<SourceFact, void> {
  if (upTo === 0) return;
  for (const [source, { kind, name }] of rule.sources) {
    const facts = kind === "store" ? latestIn(ledger, name, upTo) : eventsIn(ledger, name, upTo);
    for await (const fact of inTurns(facts)) yield { source, fact };
  }
}

async function* latestIn(ledger: Ledger, store: string, upTo: number): AsyncGenerator<RawFact, void> {
  const [asked, asOf] = [askedOf(ledger), { position: upTo }];
  const places: { readonly stream: string; readonly position: number }[] = [];
  for await (const head of headsInTurns(ledger, headKeys.all("store", store))) {
    const stream = head.run;
    // Of a cut past the latest fact was written again, and is older than that.
    const isPlain = head.position <= upTo && keyNoteOf(head).cut === undefined;
    const position = isPlain ? head.position : (await factOf(asked, stream, { asOf }))?.position;
    if (position !== undefined) places.push({ stream, position });
  }
  places.sort((one, other) => one.position - other.position);
  for (const { stream } of places) {
    const fact = await factOf(asked, stream, { asOf });
    if (fact !== undefined) yield fact;
  }
}

/** A part that is being read. */
interface OpenPart {
  readonly stream: string;
  /** Those that come next, the first of them at the end. */
  readonly facts: RawFact[];
}

async function* eventsIn(ledger: Ledger, history: string, upTo: number): AsyncGenerator<RawFact, void> {
  const [asked, asOf] = [askedOf(ledger), { position: upTo }];
  // The one with the next event at the end.
  const open: OpenPart[] = [];
  const nextOf = (part: OpenPart | undefined): number => part?.facts.at(-1)?.position ?? Number.POSITIVE_INFINITY;
  const goOn = async (stream: string, after: number): Promise<void> => {
    const limit = Math.max(PAGE_LEAST, Math.min(PAGE_MOST, Math.floor(PAGES_FACTS / (open.length + 1))));
    const facts = await factsOf(asked, stream, { asOf, newestFirst: false, limit, after });
    put({ stream, facts: facts.toReversed() });
  };
  const put = (part: OpenPart): void => {
    if (part.facts.length > 0)
      open.splice(
        bisect(open.length, (index) => nextOf(open[index]) < nextOf(part)),
        0,
        part,
      );
  };
  const heads = headsInTurns(ledger, headKeys.all("history", history));
  for (let head = await heads.next(); ; ) {
    // Parts are told in the order in which they began.
    for (; head.done !== true && head.value.started < nextOf(open.at(-1)); head = await heads.next()) await goOn(head.value.run, 0);
    const part = open.pop();
    const fact = part?.facts.pop();
    if (part === undefined || fact === undefined) return;
    yield fact;
    if (part.facts.length > 0) put(part);
    else await goOn(part.stream, fact.number);
  }
}

/** Positions are asked for, and no times. */
function askedOf(ledger: Ledger): Asked {
  return { ledger, now: 0 };
}
