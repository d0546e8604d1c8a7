// When which process had a ledger open for writing, and what follows: whether two were in at once, and how long the next one took.

import type { SpokenProcess } from "./spoken-process.ts";

/** A process that had the ledger for some time, in milliseconds of the clock that all processes share. */
export interface Stay {
  readonly from: number;
  /** When it began to leave or was killed; endless while it is in. */
  to: number;
  readonly wasKilled: boolean;
}

/** Milliseconds of the clock that `keeper-process.ts` says. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** The stays of a keeper; of one that was killed, the last one ends with the kill. */
export function staysOf({ lines }: Pick<SpokenProcess, "lines">, killedAt: number): readonly Stay[] {
  const stays: Stay[] = [];
  for (const line of lines) {
    const [word, time] = line.split(" ");
    const last = stays.at(-1);
    if (word === "in") stays.push({ from: Number(time) / 1e6, to: killedAt, wasKilled: true });
    if (word === "out" && last !== undefined) stays[stays.length - 1] = { from: last.from, to: Number(time) / 1e6, wasKilled: false };
  }
  // It may have come in while the signal was on its way.
  return stays.filter(({ from, to }) => from < to);
}

/** Pairs of stays that overlap. */
export function overlaps(stays: readonly Stay[]): number {
  const sorted = [...stays].sort((one, other) => one.from - other.from);
  let until = 0;
  let count = 0;
  for (const { from, to } of sorted) {
    if (from < until) count += 1;
    until = Math.max(until, to);
  }
  return count;
}

/** Milliseconds from each kill of a process that was in to the next one's coming in. */
export function takeovers(stays: readonly Stay[]): readonly number[] {
  const sorted = [...stays].sort((one, other) => one.from - other.from);
  return sorted.flatMap((stay, index) => {
    const next = sorted[index + 1];
    return stay.wasKilled && next !== undefined ? [next.from - stay.to] : [];
  });
}

/** The value that a share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
