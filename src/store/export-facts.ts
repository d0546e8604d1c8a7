// Writes facts of a ledger out for another one: in the order of the log, from a position on. What was given up or erased is exported as what is left of it.

import { InputError } from "../errors.ts";
import { assertWithin } from "../ledger/cursor.ts";
import type { Entry, Ledger, StreamHead } from "../ledger/ledger.ts";
import type { JsonObject } from "../json.ts";
import type { PastFact } from "./cut.ts";
import type { ExportedFact, ExportRecord } from "./exported-fact.ts";
import { factIn, factOfJson, type FactOrigin, isWrittenAgain, type RawFact } from "./fact.ts";
import { assertList, assertOptions, whatIs } from "../graph/given.ts";
import { headsOf } from "./heads.ts";
import { keyNoteOf } from "./key-note.ts";
import { headKeys } from "./names.ts";
import { Past } from "./past.ts";
import type { FoundBy } from "./ranks.ts";
import { storeNamesOf } from "./summary.ts";

/** Which facts. */
export interface ExportFactsQuery {
  /** Those recorded behind this position; all when left out, or 0. */
  readonly after?: number;
  /** Of stores and histories of these names; of all when left out. */
  readonly stores?: readonly string[];
  readonly signal?: AbortSignal;
}

const FACTS_AT_ONCE = 64;

const TOO_OLD_CURE =
  "Export all of it, without `after`: what is kept of older facts comes first. A key that lost facts meanwhile which were not taken cannot be gone on with.";

/** The records. @throws InputError `bad_options`, `bad_position`; LedgerError `cursor_too_old`, `cursor_ahead` */
export async function* exportFacts(ledger: Ledger, query: ExportFactsQuery): AsyncGenerator<ExportRecord> {
  assertOptions("exportFacts", query);
  const { stores, signal } = query;
  // Who has taken nothing yet asks behind 0: for all of it, whatever the log begins with.
  const after = query.after === 0 ? undefined : query.after;
  assertList("exportFacts: stores", stores);
  if (after !== undefined && !Number.isInteger(after))
    throw new InputError("bad_position", `exportFacts: after is ${whatIs(after)}`, {
      fix: "Give a whole number: next of the import before.",
    });
  if (after !== undefined) assertWithin(after, { oldest: ledger.oldest, newest: ledger.position }, "what was asked for", TOO_OLD_CURE);
  const wanted = stores === undefined ? undefined : new Set(stores);
  yield {
    kindling: "facts",
    format: 1,
    ledger: ledger.id,
    after: after ?? null,
    stores: stores === undefined ? null : [...(wanted ?? [])].sort(),
  };
  let facts = 0;
  let next = after ?? ledger.oldest - 1;
  const [before, behind] = [
    after === undefined ? olderFacts(ledger, wanted) : [],
    ledger.changes({ after: next, ...(signal === undefined ? {} : { signal }) }),
  ];
  for await (const record of before) {
    signal?.throwIfAborted();
    facts += 1;
    yield record;
  }
  for await (const entry of behind) {
    const record = await recordOf(ledger, entry, wanted);
    next = entry.position;
    if (record === undefined) continue;
    facts += 1;
    yield record;
  }
  signal?.throwIfAborted();
  yield { next, facts };
}

/** The record of a commit, if it is one of a fact, and that was not exported where it stood first. */
async function recordOf(ledger: Ledger, entry: Entry, wanted: ReadonlySet<string> | undefined): Promise<ExportedFact | undefined> {
  const [json] = entry.facts;
  const fact = factIn(entry);
  if (fact === undefined || json === undefined || wanted?.has(fact.store) === false || isWrittenAgain(entry)) return undefined;
  const left = await leftOf(ledger, entry.run, json, fact);
  if (left === undefined) return undefined;
  const found = foundBy(entry);
  return { ...left, origin: originOf(ledger, json, entry), ...(found === undefined ? {} : { found }), cursor: entry.position };
}

/** What is left of a fact that stands in the log; undefined when it was erased. */
async function leftOf(
  ledger: Ledger,
  stream: string,
  json: JsonObject,
  read: RawFact,
): Promise<Pick<ExportedFact, "fact" | "gone"> | undefined> {
  const { number } = read;
  const head = ledger.head(stream);
  const { cut } = keyNoteOf(head);
  if (head === undefined || cut === undefined) return { fact: saidIn(json), ...erasedBefore(read) };
  const past = new Past(ledger, head);
  const gone = await past.gone();
  if (number <= gone.erased) return undefined;
  const receipt = number <= gone.to ? await past.receiptOf(number) : number > cut.to ? undefined : (await past.at(number))?.receipt;
  const { value: _value, ...rest } = saidIn(json);
  return { fact: receipt === undefined ? saidIn(json) : { ...rest, givenUp: receipt }, ...(await goneBefore(past, read)) };
}

/** Facts from before the beginning of the log, which are kept key by key. */
async function* olderFacts(ledger: Ledger, wanted: ReadonlySet<string> | undefined): AsyncGenerator<ExportedFact> {
  const { oldest } = ledger;
  if (oldest <= 1) return;
  for (const { kind, name } of storeNamesOf(ledger)) {
    if (wanted?.has(name) === false) continue;
    for (const head of headsOf(ledger, headKeys.all(kind, name))) {
      if (head.started >= oldest) break;
      yield* olderOf(ledger, head, oldest);
    }
  }
}

async function* olderOf(ledger: Ledger, head: StreamHead, oldest: number): AsyncGenerator<ExportedFact> {
  const past = new Past(ledger, head);
  for (let from = (await past.gone()).to + 1; from <= past.last; from += FACTS_AT_ONCE) {
    const facts = await past.slice(from, Math.min(past.last, from + FACTS_AT_ONCE - 1));
    for (const each of facts) {
      if (each.fact.position >= oldest) return;
      yield await olderRecord(ledger, past, head, each);
    }
  }
}

async function olderRecord(ledger: Ledger, past: Past, head: StreamHead, { fact, json }: PastFact): Promise<ExportedFact> {
  const found = fact.number === past.last ? { found: { headKeys: head.keys, ranks: head.ranks ?? [] } } : {};
  return { fact: saidIn(json), origin: originOf(ledger, json, fact), ...found, ...(await goneBefore(past, fact)) };
}

/** Where no fact stands before this one any more. */
async function goneBefore(past: Past, fact: RawFact): Promise<Pick<ExportedFact, "gone">> {
  const { to } = await past.gone();
  return to === 0 || fact.number !== to + 1 ? erasedBefore(fact) : { gone: { to, receipt: (await past.receiptOf(to)) ?? null } };
}

/** A key that is written anew after it was erased goes on counting, and rests on nothing. */
function erasedBefore({ number, previous }: RawFact): Pick<ExportedFact, "gone"> {
  return previous === null && number > 1 ? { gone: { to: number - 1, receipt: null } } : {};
}

/** What it says, without where it stands here. */
function saidIn({ type: _type, at: _at, origin: _origin, ...said }: JsonObject): JsonObject {
  return said;
}

function originOf(
  { id: ledger }: Ledger,
  json: JsonObject,
  { position, time }: { readonly position: number; readonly time: number },
): FactOrigin {
  return factOfJson(json, { position, time })?.origin ?? { ledger, position, time };
}

function foundBy({ head }: Entry): FoundBy | undefined {
  return head === undefined ? undefined : { headKeys: head.keys, ranks: head.ranks ?? [] };
}
