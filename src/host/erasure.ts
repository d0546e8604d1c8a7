// An erasure as it is recorded, and the list of them. What it says stays readable: who erased which run, when and why.

import type { Ledger, StreamHead } from "../ledger/ledger.ts";
import type { Actor } from "../run/fact.ts";
import type { Page } from "./client.ts";
import { afterCursor, pageSize } from "./page.ts";

/** A run that was erased. */
export interface Erasure {
  /** The root run's id. */
  readonly run: string;
  readonly contract: string;
  /** How many runs it was, with the children that had facts of their own. */
  readonly runs: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly erasedAt: number;
  readonly actor: Actor;
  readonly reason?: string;
  /** Facts of the application that rest on it, the first 100 of them: told to who erases it, and not recorded. They may say what it said: see `kindling.eraseFacts`. */
  readonly restingFacts?: { readonly count: number; readonly ids: readonly string[] };
}

/** Which erasures to list. */
export interface ErasedQuery {
  /** 1 to 1,000; default 50. */
  readonly limit?: number;
  /** From the page before. */
  readonly cursor?: string;
}

/** What the records of erasures are found by. */
export const ERASURE_KEY = "erasure";

/** Where the erasure of a run is recorded. */
export function erasureStream(run: string): string {
  return `erasure:${run}`;
}

/** The erasure a head tells of. */
export function erasureIn({ keys, note }: StreamHead): Erasure | undefined {
  // Written by `Erasures`, as the key says.
  return keys.includes(ERASURE_KEY) ? (note as unknown as Erasure) : undefined;
}

/** Erasures, newest first. @throws InputError `bad_cursor` */
export function listErasures(ledger: Ledger, { limit, cursor }: ErasedQuery): Page<Erasure> {
  const size = pageSize(limit);
  const after = afterCursor(cursor);
  const found = ledger.find({ keys: [ERASURE_KEY], newestFirst: true, limit: size + 1, ...(after === undefined ? {} : { after }) });
  const shown = found.slice(0, size);
  const last = shown.at(-1);
  return {
    items: shown.flatMap((head) => erasureIn(head) ?? []),
    cursor: found.length > size && last !== undefined ? String(last.started) : undefined,
  };
}
