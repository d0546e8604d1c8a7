// The file of kept lines while it is written: lines are added in the order of their addresses, and it may be cut again to any place that was marked on the way.

import { createHash, type Hash } from "node:crypto";
import { join } from "node:path";
import { ByteWindow } from "./byte-window.ts";
import type { CommitCount } from "./compaction.ts";
import { type Disk, type DiskFile, ensureFolder, firstBytes, writeWhole } from "./disk.ts";
import type { LedgerFolder } from "./folder.ts";
import type { Line } from "./frame.ts";
import { keptHeader, keptMark, keptPath, MARK_BYTES } from "./kept-file.ts";
import type { KeptFile } from "./log-start.ts";
import { lineAt, type LogPoint } from "./scan.ts";

/** Where lines that are kept go. */
export interface KeptSink {
  add(address: number, line: Buffer): void;
  /** Writes what was added. */
  flush(): Promise<void>;
  /** What has been added so far. */
  mark(): KeptFile;
}

/** Counts, and keeps nothing. */
export class KeptCount implements KeptSink {
  #lines = 0;

  add(): void {
    this.#lines += 1;
  }

  async flush(): Promise<void> {}

  mark(): KeptFile {
    return { lines: this.#lines, bytes: 0, sha256: "" };
  }
}

/** A draft in the folder of what is kept. Nobody takes it for more before it has its name. */
export class KeptDraft implements KeptSink {
  readonly #disk: Disk;
  readonly #folder: LedgerFolder;
  readonly #file: DiskFile;
  readonly #hash: Hash = createHash("sha256");
  readonly #headerBytes: number;
  #waiting: Buffer[] = [];
  #written = 0;
  #bytes = 0;
  #lines = 0;
  #isOpen = true;

  private constructor(disk: Disk, folder: LedgerFolder, file: DiskFile, ledgerId: string) {
    this.#disk = disk;
    this.#folder = folder;
    this.#file = file;
    this.#put(keptHeader(ledgerId));
    this.#headerBytes = this.#bytes;
  }

  static async create(disk: Disk, folder: LedgerFolder, ledgerId: string): Promise<KeptDraft> {
    await ensureFolder(disk, folder.kept);
    return new KeptDraft(disk, folder, await disk.open(draftPath(folder), "create"), ledgerId);
  }

  add(address: number, line: Buffer): void {
    this.#put(keptMark(address));
    this.#put(line);
    this.#lines += 1;
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    await writeWhole(this.#file, bytes, this.#written);
    this.#written += bytes.length;
  }

  mark(): KeptFile {
    return { lines: this.#lines, bytes: this.#bytes, sha256: this.#hash.copy().digest("hex") };
  }

  /** Leaves lines out that were added before a mark, in place. What is left up to there, and how much that is less. */
  async leaveOut(at: KeptFile, isLeftOut: (line: Line) => boolean): Promise<CommitCount & { readonly mark: KeptFile }> {
    await this.flush();
    const window = new ByteWindow(firstBytes(this.#file, at.bytes));
    const hash = createHash("sha256");
    const left = { commits: 0, bytes: 0 };
    let to = 0;
    for (let from = 0; from < at.bytes; ) {
      const markBytes = from === 0 ? this.#headerBytes : MARK_BYTES;
      const reading = from === 0 ? undefined : await lineAt(window, from + markBytes);
      const lineBytes = reading?.kind === "line" ? reading.line.bytes : 0;
      // A copy: what is written next may lie where this was read.
      const bytes = Buffer.from((await window.from(from, markBytes + lineBytes)).subarray(0, markBytes + lineBytes));
      from += markBytes + lineBytes;
      if (reading?.kind === "line" && isLeftOut(reading.line)) {
        left.commits += 1;
        left.bytes += lineBytes;
        continue;
      }
      hash.update(bytes);
      if (left.commits > 0) await writeWhole(this.#file, bytes, to);
      to += bytes.length;
    }
    return { ...left, mark: { lines: at.lines - left.commits, bytes: to, sha256: hash.digest("hex") } };
  }

  /** Gives the draft its name, as long as it was at a mark: durably, and still without a meaning. */
  async finish(at: KeptFile, point: LogPoint): Promise<void> {
    await this.flush();
    await this.#file.truncate(at.bytes);
    await this.#file.sync();
    await this.#close();
    await this.#disk.rename(draftPath(this.#folder), keptPath(this.#folder, point));
    await this.#disk.syncFolder(this.#folder.kept);
  }

  /** Removes it. */
  async discard(): Promise<void> {
    if (!this.#isOpen) return;
    await this.#close();
    await this.#disk.remove(draftPath(this.#folder));
  }

  async #close(): Promise<void> {
    this.#isOpen = false;
    await this.#file.close();
  }

  #put(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    this.#hash.update(bytes);
  }
}

function draftPath(folder: LedgerFolder): string {
  return join(folder.kept, "draft.tmp");
}
