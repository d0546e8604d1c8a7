// A ledger that sync groups of another copy of the same log are put into, byte for byte, under its lock. Making it, recovering it and keeping its index are left to an
// ordinary writer, which has it before the first group and whenever a segment has begun.

import { BugError } from "../errors.ts";
import { FileBlobs } from "./blob-files.ts";
import { type Disk, readUpTo, writeWhole } from "./disk.ts";
import { type LedgerFolder, ledgerFolder } from "./folder.ts";
import type { Ledger } from "./ledger.ts";
import { LogFile } from "./log-file.ts";
import { openSource, readGroups, startOfSegment } from "./log-source.ts";
import { openFolder } from "./open-folder.ts";
import { damagedFile, locked } from "./refusals.ts";
import type { LogPoint, ScannedLine } from "./scan.ts";
import { createSegment } from "./segment.ts";
import { Witness, WITNESS_EVERY_BYTES } from "./witness.ts";

/** A group that was checked in itself. */
export interface CheckedGroup {
  readonly end: LogPoint;
  /** None where a segment begins. */
  readonly lines: readonly ScannedLine[];
  readonly bytes: Buffer;
}

/** A ledger that is made when there is none. */
export interface NewLedger {
  readonly ledger: string;
  readonly created: number;
}

/** What can be handed in besides. */
export interface TargetOptions {
  /** Bytes of log after which the index is brought up to date. */
  readonly indexBytes?: number;
}

/** An open target. */
export class LogTarget {
  readonly #disk: Disk;
  readonly #folder: LedgerFolder;
  readonly #new: NewLedger;
  readonly #options: TargetOptions;
  readonly #blobs: FileBlobs;
  /** Versions of the streams that were appended to since the index was brought up to date. */
  #versions = new Map<string, number>();
  #hold: Hold | undefined;
  #end: LogPoint | undefined;

  private constructor(disk: Disk, path: string, made: NewLedger, options: TargetOptions) {
    this.#disk = disk;
    this.#folder = ledgerFolder(path);
    this.#new = made;
    this.#options = options;
    this.#blobs = new FileBlobs(disk, this.#folder.blobs);
  }

  /**
   * Opens the ledger, which is made when there is none.
   * @throws LedgerError as opening for writing does
   */
  static async open(disk: Disk, path: string, made: NewLedger, options: TargetOptions): Promise<LogTarget> {
    const target = new LogTarget(disk, path, made, options);
    await target.#settle();
    return target;
  }

  get id(): string {
    return this.#held.id;
  }

  get end(): LogPoint {
    if (this.#end === undefined) throw new BugError("a target was used that is not open");
    return this.#end;
  }

  version(run: string): number {
    return this.#versions.get(run) ?? this.#held.known.head(run)?.version ?? 0;
  }

  /** A piece of the log; shorter where it ends. */
  read(address: number, bytes: number): Promise<Buffer> {
    return readUpTo(this.#held.log, address, bytes);
  }

  async hasBlob(name: string): Promise<boolean> {
    return (await this.#blobs.get(name)) !== undefined;
  }

  /** Stores blobs durably, so that lines that name them can follow. */
  async putBlobs(blobs: Iterable<readonly [string, Uint8Array]>): Promise<void> {
    await Promise.all(Array.from(blobs, ([name, bytes]) => this.#blobs.putAs(name, bytes)));
  }

  /** Appends the group that follows the end, durably. */
  async append({ end, lines, bytes }: CheckedGroup): Promise<void> {
    const { log, witness, id } = this.#held;
    if (lines.length === 0) {
      await createSegment(this.#disk, this.#folder, id, this.end);
      return this.#settle();
    }
    await writeWhole(log, bytes, this.end.offset);
    await log.syncContent();
    this.#end = end;
    for (const { entry } of lines) this.#versions.set(entry.run, entry.first + entry.facts.length - 1);
    await witness.reach(end, WITNESS_EVERY_BYTES);
  }

  /** Closes it. After a failed write nothing more is written: the next one who opens it judges what is there. */
  async close(isWhole: boolean): Promise<void> {
    const hold = this.#hold;
    this.#hold = undefined;
    if (hold === undefined) return;
    try {
      if (isWhole) await hold.witness.reach(this.end);
    } finally {
      await hold.known.close();
      await hold.log.close();
      hold.release();
    }
  }

  /** Lets an ordinary writer recover the log and bring the index up to date, then takes the lock again. */
  async #settle(): Promise<void> {
    await this.close(true);
    const { ledger, created } = this.#new;
    const { path, lock } = this.#folder;
    const disk = this.#disk;
    await (await openFolder(path, "write", { ...this.#options, disk, newId: () => ledger, now: () => created })).close();
    const release = await disk.lock(lock);
    if (release === undefined) throw locked(path);
    try {
      const { end, hold } = await takeHold(disk, this.#folder, release);
      this.#end = end;
      this.#hold = hold;
    } catch (error) {
      release();
      throw error;
    }
    this.#versions = new Map();
  }

  get #held(): Hold {
    if (this.#hold === undefined) throw new BugError("a target was used that is not open");
    return this.#hold;
  }
}

/** What belongs to the one who has the lock. */
interface Hold {
  readonly id: string;
  readonly log: LogFile;
  /** The ledger as it was when the lock was taken. */
  readonly known: Ledger;
  readonly witness: Witness;
  readonly release: () => void;
}

async function takeHold(disk: Disk, folder: LedgerFolder, release: () => void): Promise<{ readonly end: LogPoint; readonly hold: Hold }> {
  const source = await openSource(disk, folder.path);
  const known = await openFolder(folder.path, "read", { disk });
  try {
    const end = await readGroups(source, await startOfSegment(source, source.log.last), () => undefined);
    // Somebody came between and left a write unfinished.
    if (end.offset !== source.size) throw locked(folder.path);
    const log = await LogFile.open(disk, folder, "update");
    if (log === undefined) throw damagedFile(folder.segments, "holds no segment");
    return { end, hold: { id: source.card.id, log, known, witness: new Witness(disk, folder, source.witness), release } };
  } catch (error) {
    await known.close();
    throw error;
  } finally {
    await source.close();
  }
}
