// Watching a part of an index: what comes into it, what changes in it and what goes, by the changefeed. What a fact changes follows from it and the fact before it, so a watch keeps
// nothing of its own and goes on from any place.

import type { Entry, Ledger } from "../ledger/ledger.ts";
import { factIn, isWrittenAgain, type RawFact } from "./fact.ts";
import { findFact, unlessGivenUp } from "./fact-reader.ts";
import { type IndexRange, type IndexValue, placesOf } from "./index-value.ts";
import { streamOf } from "./names.ts";
import { assertIndex, firstOf } from "./query.ts";
import { placesIn } from "./ranks.ts";
import type { ReadableStore } from "./store.ts";
import { read, readWritten, type StoreFact, type Written } from "./value.ts";

/** What a fact changed in a part of an index. */
export type IndexChange<T> =
  /** The value stands in it from now on. `before` is the one that did not; none where there was none, or where it was given up. */
  | { readonly type: "enter"; readonly key: string; readonly fact: Written<T>; readonly before: Written<T> | undefined }
  /** It stood in it before, and does: with another value, or recorded anew. */
  | { readonly type: "update"; readonly key: string; readonly fact: Written<T>; readonly before: Written<T> }
  /** It stands in it no longer: the value is another one, or was removed. `before` is none where it was given up: then nobody knows whether it stood there. */
  | { readonly type: "leave"; readonly key: string; readonly fact: StoreFact<T>; readonly before: Written<T> | undefined };

/** Looks at commits one by one. */
export interface IndexWatch<T> {
  /** @throws InputError `unknown_index`, `bad_index_value`, `bad_range` */
  readonly check: () => void;
  readonly pick: (entry: Entry, ledger: Ledger) => Promise<IndexChange<T> | undefined> | undefined;
}

/** Watches a part of an index. */
export function watchIndex<T>(store: ReadableStore<T>, index: string, wanted: IndexValue | IndexRange): IndexWatch<T> {
  const prefix = streamOf("store", store.name, "");
  return {
    check: () => {
      assertIndex(store, index);
      placesOf(store.name, index, wanted);
    },
    pick: (entry, ledger) => {
      // Most commits are about something else.
      const raw = entry.run.startsWith(prefix) && !isWrittenAgain(entry) ? factIn(entry) : undefined;
      if (raw === undefined) return undefined;
      const isIn = (fact: StoreFact<T>): boolean =>
        fact.act === "written" && firstOf(placesIn(store, index, fact.value), placesOf(store.name, index, wanted), false) !== undefined;
      return changeBy(store, ledger, { stream: entry.run, raw }, isIn);
    },
  };
}

async function changeBy<T>(
  store: ReadableStore<T>,
  ledger: Ledger,
  { stream, raw }: { readonly stream: string; readonly raw: RawFact },
  isIn: (fact: StoreFact<T>) => boolean,
): Promise<IndexChange<T> | undefined> {
  const there = await unlessGivenUp(ledger, stream, raw);
  if (there === undefined) return undefined;
  const fact = await read(store, there);
  const { key } = fact;
  const found = raw.previous === null ? undefined : await findFact({ ledger }, raw.previous);
  const before = found?.status === "found" ? await readWritten(store, found.fact) : undefined;
  const isUnknown = found !== undefined && found.status !== "found";
  const wasIn = before !== undefined && isIn(before);
  if (fact.act === "written" && isIn(fact)) return wasIn ? { type: "update", key, fact, before } : { type: "enter", key, fact, before };
  // Rather one too many than one that is missed.
  return wasIn || isUnknown ? { type: "leave", key, fact, before } : undefined;
}
