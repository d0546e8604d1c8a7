// Reads facts of the application as they were recorded, from any ledger: the latest of a key, as of a moment, by what holds since when, page by page. Knows no definitions.

import { setImmediate as nextTurn } from "node:timers/promises";
import { InputError } from "../errors.ts";
import { isSameJson } from "../json.ts";
import type { Ledger, StreamHead } from "../ledger/ledger.ts";
import { type AsOf, momentOf } from "../ledger/moment.ts";
import type { PastFact } from "./cut.ts";
import { factIn, type FactRef, isWhole, type RawFact, refOf } from "./fact.ts";
import { keyNoteOf } from "./key-note.ts";
import { Past } from "./past.ts";
import { badFactId, placeOf, streamOf, type StoreKind } from "./names.ts";

/** Facts read at once while a past is searched. */
const PAGE_FACTS = 64;
const LOOKS_IN_A_TURN = 64;

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
 * Without `validAt` it costs a read, and with `asOf` a few, at worst twice the logarithm of the facts of the key; with `validAt` it reads all facts of the key up to `asOf`.
 * @throws InputError `detail_unavailable` where what would count was given up
 */
export function factOf(asked: Asked, stream: string, { asOf, validAt }: When = {}): Promise<RawFact | undefined> {
  return unlessCut(asked.ledger, stream, async (head) => {
    if (asOf === undefined && validAt === undefined) return factAt(asked.ledger, stream, head.version);
    const past = new Past(asked.ledger, head);
    const last = await lastNumber(asked, past, asOf);
    if (last === 0) return undefined;
    return validAt === undefined ? countingOf(past, last) : heldAt(past, last, validAt);
  });
}

/** Facts of a key in the order of their numbers: those that are kept. @throws InputError `detail_unavailable` where none are of those up to `asOf` */
export async function factsOf(asked: Asked, stream: string, query: FactsQuery): Promise<readonly RawFact[]> {
  const facts = await unlessCut(asked.ledger, stream, async (head) => {
    const past = new Past(asked.ledger, head);
    const last = await lastNumber(asked, past, query.asOf);
    const { to } = await past.gone();
    if (last > 0 && last <= to) throw await past.givenUp(last);
    return pageOf(past, { first: to + 1, last }, query);
  });
  return facts ?? [];
}

/** The fact of a number; undefined for none, and for one that was erased. @throws InputError `detail_unavailable` */
export function factNumbered(ledger: Ledger, stream: string, number: number): Promise<RawFact | undefined> {
  return unlessCut(ledger, stream, (head) => countingOf(new Past(ledger, head), number));
}

/** What is found of an id. */
export type Found =
  | { readonly status: "found"; readonly fact: RawFact }
  /** Its value was given up; of a fact that was taken out in between the rest is known. */
  | { readonly status: "given_up"; readonly receipt: string | undefined; readonly ref: RawFact | undefined; readonly error: InputError }
  | { readonly status: "erased" }
  | { readonly status: "not_found" };

/** Looks for the fact that an id names. @throws InputError `bad_fact_id`, `fact_differs` */
export async function findFact({ ledger }: Pick<Asked, "ledger">, id: string): Promise<Found> {
  const place = placeOf(id);
  if (place === undefined) throw badFactId(id);
  const found = await unlessCut(ledger, streamOf(place.kind, place.store, place.key), async (head): Promise<Found> => {
    const past = new Past(ledger, head);
    const { number } = place;
    if (past.last < number) return { status: "not_found" };
    const gone = await past.gone();
    if (number <= gone.erased) return { status: "erased" };
    if (number <= gone.to)
      return { status: "given_up", receipt: await past.receiptOf(number), ref: undefined, error: await past.givenUp(number) };
    const known = await past.at(number);
    if (known === undefined) return { status: "erased" };
    const { fact, json, receipt } = known;
    if (fact.id === id && receipt !== undefined) return { status: "given_up", receipt, ref: fact, error: await past.givenUp(number) };
    if (fact.id === id && isWhole(fact, json)) return { status: "found", fact };
    throw new InputError("fact_differs", `fact ${number} of ${JSON.stringify(place.key)} in ${place.store} is not what ${id} names`, {
      fix: fact.id === id ? "The ledger was changed: kindling verify." : `There it is ${fact.id}: is it an id of another ledger?`,
      details: { id, found: fact.id },
    });
  });
  return found ?? { status: "not_found" };
}

/** The fact that an id names; undefined for none, and for one that was erased. @throws InputError `bad_fact_id`, `fact_differs`, `detail_unavailable` */
export async function factById(asked: Pick<Asked, "ledger">, id: string): Promise<RawFact | undefined> {
  const found = await findFact(asked, id);
  if (found.status === "given_up") throw found.error;
  return found.status === "found" ? found.fact : undefined;
}

/** The same without the value, also of a fact whose value was given up, as far as the rest of it is known. @throws InputError `bad_fact_id`, `fact_differs` */
export async function factRefById(asked: Pick<Asked, "ledger">, id: string): Promise<FactRef | undefined> {
  const found = await findFact(asked, id);
  const fact = found.status === "found" ? found.fact : found.status === "given_up" ? found.ref : undefined;
  return fact === undefined ? undefined : refOf(fact);
}

