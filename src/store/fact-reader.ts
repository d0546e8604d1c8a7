// Reads facts of the application as they were recorded, from any ledger: the latest of a key, as of a moment, by what holds since when, page by page. Knows no definitions.

import { InputError } from "../errors.ts";
import type { Entry, Ledger, StreamHead } from "../ledger/ledger.ts";
import { type AsOf, momentOf } from "../ledger/moment.ts";
import { factIn, isWhole, type RawFact } from "./fact.ts";
import { placeOf, shortly, streamOf, type StoreKind } from "./names.ts";

/** Facts read at once while a past of unknown length is searched. */
const PAGE_FACTS = 64;

/** Which moment is asked about. */
export interface When {
  /** What was recorded up to then; up to now when left out. */
  readonly asOf?: AsOf;
  /** Of that, what held in the world at this time (milliseconds since 1970); what was recorded last when left out. */
  readonly validAt?: number;
}

/** Which facts of a key. */
export interface FactsQuery {
  readonly asOf?: AsOf;
  readonly newestFirst: boolean;
  readonly limit: number;
  /** Behind the fact of this number, in the order asked for. */
  readonly after?: number;
}

/** A ledger at the moment of a question. */
export interface Asked {
  readonly ledger: Ledger;
  readonly now: number;
}

/**
 * The fact that counts for a key: a removal, too. Undefined where there was none.
 * Without `validAt` it costs a read, and with `asOf` as many as the logarithm of the facts of the key; with `validAt` it reads all facts of the key up to `asOf`.
 */
export async function factOf(asked: Asked, stream: string, { asOf, validAt }: When = {}): Promise<RawFact | undefined> {
  const head = asked.ledger.head(stream);
  if (head === undefined) return undefined;
  const last = await lastNumber(asked, head, asOf);
  if (validAt === undefined) return last === 0 ? undefined : factAt(asked.ledger, stream, last);
  let best: RawFact | undefined;
  for (let to = last; to > 0; to -= PAGE_FACTS) {
    const from = Math.max(1, to - PAGE_FACTS + 1);
    const entries = await asked.ledger.read(stream, { from, limit: to - from + 1 });
    for (const entry of entries.toReversed()) {
      const fact = factIn(entry);
      // What holds since later counts; of the same time, what was recorded later.
      if (fact !== undefined && fact.validFrom <= validAt && fact.validFrom > (best?.validFrom ?? Number.NEGATIVE_INFINITY)) best = fact;
    }
  }
  return best;
}

/** Facts of a key in the order of their numbers. */
export async function factsOf(asked: Asked, stream: string, { asOf, newestFirst, limit, after }: FactsQuery): Promise<readonly RawFact[]> {
  const head = asked.ledger.head(stream);
  if (head === undefined) return [];
  const last = await lastNumber(asked, head, asOf);
  const to = newestFirst ? Math.min(last, (after ?? last + 1) - 1) : Math.min(last, (after ?? 0) + limit);
  const from = newestFirst ? Math.max(1, to - limit + 1) : (after ?? 0) + 1;
  if (from > to) return [];
  const entries = await asked.ledger.read(stream, { from, limit: to - from + 1 });
  const facts = entries.flatMap((entry) => factIn(entry) ?? []);
  return newestFirst ? facts.toReversed() : facts;
}

/** The fact that an id names; undefined for none, and for one that was erased. @throws InputError `bad_fact_id`, `fact_differs` */
export async function factById({ ledger }: Pick<Asked, "ledger">, id: string): Promise<RawFact | undefined> {
  const place = placeOf(id);
  if (place === undefined)
    throw new InputError("bad_fact_id", `${shortly(id)} is no id of a fact of the application`, {
      fix: "Give the id of a receipt or of a fact that was read: store:NAME:KEY@NUMBER#DIGITS.",
    });
  const stream = streamOf(place.kind, place.store, place.key);
  if ((ledger.head(stream)?.version ?? 0) < place.number) return undefined;
  const [entry] = await ledger.read(stream, { from: place.number, limit: 1 });
  const fact = entry === undefined ? undefined : factIn(entry);
  if (fact === undefined || entry === undefined) return undefined;
  const [recorded] = entry.facts;
  if (fact.id === id && recorded !== undefined && isWhole(fact, recorded)) return fact;
  throw new InputError("fact_differs", `fact ${place.number} of ${JSON.stringify(place.key)} in ${place.store} is not what ${id} names`, {
    fix: fact.id === id ? "The ledger was changed: kindling verify." : `There it is ${fact.id}: is it an id of another ledger?`,
    details: { id, found: fact.id },
  });
}

/** The latest facts of streams, by what their heads say. */
export function latestOf(ledger: Ledger, heads: readonly StreamHead[]): Promise<readonly (RawFact | undefined)[]> {
  return Promise.all(heads.map(({ run, version }) => factAt(ledger, run, version)));
}

/** The key in a stream's name. */
export function keyIn(kind: StoreKind, store: string, stream: string): string {
  return stream.slice(streamOf(kind, store, "").length);
}

async function factAt(ledger: Ledger, stream: string, number: number): Promise<RawFact | undefined> {
  const [entry] = await ledger.read(stream, { from: number, limit: 1 });
  return entry === undefined ? undefined : factIn(entry);
}

/** The number of the last fact of a stream that was there at a moment; 0 for none. Times and positions grow with the numbers, so half of them fall away with each look. */
async function lastNumber({ ledger, now }: Asked, head: StreamHead, asOf: AsOf | undefined): Promise<number> {
  if (asOf === undefined) return head.version;
  const isThen = momentOf(asOf, { position: ledger.position, now });
  if (isThen(head)) return head.version;
  if (!isThen({ position: head.started, time: head.startedAt })) return 0;
  let [there, not] = [1, head.version];
  while (there + 1 < not) {
    const middle = Math.floor((there + not) / 2);
    const [entry]: readonly (Entry | undefined)[] = await ledger.read(head.run, { from: middle, limit: 1 });
    if (entry !== undefined && isThen(entry)) there = middle;
    else not = middle;
  }
  return there;
}
