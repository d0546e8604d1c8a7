// Facts of the application as a running call reaches them: read and recorded by their definitions, with what the call rests on. Types only; the host gives them.

import type { StoreChange } from "../store/change.ts";
import type { RawFact } from "../store/fact.ts";
import type { WriteReceipt } from "../store/fact-writer.ts";
import type { HistoryHandle, StoreReader } from "../store/handle.ts";
import type { History, ReadableStore } from "../store/store.ts";

/** What was read of a store or a history, as the record of a run has it. */
export interface FactsRead {
  /** The name of the store or the history. */
  readonly store: string;
  /** Ids of the facts that were found; none where there was no value. */
  readonly facts: readonly string[];
  /** How far the ledger went when it was read. */
  readonly position: number;
}

/** What a call rests on. */
export interface Grounds {
  /** Ids of facts: those of the run that gave the values it read, and those of stores that were read for them in the same run. At most 100. */
  readonly causes: readonly string[];
  /** How the key, or the part of a history, stood that the node behind a need has read: the id of the latest of its facts, or `absent`. Undefined for one that read no store. */
  readonly stoodFor: (local: string) => Promise<string | undefined>;
}

/** The stores and histories of the ledger. */
export interface StoreAccess {
  readonly store: <T, Index extends string>(store: ReadableStore<T, Index>) => StoreReader<T, Index>;
  readonly history: <T>(history: History<T>) => HistoryHandle<T>;
  /** All of the changes or none; the same key gives the first receipt. Resolves when it is durable. */
  readonly record: (changes: readonly StoreChange[], idempotencyKey: string) => Promise<WriteReceipt>;
  /** Looks at a key and writes it while other calls of this process that do so wait; those of other processes do not. */
  readonly inTurn: <T>(store: string, key: string, work: () => Promise<T>) => Promise<T>;
  /** The latest fact of a key of a store, as it was recorded. */
  readonly latest: (store: string, key: string) => Promise<RawFact | undefined>;
  /** A fact by its id, as it was recorded. */
  readonly fact: (id: string) => Promise<RawFact | undefined>;
  /** How far the ledger goes. */
  readonly position: number;
  /** Resolves when a derived store is made of everything recorded before the call; at once for any other. */
  readonly upToDate: (store: string) => Promise<void>;
  readonly grounds: () => Promise<Grounds>;
}
