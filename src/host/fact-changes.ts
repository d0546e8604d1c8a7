// The changefeed of stores and histories: facts of the application in the order of the ledger, as they were recorded.

import { InputError } from "../errors.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readNote } from "../run/head.ts";
import { factIn, isWrittenAgain, type RawFact } from "../store/fact.ts";
import { unlessGivenUp } from "../store/fact-reader.ts";
import { assertList, assertOptions } from "../graph/given.ts";
import { shortly, type StoreKind } from "../store/names.ts";
import { storeNamesOf } from "../store/summary.ts";
import { type Feed, type FeedQuery, type FeedSource, LogFeed } from "./feed.ts";

/** Which facts, and from where on. Filters that are left out let everything through; of several, a fact passes all. */
export interface FactChangesQuery extends FeedQuery {
  /** Of stores and histories of these names: such as the runtime was given, or the ledger holds. */
  readonly stores?: readonly string[];
  /** Of stores, or of histories. */
  readonly kinds?: readonly StoreKind[];
  /** Values, or removals. */
  readonly acts?: readonly RawFact["act"][];
  /** Of these keys; of histories, of these parts. */
  readonly keys?: readonly string[];
  /** Facts that this run or a child of it produced, or that name one of their facts as a cause. */
  readonly run?: string;
}

const KINDS: readonly StoreKind[] = ["store", "history"];
const ACTS: readonly RawFact["act"][] = ["written", "removed"];

/** What a feed is made over: a ledger, and the names that a runtime knows besides those in it. */
export interface FactSource extends FeedSource {
  readonly names: readonly string[];
}

/** The feed. Of facts that were erased or given up nothing is told, and what was written again by a compaction is no news. */
export function factChangesOf(source: FactSource, query: FactChangesQuery): Feed<RawFact> {
  const { ledger, names } = source;
  assertOptions("factChanges", query);
  for (const filter of ["stores", "kinds", "acts", "keys"] as const) assertList(`factChanges: ${filter}`, query[filter]);
  const [stores, kinds, acts, keys] = [query.stores, query.kinds, query.acts, query.keys].map((each) =>
    each === undefined ? undefined : new Set<string>(each),
  );
  const isAsked = (fact: RawFact): boolean =>
    stores?.has(fact.store) !== false &&
    acts?.has(fact.act) !== false &&
    keys?.has(fact.key) !== false &&
    (query.run === undefined || isOf(ledger, fact, query.run));
  return new LogFeed(source, {
    query,
    check: () => {
      const known = query.stores === undefined ? [] : [...names, ...storeNamesOf(ledger).map(({ name }) => name)];
      assertKnown("unknown_store", "store or history", query.stores, known, UNWRITTEN);
      assertKnown("unknown_kind", "kind of store", query.kinds, KINDS);
      assertKnown("unknown_act", "act", query.acts, ACTS);
      if (query.run !== undefined && ledger.head(query.run) === undefined)
        throw new InputError("run_not_found", `there is no run ${shortly(query.run)}`, { fix: "Give the id of a run: kindling.list()." });
    },
    pick: (entry) => {
      if (kinds?.has(entry.run.slice(0, entry.run.indexOf(":"))) === false) return undefined;
      const fact = factIn(entry);
      if (fact === undefined || !isAsked(fact) || isWrittenAgain(entry)) return undefined;
      return unlessGivenUp(ledger, entry.run, fact);
    },
  });
}

/** The ledger cannot know of a store before something was recorded in it. */
const UNWRITTEN = " One that holds nothing yet is known to a runtime that was given it: createRuntime({ stores }).";

function assertKnown(code: string, what: string, given: readonly string[] | undefined, known: readonly string[], more = ""): void {
  const unknown = given?.find((each) => !known.includes(each));
  if (unknown === undefined) return;
  throw new InputError(code, `there is no ${what} ${shortly(unknown)}`, {
    fix: didYouMean(unknown, known) + more,
    details: { known: [...new Set(known)] },
  });
}

const RUN_FACT = /^(?<run>.+):\d+$/s;

function isOf(ledger: Ledger, { producer, causes }: RawFact, run: string): boolean {
  const isIts = (id: string | undefined): boolean =>
    id === run || (id !== undefined && readNote(ledger.head(id)?.note ?? {})?.root === run);
  if (producer?.kind === "run" && isIts(producer.name)) return true;
  return causes.some((cause) => isIts(RUN_FACT.exec(cause)?.groups?.["run"]));
}
