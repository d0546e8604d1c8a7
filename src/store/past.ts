// The past of a key, as far as it is kept: facts by their numbers, whether they stand in commits of their own or in what a cut has left. Changes nothing.

import { BugError, InputError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { bisect, lastNear } from "../ledger/bisect.ts";
import type { Entry, Ledger, StreamHead } from "../ledger/ledger.ts";
import { isUpTo, type UpTo } from "../ledger/moment.ts";
import { type Chunk, type CutRecord, type Gone, NOTHING_GONE, type PastFact } from "./cut.ts";
import { type CutEntry, type CutReads, readsOf } from "./cut-reads.ts";
import { factOfJson, type RecordedAt } from "./fact.ts";
import { type KeyNote, keyNoteOf, streamPlace } from "./key-note.ts";
import { shortly } from "./names.ts";

/** Looks at one key, at one moment. */
export class Past {
  readonly stream: string;
  readonly note: KeyNote;
  readonly #ledger: Ledger;
  readonly #head: StreamHead;
  readonly #reads: CutReads;

  constructor(ledger: Ledger, head: StreamHead) {
    this.#ledger = ledger;
    this.#head = head;
    this.stream = head.run;
    this.note = keyNoteOf(head);
    const { cut } = this.note;
    this.#reads = cut === undefined ? { entry: undefined, chunk: undefined } : readsOf(ledger, head.run, cut);
  }

  /** Number of the latest fact. */
  get last(): number {
    return this.note.number;
  }

  /** What is gone from the beginning. */
  async gone(): Promise<Gone> {
    return this.note.cut === undefined ? NOTHING_GONE : (await this.#cut()).record.gone;
  }

  /** A fact by its number; undefined for one that is gone, or was erased. */
  async at(number: number): Promise<PastFact | undefined> {
    const [fact] = await this.slice(number, number);
    return fact;
  }

  /** The facts that there are from one number to another. */
  async slice(from: number, to: number): Promise<readonly PastFact[]> {
    const { cut } = this.note;
    const behind = cut === undefined ? 0 : cut.to;
    const facts: PastFact[] = from <= behind ? [...(await this.#kept(from, Math.min(to, behind)))] : [];
    const first = Math.max(from, behind + 1);
    if (first > to) return facts;
    const entries = await this.#ledger.read(this.stream, { from: streamPlace(this.note, first), limit: to - first + 1 });
    for (const entry of entries) {
      const fact = pastFactOf(entry.facts[0], entry);
      // Where facts were erased, those behind them are read in their place.
      if (fact !== undefined && fact.fact.number <= to) facts.push(fact);
    }
    return facts;
  }

  /**
   * The number of the last fact that was recorded up to a moment; 0 for none. It may be one that is gone. Positions and times grow with the numbers: in a past
   * that grew steadily a few looks find it, however long it is, and in any other about twice the logarithm of its facts.
   */
  async lastAt(upTo: UpTo): Promise<number> {
    const { last, note } = this;
    const { position, time, started, startedAt } = this.#head;
    if (isUpTo(upTo, { position, time })) return last;
    if (!isUpTo(upTo, { position: started, time: startedAt })) return 0;
    // Facts in commits of their own: of a cut past the first of them was written again.
    const first = (note.cut?.to ?? 0) + 1;
    const from = note.cut === undefined ? { position: started, time: startedAt } : await this.#recordedAt(first);
    if (!isUpTo(upTo, from)) return this.#lastKeptAt(upTo);
    const guess = first + Math.floor((last - first) * shareOf(upTo, from, { position, time }));
    return lastNear(guess, { there: first, not: last + 1 }, async (number) => isUpTo(upTo, await this.#recordedAt(number)));
  }

  /** The receipt that tells of a number that is gone. */
  async receiptOf(number: number): Promise<string | undefined> {
    const { by } = await this.gone();
    return by.find(({ to }) => number <= to)?.receipt;
  }

  /** For whoever asks what was when nobody knows any more. @param number of a fact that is gone, or whose value is */
  async givenUp(number: number): Promise<InputError> {
    const gone = await this.gone();
    const isInBetween = number > gone.to;
    const receipt = isInBetween ? (await this.at(number))?.receipt : await this.receiptOf(Math.max(1, number));
    const next = await this.at(isInBetween ? number + 1 : gone.to + 1);
    const since = next === undefined ? null : { number: next.fact.number, position: next.fact.position, time: next.fact.time };
    const from = since === null ? "" : ` Its past is known from position ${since.position} on (${new Date(since.time).toISOString()}).`;
    return new InputError("detail_unavailable", `what ${shortly(this.stream)} was then was given up: fact ${number}`, {
      fix: `Ask for a later moment.${from} What went, and why, says ${receipt ?? "its receipt"}: kindling.factReceipts().`,
      details: { stream: this.stream, number, receipt: receipt ?? null, since },
    });
  }

  async #recordedAt(number: number): Promise<RecordedAt> {
    const [entry]: readonly Entry[] = await this.#ledger.read(this.stream, { from: streamPlace(this.note, number), limit: 1 });
    if (entry === undefined) return NEVER;
    const at = entry.facts[0]?.["at"];
    // Written by a cut.
    return isJsonObject(at) ? (at as JsonObject & RecordedAt) : entry;
  }

  async #lastKeptAt(upTo: UpTo): Promise<number> {
    const { record } = await this.#cut();
    const index = lastChunk(record.chunks, (chunk) => isUpTo(upTo, chunk));
    if (index < 0) return record.gone.to;
    const facts = await this.#factsOf(index);
    const first = bisect(facts.length, (at) => !isUpTo(upTo, facts[at]?.fact ?? NEVER));
    return facts[first - 1]?.fact.number ?? record.gone.to;
  }

  /** What a cut has left of some facts. */
  async #kept(from: number, to: number): Promise<readonly PastFact[]> {
    const { record } = await this.#cut();
    const found: PastFact[] = [];
    const begin = Math.max(
      0,
      lastChunk(record.chunks, (chunk) => chunk.from <= from),
    );
    for (let index = begin; index < record.chunks.length && (record.chunks[index]?.from ?? to + 1) <= to; index++)
      found.push(...(await this.#factsOf(index)).filter(({ fact: { number } }) => number >= from && number <= to));
    // Whoever is given one may change it.
    return structuredClone(found);
  }

  #factsOf(index: number): Promise<readonly PastFact[]> {
    const reads = this.#reads;
    if (reads.chunk?.index === index) return reads.chunk.facts;
    const facts = this.#readChunk(index);
    const chunk = { index, facts };
    reads.chunk = chunk;
    // What could not be read is read again by whoever asks next.
    facts.catch(() => {
      if (reads.chunk === chunk) reads.chunk = undefined;
    });
    return facts;
  }

  async #readChunk(index: number): Promise<readonly PastFact[]> {
    const { place } = await this.#cut();
    const [entry] = await this.#ledger.read(this.stream, { from: place + 1 + index, limit: 1 });
    const facts: JsonValue | undefined = entry?.facts[0]?.["facts"];
    if (entry === undefined || !Array.isArray(facts)) return [];
    return facts.flatMap((json: JsonValue) => (isJsonObject(json) ? (pastFactOf(json, entry) ?? []) : []));
  }

  #cut(): Promise<CutEntry> {
    const reads = this.#reads;
    if (reads.entry !== undefined) return reads.entry;
    const entry = readCut(this.#ledger, this.stream);
    reads.entry = entry;
    entry.catch(() => {
      reads.entry = undefined;
    });
    return entry;
  }
}

const NEVER: RecordedAt = { position: Number.POSITIVE_INFINITY, time: Number.POSITIVE_INFINITY };

/** How far a moment lies between two others, from 0 to 1. */
function shareOf(upTo: UpTo, from: RecordedAt, to: RecordedAt): number {
  const shares = (["position", "time"] as const).map((each) =>
    to[each] > from[each] ? ((upTo[each] ?? to[each]) - from[each]) / (to[each] - from[each]) : 1,
  );
  return Math.min(1, ...shares);
}

async function readCut(ledger: Ledger, stream: string): Promise<CutEntry> {
  const [entry] = await ledger.read(stream, { limit: 1 });
  const record = entry?.facts[0];
  if (entry === undefined || record?.["type"] !== "store.cut") throw new BugError(`${stream} was cut, and there is no record of it`);
  // Written by `cutCommits`; the ledger's checksums vouch for it since.
  return { record: record as unknown as CutRecord, place: entry.first };
}

/** The last chunk for which something holds that holds for all before it; -1 for none. */
function lastChunk(chunks: readonly Chunk[], holds: (chunk: Chunk) => boolean): number {
  return bisect(chunks.length, (index) => !holds(chunks[index] ?? { from: Number.POSITIVE_INFINITY, ...NEVER })) - 1;
}

function pastFactOf(json: JsonObject | undefined, stood: RecordedAt): PastFact | undefined {
  const fact = json === undefined ? undefined : factOfJson(json, stood);
  if (json === undefined || fact === undefined) return undefined;
  const { givenUp } = json;
  return { fact, json, receipt: typeof givenUp === "string" ? givenUp : undefined };
}
