// The witness `head.json`: how far the log was known to be durable at a certain time. A log that is shorter, or different there, has lost acknowledged facts.
// A witness stays true for ever, since the log only grows; a newer one only says more.

import type { Disk } from "./disk.ts";
import { type LedgerFolder, readJson, writeJson } from "./folder.ts";
import { damagedFile } from "./refusals.ts";
import type { LogPoint } from "./scan.ts";

/** Bytes of log after which a running writer refreshes the witness: as much is written again after a crash, and no more. */
export const WITNESS_EVERY_BYTES = 16 * 1024 * 1024;

/** What the witness says; `undefined` when none was written yet. */
export async function readWitness(disk: Disk, folder: LedgerFolder): Promise<LogPoint | undefined> {
  const witness = await readJson(disk, folder.witness);
  if (witness === undefined) return undefined;
  const { bytes, chain, position, group } = witness;
  if (typeof bytes !== "number" || typeof chain !== "string" || typeof position !== "number" || typeof group !== "number") {
    throw damagedFile(folder.witness, "is no witness", "Run `kindling verify`; if the log is clean, delete this file.");
  }
  return { offset: bytes, chain, position, group };
}

/** Writes the witness. Only for a point whose bytes are synced. */
export async function writeWitness(disk: Disk, folder: LedgerFolder, point: LogPoint): Promise<void> {
  await writeJson(disk, folder.witness, { bytes: point.offset, chain: point.chain, position: point.position, group: point.group });
}

/** Compares a witness with the log while it is scanned. */
export class WitnessCheck {
  readonly #witness: LogPoint;
  #isMet: boolean;

  constructor(witness: LogPoint, start: LogPoint) {
    this.#witness = witness;
    this.#isMet = isSame(witness, start);
  }

  /** To be told of every point between groups. */
  pass(point: LogPoint): void {
    if (point.offset === this.#witness.offset) this.#isMet = isSame(this.#witness, point);
  }

  /** What is wrong, once the log has been read up to `end`. */
  problem(end: LogPoint): string | undefined {
    if (this.#isMet) return undefined;
    const { offset, position } = this.#witness;
    if (end.offset < offset)
      return `the log ends at byte ${end.offset} with commit ${end.position}, but ${offset} bytes up to commit ${position} were durable once`;
    return `the log up to byte ${offset} is not the one that was durable once`;
  }
}

function isSame(one: LogPoint, other: LogPoint): boolean {
  return one.offset === other.offset && one.chain === other.chain && one.position === other.position && one.group === other.group;
}
