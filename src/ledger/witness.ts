// The witness `head.json`: how far the log was known to be durable at a certain time. A log that is shorter, or different there, has lost acknowledged facts.
// A witness stays true for ever, since the log only grows; a newer one only says more.

import type { Disk } from "./disk.ts";
import { readChecked, writeChecked } from "./checked-json.ts";
import type { LedgerFolder } from "./folder.ts";
import { damagedFile } from "./refusals.ts";
import type { LogPoint } from "./scan.ts";

/** Bytes of log after which a running writer refreshes the witness: as much is written again after a crash, and no more. */
export const WITNESS_EVERY_BYTES = 16 * 1024 * 1024;

const FIX = "Run `kindling verify`; if the log is clean, delete this file.";

/** What the witness says; `undefined` when none was written yet. */
export async function readWitness(disk: Disk, folder: LedgerFolder): Promise<LogPoint | undefined> {
  const witness = await readChecked(disk, folder.witness, FIX);
  if (witness === undefined) return undefined;
  const { bytes, chain, position, group } = witness;
  if (typeof bytes !== "number" || typeof chain !== "string" || typeof position !== "number" || typeof group !== "number") {
    throw damagedFile(folder.witness, "is no witness", FIX);
  }
  return { offset: bytes, chain, position, group };
}

/** The witness in the hands of the one who writes. */
export class Witness {
  readonly #disk: Disk;
  readonly #folder: LedgerFolder;
  #point: LogPoint | undefined;
  /** The last one asked for: they share a draft, so one is written after the other. */
  #written: Promise<void> = Promise.resolve();

  constructor(disk: Disk, folder: LedgerFolder, point: LogPoint | undefined) {
    this.#disk = disk;
    this.#folder = folder;
    this.#point = point;
  }

  /** How far the log was known to be durable. */
  get point(): LogPoint | undefined {
    return this.#point;
  }

  /** Writes a witness of a point whose bytes are synced, when it is so many bytes further. */
  async reach(point: LogPoint, everyBytes = 1): Promise<void> {
    // Of a log without commits there is nothing to witness.
    if (point.position === 0 || point.offset - (this.#point?.offset ?? 0) < everyBytes) return;
    const written = this.#written.then(() => this.#write(point));
    // Whoever asked is told of a failure; the next one tries again.
    this.#written = Promise.allSettled([written]).then(() => undefined);
    await written;
  }

  async #write(point: LogPoint): Promise<void> {
    // Another one may have come further meanwhile.
    if (point.offset <= (this.#point?.offset ?? 0)) return;
    const { offset: bytes, chain, position, group } = point;
    await writeChecked(this.#disk, this.#folder.witness, { bytes, chain, position, group });
    this.#point = point;
  }
}

/** Compares a witness with the log while it is scanned. */
export class WitnessCheck {
  readonly #witness: LogPoint;
  #isMet: boolean;

  constructor(witness: LogPoint, start: LogPoint) {
    this.#witness = witness;
    // A witness of what lies before the start was compared when it was younger.
    this.#isMet = witness.offset < start.offset || isSame(witness, start);
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
