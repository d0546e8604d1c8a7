// The figures of a ledger at a moment: room, stores, consumers, what is derived, what is at work; and what of it is beyond its threshold. Reads heads, names and sizes, and no facts.

import type { KeptCursor } from "../ledger/cursor.ts";
import type { LedgerStorage } from "../ledger/storage.ts";
import type { Asked } from "../store/fact-reader.ts";
import { type FactImport, factImports } from "../store/import-facts.ts";
import { type KeptProjection, keptProjections } from "../store/projection-log.ts";
import { assertObject, assertOptions } from "../graph/given.ts";
import { RecordedStore, type StoreSize } from "../store/recorded-store.ts";
import { type StoreName, storeNamesOf } from "../store/summary.ts";
import { type Alert, alertsOf, type AlertThresholds } from "./alerts.ts";
import type { DerivationStatus } from "./derivations.ts";
import type { Engine } from "./engine.ts";
import type { Load } from "./load/load.ts";
import type { CallOptions } from "./requests.ts";

/** What is asked for besides the figures. */
export interface StatsOptions extends CallOptions {
  /** What is beyond these is told as alerts. */
  readonly thresholds?: AlertThresholds;
}

/** A store with its size. */
export interface StoreFigures extends StoreName, StoreSize {}

/** How far a consumer with a durable cursor is behind. */
export interface CursorFigures extends KeptCursor {
  /** Commits that it has not seen. */
  readonly behind: number;
  /** What follows on its place was taken off the disk: it has to begin anew. */
  readonly isTooOld: boolean;
}

/** How far the state of a projection is kept with the ledger: whoever asks for it next goes on from there. */
export interface ProjectionFigures extends KeptProjection {
  /** Commits since: whoever asks next takes them in. */
  readonly behind: number;
  /** What follows on it was taken off the disk: it has to be made anew. */
  readonly isTooOld: boolean;
}

/** Figures of a moment. */
export interface Stats {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ledger: {
    readonly id: string;
    readonly location: string;
    /** Position of the last commit, and of the oldest one from which on none is missing. */
    readonly position: number;
    readonly oldest: number;
    /** Little room is left where it lies, so no run begins. Known to the process that writes. */
    readonly isLow: boolean;
  };
  /** Null for a ledger that is no folder. */
  readonly storage: LedgerStorage | null;
  /** Stores and histories, each counted up to 10,000 keys. */
  readonly stores: readonly StoreFigures[];
  readonly cursors: readonly CursorFigures[];
  readonly derivations: readonly DerivationStatus[];
  readonly projections: readonly ProjectionFigures[];
  /** How far facts of other ledgers were taken. */
  readonly imports: readonly FactImport[];
  /** What the process that writes does: limits, what is in use, what waits. */
  readonly load: Load;
  readonly alerts: readonly Alert[];
}

/** What figures are taken of. */
export interface MeasuredWorld {
  readonly engine: Engine;
  readonly folder: string | undefined;
  readonly now: number;
  readonly load: () => Promise<Load>;
  readonly derivations: () => Promise<readonly DerivationStatus[]>;
}

/** Takes them. @throws InputError `bad_threshold` */
export async function statsOf(
  { engine: { ledger }, folder, now, load, derivations }: MeasuredWorld,
  options: StatsOptions,
): Promise<Stats> {
  assertOptions("stats", options);
  const { thresholds = {} } = options;
  assertObject("stats: thresholds", thresholds);
  const { id, location, position, oldest, isLow } = ledger;
  const asked = async () => ({ ledger, now });
  const [storage, stores, cursors, derived, work] = await Promise.all([
    storageAt(folder),
    sizesOf(storeNamesOf(ledger), asked),
    ledger.cursors.all(),
    derivations(),
    load(),
  ]);
  const stats = {
    at: now,
    ledger: { id, location, position, oldest, isLow },
    storage,
    stores,
    cursors: cursors.map((each) => ({ ...each, behind: Math.max(0, position - each.position), isTooOld: each.position < oldest - 1 })),
    projections: keptProjections(ledger).map((each) => ({
      ...each,
      behind: Math.max(0, position - each.upTo),
      isTooOld: each.upTo < oldest - 1,
    })),
    derivations: derived,
    imports: factImports(ledger),
    load: work,
  };
  return { ...stats, alerts: alertsOf(stats, thresholds) };
}

/** One after the other: many together would hold everything else up. */
async function sizesOf(names: readonly StoreName[], asked: () => Promise<Asked>): Promise<readonly StoreFigures[]> {
  const figures: StoreFigures[] = [];
  for (const name of names) figures.push({ ...name, ...(await new RecordedStore(name, asked).size()) });
  return figures;
}

async function storageAt(folder: string | undefined): Promise<LedgerStorage | null> {
  if (folder === undefined) return null;
  // What touches files is loaded with the ledger in files, and not before.
  const [{ storageOf }, { realDisk }] = await Promise.all([import("../ledger/storage.ts"), import("../ledger/real-disk.ts")]);
  return storageOf(realDisk, folder);
}
