// What of the figures of a ledger is beyond what somebody said it may be. Pure: figures and thresholds in, alerts out.

import { InputError } from "../errors.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { Stats } from "./stats.ts";

/** What may be, at most (`diskFreeBytes`: at least). What is left out is not watched, but for those with a default. */
export interface AlertThresholds {
  /** All that the ledger takes on the disk. */
  readonly ledgerBytes?: number;
  /** Free room on its disk, at least; 512 MiB when left out. */
  readonly diskFreeBytes?: number;
  /** Commits behind the end of the log, of each durable cursor. */
  readonly cursorLag?: number;
  /** Positions that a derived store has not looked at. */
  readonly derivationLag?: number;
  /** Keys of derived stores that could not be derived; 0 when left out. */
  readonly failedDerivations?: number;
  /** Finished segments that wait for their seal; 8 when left out. */
  readonly unsealedSegments?: number;
  /** Calls that wait in the lines of the process that writes. */
  readonly waitingCalls?: number;
}

/** Something that is beyond its threshold. */
export interface Alert {
  readonly name: keyof AlertThresholds;
  /** The cursor or derived store that it is about; null for the ledger. */
  readonly subject: string | null;
  readonly measured: number;
  readonly threshold: number;
}

const DEFAULTS: AlertThresholds = { diskFreeBytes: 512 * 1024 * 1024, failedDerivations: 0, unsealedSegments: 8 };

type Measured = readonly (readonly [subject: string | null, measured: number])[];

/** How each is measured. What cannot be told where the ledger lies is not measured. */
const MEASURES: Readonly<Record<keyof AlertThresholds, (stats: Omit<Stats, "alerts">) => Measured>> = {
  ledgerBytes: ({ storage }) => (storage === null ? [] : [[null, storage.bytes]]),
  diskFreeBytes: ({ storage }) => (storage === null || storage.disk === null ? [] : [[null, storage.disk.free]]),
  cursorLag: ({ cursors }) => cursors.map(({ cursor, behind }) => [cursor, behind]),
  derivationLag: ({ derivations }) => derivations.map(({ name, behind }) => [name, behind]),
  failedDerivations: ({ derivations }) => derivations.map(({ name, failed }) => [name, failed]),
  unsealedSegments: ({ storage }) => (storage === null ? [] : [[null, storage.unsealed]]),
  waitingCalls: ({ load }) => [[null, load.lanes.reduce((sum, { waiting }) => sum + waiting, 0)]],
};

/** Those names. */
export const ALERT_NAMES: readonly (keyof AlertThresholds)[] = Object.keys(MEASURES) as (keyof AlertThresholds)[];

/** What is beyond. @throws InputError `bad_threshold` */
export function alertsOf(stats: Omit<Stats, "alerts">, given: AlertThresholds): readonly Alert[] {
  assertThresholds(given);
  const thresholds: AlertThresholds = { ...DEFAULTS, ...given };
  return ALERT_NAMES.flatMap((name) => {
    const threshold = thresholds[name];
    if (threshold === undefined) return [];
    return MEASURES[name](stats).flatMap(([subject, measured]): Alert[] => {
      const isBeyond = name === "diskFreeBytes" ? measured < threshold : measured > threshold;
      return isBeyond ? [{ name, subject, measured, threshold }] : [];
    });
  });
}

/** @throws InputError `bad_threshold` */
export function assertThresholds(given: Readonly<Record<string, unknown>> | AlertThresholds): void {
  for (const [name, threshold] of Object.entries(given)) {
    if (!ALERT_NAMES.some((each) => each === name))
      throw new InputError("bad_threshold", `nothing is measured under the name "${name}"`, { fix: didYouMean(name, ALERT_NAMES) });
    if (typeof threshold !== "number" || !(threshold >= 0))
      throw new InputError("bad_threshold", `the threshold ${name} is ${typeof threshold === "number" ? threshold : typeof threshold}`, {
        fix: "Give a number from 0 on.",
      });
  }
}