/** A fact that was read in the log, if it has not been given up since, nor in the ledger that it comes from. */
export function unlessGivenUp(ledger: Ledger, stream: string, fact: RawFact): RawFact | undefined | Promise<RawFact | undefined> {
  if (fact.act === "written" && fact.value === undefined) return undefined;
  const { cut } = keyNoteOf(ledger.head(stream));
  if (cut === undefined || fact.number > cut.to) return fact;
  return unlessCut(ledger, stream, async (head) => {
    const found = await new Past(ledger, head).at(fact.number);
    return found?.receipt === undefined ? found?.fact : undefined;
  });
}

/** The latest facts of streams, by what their heads say. Of many, everything else in this process has its turn in between. */
export async function latestOf(ledger: Ledger, heads: readonly StreamHead[]): Promise<readonly (RawFact | undefined)[]> {
  const facts: (RawFact | undefined)[] = [];
  for (let from = 0; from < heads.length; from += LOOKS_IN_A_TURN) {
    if (from > 0) await nextTurn();
    facts.push(...(await Promise.all(heads.slice(from, from + LOOKS_IN_A_TURN).map((head) => latestBy(ledger, head)))));
  }
  return facts;
}

async function latestBy(ledger: Ledger, { run, version, position }: StreamHead): Promise<RawFact | undefined> {
  const fact = await factAt(ledger, run, version);
  // Written or cut meanwhile: then the one before may be gone.
  return fact === undefined && ledger.head(run)?.position !== position ? factOf({ ledger, now: 0 }, run) : fact;
}

/** The key in a stream's name. */
export function keyIn(kind: StoreKind, store: string, stream: string): string {
  return stream.slice(streamOf(kind, store, "").length);
}

/** The fact that stands in a commit of its own. */
async function factAt(ledger: Ledger, stream: string, place: number): Promise<RawFact | undefined> {
  const [entry] = await ledger.read(stream, { from: place, limit: 1 });
  return entry?.first === place ? factIn(entry) : undefined;
}

/** What is read of a stream, once more if it was cut meanwhile: what was to be read had gone to another place. */
async function unlessCut<T>(ledger: Ledger, stream: string, work: (head: StreamHead) => Promise<T>): Promise<T | undefined> {
  for (let left = LOOKS_MOST; ; left--) {
    const head = ledger.head(stream);
    if (head === undefined) return undefined;
    const isCut = (): boolean => left > 0 && !isSameJson(ledger.head(stream)?.note["cut"] ?? null, head.note["cut"] ?? null);
    try {
      const found = await work(head);
      if (!isCut()) return found;
    } catch (error) {
      if (!isCut()) throw error;
    }
  }
}

/** A key is cut now and then; one that is cut at every look is not read. */
const LOOKS_MOST = 100;

/** The number of the last fact that was there at a moment; 0 for none. */
async function lastNumber({ ledger, now }: Asked, past: Past, asOf: AsOf | undefined): Promise<number> {
  return asOf === undefined ? past.last : past.lastAt(momentOf(asOf, ledger, now).upTo);
}

/** The fact of a number. */
async function countingOf(past: Past, number: number): Promise<RawFact | undefined> {
  const found = await past.at(number);
  const { to, erased } = await past.gone();
  if (found?.receipt !== undefined || (number <= to && number > erased)) throw await past.givenUp(number);
  return found?.fact;
}

/** Of the facts up to a number the one that held at a time: what holds since later counts, and of the same time what was recorded later. */
async function heldAt(past: Past, last: number, validAt: number): Promise<RawFact | undefined> {
  const gone = await past.gone();
  if (last <= gone.to && last > gone.erased) throw await past.givenUp(last);
  let best: PastFact | undefined;
  for (let to = last; to > gone.to; to -= PAGE_FACTS) {
    for (const each of (await past.slice(Math.max(gone.to + 1, to - PAGE_FACTS + 1), to)).toReversed()) {
      const { validFrom } = each.fact;
      if (validFrom <= validAt && validFrom > (best?.fact.validFrom ?? Number.NEGATIVE_INFINITY)) best = each;
    }
  }
  const [earliest, latest] = gone.validFrom ?? (gone.to > gone.erased ? ANY_TIME : NO_TIME);
  // One of those that are gone may have held since later.
  if (validAt >= earliest && (best?.fact.validFrom ?? Number.NEGATIVE_INFINITY) < latest) throw await past.givenUp(gone.to);
  if (best?.receipt !== undefined) throw await past.givenUp(best.fact.number);
  return best?.fact;
}

/** When those held that are gone, where nobody knows it; and where there are none. */
const ANY_TIME = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
const NO_TIME = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const;

/** Facts of a page. Those whose values were given up are passed over. */
async function pageOf(
  past: Past,
  { first, last }: { readonly first: number; readonly last: number },
  { newestFirst, limit, after }: FactsQuery,
): Promise<readonly RawFact[]> {
  const facts: RawFact[] = [];
  let [low, high] = newestFirst ? [first, Math.min(last, (after ?? last + 1) - 1)] : [Math.max(first, (after ?? 0) + 1), last];
  while (low <= high && facts.length < limit) {
    const [from, to] = newestFirst ? [Math.max(low, high - limit + 1), high] : [low, Math.min(high, low + limit - 1)];
    const found = (await past.slice(from, to)).flatMap(({ fact, receipt }) => (receipt === undefined ? fact : []));
    facts.push(...(newestFirst ? found.toReversed() : found));
    if (newestFirst) high = from - 1;
    else low = to + 1;
  }
  return facts.slice(0, limit);
}
