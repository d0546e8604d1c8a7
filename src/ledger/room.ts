// How much room the disk has for a ledger, and some that is held ready: a file of nothing, which is given up when a ledger is opened on a full disk, so that what is under way
// can still be decided and ended there.

import { type Disk, type DiskRoom, writeWhole } from "./disk.ts";
import type { LedgerFolder } from "./folder.ts";

/** Bytes held ready. A log shorter than that needs none. */
export const BALLAST_BYTES = 8 * 1024 * 1024;

/** With less room than this, or than a twentieth of a smaller disk, nothing new should begin. */
const LOW_BYTES = 512 * 1024 * 1024;
const LOW_PART = 1 / 20;

/** How long a look at the disk holds good, in milliseconds. */
const LOOK_MS = 1_000;

/** Bytes written at a time. */
const CHUNK = Buffer.alloc(64 * 1024, "ballast\n");

/** What a room needs. */
export interface RoomParts {
  readonly disk: Disk;
  readonly folder: LedgerFolder;
  readonly now: () => number;
  readonly ballastBytes: number;
}

/** The room of one writer. */
export class Room {
  readonly #parts: RoomParts;
  #isLow = false;
  #hasBallast = false;
  #lookedAt = 0;
  #looking: Promise<void> | undefined;

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  /** True when little is left. */
  get isLow(): boolean {
    return this.#isLow;
  }

  /** Before anything is written: gives the ballast up when there is no room without it. */
  async enter(): Promise<void> {
    const { disk, folder, ballastBytes, now } = this.#parts;
    this.#lookedAt = now();
    this.#hasBallast = (await disk.inspect(folder.ballast)) !== undefined;
    const room = await disk.room?.(folder.path);
    this.#isLow = room !== undefined && isLow(room);
    if (room === undefined || !this.#hasBallast || room.free >= ballastBytes) return;
    await disk.remove(folder.ballast);
    this.#hasBallast = false;
  }

  /** Looks again, when the last look was some time ago, beside all other work. A failure is told. */
  consider(logBytes: number, onFailure: (cause: unknown) => void): void {
    const { disk, now } = this.#parts;
    if (disk.room === undefined || this.#looking !== undefined || Math.abs(now() - this.#lookedAt) < LOOK_MS) return;
    this.#lookedAt = now();
    this.#looking = this.#look(logBytes)
      .catch(onFailure)
      .finally(() => {
        this.#looking = undefined;
      });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#looking;
  }

  async #look(logBytes: number): Promise<void> {
    const { disk, folder, ballastBytes } = this.#parts;
    const room = await disk.room?.(folder.path);
    if (room === undefined) return;
    this.#isLow = isLow(room);
    const isWanted = !this.#hasBallast && !this.#isLow && logBytes >= ballastBytes && room.free >= 2 * ballastBytes;
    if (isWanted) await this.#makeBallast();
  }

  /** Written and not only reserved: many file systems give no room to a file that was never written. */
  async #makeBallast(): Promise<void> {
    const { disk, folder, ballastBytes } = this.#parts;
    const file = await disk.open(folder.ballast, "create");
    try {
      for (let done = 0; done < ballastBytes; done += CHUNK.length)
        await writeWhole(file, CHUNK.subarray(0, Math.min(CHUNK.length, ballastBytes - done)), done);
      await file.sync();
      this.#hasBallast = true;
    } catch (error) {
      // There was less room than it seemed: what could be written goes again.
      if (!(error instanceof Error && "syscall" in error)) throw error;
      await disk.remove(folder.ballast);
    } finally {
      await file.close();
    }
  }
}

function isLow({ free, size }: DiskRoom): boolean {
  return free < Math.min(LOW_BYTES, size * LOW_PART);
}
