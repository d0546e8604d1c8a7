// Takes facts of another ledger in, as they are: those that are there are passed over, those that follow are recorded with their own ids and hashes, anything else is refused.
// How far it has come is recorded with them, by the ledger they come from.

import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Commit, Ledger } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import { type ExportedFact, type ExportStart, type ForeignOrder, foreignOrder } from "./exported-fact.ts";
import { findFact } from "./fact-reader.ts";
import type { FactWriter } from "./fact-writer.ts";
import { assertFollows, beginsLater, diverged } from "./follow-fact.ts";
import { keyNoteOf } from "./key-note.ts";
import { streamOf } from "./names.ts";

/** A part of an export, as the process that writes takes it. */
export interface FactIntake {
  readonly from: Pick<ExportStart, "ledger" | "stores" | "after">;
  readonly facts: readonly ExportedFact[];
  /** Everything up to this position of the other ledger is in this part or in those before; null for what says nothing of it. */
  readonly next: number | null;
}

/** What became of a part. */
export interface IntakeReport {
  readonly recorded: number;
  /** Those that were there. */
  readonly known: number;
}

/** How far facts of another ledger were taken. */
export interface FactImport {
  /** Id of the ledger they come from. */
  readonly ledger: string;
  /** Stores that were asked for there; null for all. */
  readonly stores: readonly string[] | null;
  /** The next export is asked for behind this position. */
  readonly next: number;
  /** When facts were taken last. */
  readonly time: number;
}

const IMPORTS_KEY = "store-imports";

/** All of them, in the order in which they began. */
export function factImports(ledger: Ledger): readonly FactImport[] {
  return ledger.find({ keys: [IMPORTS_KEY] }).map(({ note, time }) => ({ ...(note as unknown as Omit<FactImport, "time">), time }));
}

/** Records a part, and how far it goes, as one. @throws InputError `facts_diverged`, `fact_differs`, `facts_missing`, `bad_export` */
export async function takeFacts(ledger: Ledger, writer: FactWriter, { from, facts, next }: FactIntake): Promise<IntakeReport> {
  assertJoins(ledger, from);
  const orders = facts.map(foreignOrder);
  const news: ForeignOrder[] = [];
  const seen = new Set<string>();
  for (const order of orders) {
    if (seen.has(order.foreign.id) || wasErased(ledger, from, order) || (await isThere(ledger, order))) continue;
    seen.add(order.foreign.id);
    news.push(order);
  }
  const beside = progressOf(ledger, from, next);
  if (news.length > 0 || beside.length > 0) await writer.record({ orders: news }, { beside });
  return { recorded: news.length, known: orders.length - news.length };
}

/** Says what would become of an export, part by part, and writes nothing. */
export class Rehearsal {
  readonly #ledger: Ledger;
  readonly #tips = new Map<string, { readonly number: number; readonly id: string | null }>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** @throws as `takeFacts` */
  async take({ from, facts }: Omit<FactIntake, "next">): Promise<IntakeReport> {
    assertJoins(this.#ledger, from);
    let recorded = 0;
    for (const order of facts.map(foreignOrder)) {
      const { kind, store, key, foreign } = order;
      const stream = streamOf(kind, store, key);
      const tip = this.#tips.get(stream) ?? keyNoteOf(this.#ledger.head(stream));
      if (!this.#tips.has(stream) && wasErased(this.#ledger, from, order)) continue;
      if (foreign.place.number <= tip.number) {
        if (this.#tips.has(stream) || (await isThere(this.#ledger, order))) continue;
      }
      if (!beginsLater(foreign, tip)) assertFollows(foreign, tip);
      this.#tips.set(stream, { number: foreign.place.number, id: foreign.id });
      recorded += 1;
    }
    return { recorded, known: facts.length - recorded };
  }
}

/** True for a fact that is here, or was. @throws InputError `facts_diverged` */
async function isThere(ledger: Ledger, { store, key, foreign: { id, place } }: ForeignOrder): Promise<boolean> {
  try {
    return (await findFact({ ledger }, id)).status !== "not_found";
  } catch (error) {
    if (!(error instanceof InputError) || error.code !== "fact_differs") throw error;
    const { found } = error.details;
    const here = typeof found === "string" ? found : null;
    throw diverged({ id, store, key, number: place.number }, `there it is ${here ?? "another one"} here`, "other", here);
  }
}

/**
 * True for a fact that was taken before its key was erased here: an export that still has it does not bring it back. Numbers do not tell, since a key of which only the end was taken has
 * higher ones than facts, and goes on from their count when it is erased.
 */
function wasErased(ledger: Ledger, from: FactIntake["from"], { kind, store, key, foreign: { origin, cursor } }: ForeignOrder): boolean {
  const head = ledger.head(streamOf(kind, store, key));
  if (head === undefined || keyNoteOf(head).id !== null) return false;
  const taken = takenOf(ledger, from);
  // Of a part that was cut short nobody knows how far it went.
  if (taken === 0 || (cursor ?? (origin.ledger === from.ledger ? origin.position : 0)) <= taken) return true;
  return origin.position <= takenOf(ledger, { ledger: origin.ledger, stores: from.stores });
}

/** A part that begins behind what was taken would leave facts out, and nobody would notice of keys that it does not go on with. */
function assertJoins(ledger: Ledger, from: FactIntake["from"]): void {
  const { ledger: origin, after } = from;
  const taken = takenOf(ledger, from);
  if (after === null || after <= taken) return;
  throw new InputError("facts_missing", `the export begins behind ${after}, and facts of that ledger were taken up to ${taken}`, {
    fix: taken === 0 ? "Begin with an export of all: without --after." : `Export from there on: --after ${taken}.`,
    details: { ledger: origin, after, taken },
  });
}

/** How far facts of another ledger were taken, of the stores that an export is of. */
function takenOf(ledger: Ledger, { ledger: origin, stores }: Omit<FactIntake["from"], "after">): number {
  return Math.max(takenUpTo(ledger, origin, stores), ...coveringImports(ledger, origin, stores).map(({ next }) => next));
}

/** Those of all stores, or of these and others: what they took is here, too. */
function coveringImports(ledger: Ledger, origin: string, wanted: readonly string[] | null): readonly FactImport[] {
  return factImports(ledger).filter(
    ({ ledger: from, stores }) =>
      from === origin && (stores === null || (wanted !== null && wanted.every((name) => stores.includes(name)))),
  );
}

function takenUpTo(ledger: Ledger, origin: string, stores: readonly string[] | null): number {
  const next = ledger.head(importStream(origin, stores))?.note["next"];
  return typeof next === "number" ? next : 0;
}

/** Recorded with the facts, so that neither is there without the other. */
function progressOf(ledger: Ledger, { ledger: origin, stores }: FactIntake["from"], next: number | null): readonly Commit[] {
  if (next === null || next <= takenUpTo(ledger, origin, stores)) return [];
  const run = importStream(origin, stores);
  const note: JsonObject = { ledger: origin, stores, next };
  const head = { open: false, keys: [IMPORTS_KEY], note };
  return [{ run, expected: ledger.head(run)?.version ?? 0, facts: [{ type: "store.imported", ...note }], head }];
}

function importStream(origin: string, stores: readonly string[] | null): string {
  return `store-import:${sha256(JSON.stringify([origin, stores]))}`;
}
