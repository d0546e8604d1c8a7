// What was recorded last in stores and histories, newest first: the log read backwards, window by window, as far as it is asked for.

import type { Page } from "../host/client.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import { assertList, assertOptions } from "../graph/given.ts";
import { factIn, type FactRef, isWrittenAgain, refOf } from "./fact.ts";
import { limitOf, noCursor } from "./page.ts";

/** Which facts. */
export interface ActivityQuery {
  /** Of stores and histories of these names; of all when left out. */
  readonly stores?: readonly string[];
  /** 1 to 1,000; 50 when left out. */
  readonly limit?: number;
  /** Of the part before. */
  readonly cursor?: string;
}

const LIMIT = 50;
/** Commits read at a time. */
const WINDOW_COMMITS = 256;
/** Commits looked at for one part: in a ledger that is full of runs a part may be short, or empty, and its cursor goes on. */
const LOOK_BACK_COMMITS = 20_000;

/** A part of them, without their values. @throws InputError `bad_limit`, `bad_cursor` */
export async function activityOf(ledger: Ledger, query: ActivityQuery): Promise<Page<FactRef>> {
  assertOptions("activity", query);
  const { stores, cursor } = query;
  const limit = limitOf(query.limit ?? LIMIT);
  assertList("activity: stores", stores);
  const wanted = stores === undefined ? undefined : new Set(stores);
  const items: FactRef[] = [];
  const start = cursor === undefined ? ledger.position : positionIn(cursor) - 1;
  // Positions from `oldest` up to `to` are still to be looked at.
  let to = Math.min(start, ledger.position);
  for (; to >= ledger.oldest && start - to < LOOK_BACK_COMMITS; to -= WINDOW_COMMITS) {
    const window = await entriesOf(ledger, Math.max(to - WINDOW_COMMITS, ledger.oldest - 1), to);
    for (const entry of window.toReversed()) {
      const fact = factIn(entry);
      if (fact === undefined || isWrittenAgain(entry) || wanted?.has(fact.store) === false) continue;
      items.push(refOf(fact));
      if (items.length === limit) return { items, cursor: entry.position > ledger.oldest ? String(entry.position) : undefined };
    }
  }
  return { items, cursor: to >= ledger.oldest ? String(to + 1) : undefined };
}

/** Those behind one position, up to another. */
async function entriesOf(ledger: Ledger, after: number, to: number): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for await (const entry of ledger.changes({ after })) {
    if (entry.position > to) break;
    found.push(entry);
    if (entry.position === to) break;
  }
  return found;
}

function positionIn(cursor: string): number {
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw noCursor();
}
