// Finds blobs that no line of a log names any more, and removes them. Beside a writer: what is stored meanwhile stays.

import type { FileBlobs } from "./blob-files.ts";
import { readUpTo } from "./disk.ts";
import { hashesIn } from "./hashes-in.ts";
import type { KeptLines } from "./kept-lines.ts";
import type { LogFile } from "./log-file.ts";

/** Bytes of the log looked through at a time. */
const CHUNK_BYTES = 1024 * 1024;

/** A name between its quotes: as much of a chunk is looked at again with the next one. */
const OVERLAP_BYTES = 66;

/** One sweep. */
export class BlobSweep {
  readonly #blobs: FileBlobs;
  readonly #unnamed: Set<string>;

  private constructor(blobs: FileBlobs, names: readonly string[]) {
    this.#blobs = blobs;
    this.#unnamed = new Set(names);
  }

  /** Begins one: to be ended by `end`. */
  static async begin(blobs: FileBlobs): Promise<BlobSweep> {
    // First, so that nothing falls between the list and the watch.
    blobs.watch();
    return new BlobSweep(blobs, await blobs.names());
  }

  /** Sees what a line that stays names. */
  see(line: Buffer): void {
    if (this.#unnamed.size === 0) return;
    for (const name of hashesIn(line.toString("latin1"))) this.#unnamed.delete(name);
  }

  /** Sees what the kept lines name. */
  async seeKept(kept: KeptLines, ledgerId: string, pause: () => Promise<void>): Promise<void> {
    if (this.#unnamed.size === 0) return;
    for await (const { bytes } of kept.lines(ledgerId)) {
      this.see(bytes);
      await pause();
    }
  }

  /** Sees what a part of the log names. */
  async seeLog(log: LogFile, from: number, to: number, pause: () => Promise<void>): Promise<void> {
    for (let at = from; at < to && this.#unnamed.size > 0; at += CHUNK_BYTES) {
      this.see(await readUpTo(log, at, Math.min(CHUNK_BYTES + OVERLAP_BYTES, to - at)));
      await pause();
    }
  }

  /** Those that nobody names, and how much they are. */
  async found(): Promise<{ readonly count: number; readonly bytes: number }> {
    let count = 0;
    let bytes = 0;
    for (const name of this.#unnamed) {
      const size = await this.#blobs.removableBytes(name);
      if (size === undefined) continue;
      count += 1;
      bytes += size;
    }
    return { count, bytes };
  }

  /** Removes them. */
  async remove(pause: () => Promise<void>): Promise<void> {
    for (const name of this.#unnamed) {
      await this.#blobs.remove(name);
      await pause();
    }
  }

  end(): void {
    this.#blobs.unwatch();
  }
}
