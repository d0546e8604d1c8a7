// Segments that compactions removed, as far as something is left of them: their seals, and the lines that are kept with what shows that they were among the others.

import { join } from "node:path";
import type { Disk } from "./disk.ts";
import type { LedgerFolder, SegmentName } from "./folder.ts";
import { KeptLines } from "./kept-lines.ts";
import { LeafFiles } from "./leaf-files.ts";
import type { LogStart } from "./log-start.ts";
import { LeafTree } from "./merkle.ts";
import { damagedFile } from "./refusals.ts";
import type { ReceiptLine } from "./receipt.ts";
import { isSealName, type Seal, sealPath } from "./seal.ts";
import { loadSeal } from "./seal-file.ts";

/** The removed segments of a log. */
export class RemovedSegments {
  /** Oldest first. None of these files is there. */
  readonly names: readonly SegmentName[];
  readonly #disk: Disk;
  readonly #folder: LedgerFolder;
  readonly #start: LogStart | undefined;
  readonly #ledgerId: string;

  private constructor(disk: Disk, folder: LedgerFolder, ledgerId: string, start: LogStart | undefined, names: readonly SegmentName[]) {
    this.#disk = disk;
    this.#folder = folder;
    this.#ledgerId = ledgerId;
    this.#start = start;
    this.names = names;
  }

  /** @param start where the log begins; without one nothing was removed */
  static async of(disk: Disk, folder: LedgerFolder, ledgerId: string, start: LogStart | undefined): Promise<RemovedSegments> {
    const seals = start === undefined ? [] : (await disk.list(folder.segments)).filter(isSealName);
    const names = seals.map((name) => ({
      first: Number(name.slice(0, 12)),
      base: Number(name.slice(13, 28)),
      path: join(folder.segments, name.replace(/\.seal\.json$/, ".jsonl")),
    }));
    return new RemovedSegments(
      disk,
      folder,
      ledgerId,
      start,
      names.filter(({ base }) => base < (start?.offset ?? 0)),
    );
  }

  sealOf(segment: SegmentName): Promise<Seal> {
    return loadSeal(this.#disk, sealPath(segment));
  }

  /** The kept lines of a segment whose bodies are wanted, each with its path in the segment's hash tree. */
  async lines(segment: SegmentName, isWanted: (body: string) => boolean): Promise<readonly ReceiptLine[]> {
    if (this.#start === undefined) return [];
    const kept = await KeptLines.open(this.#disk, this.#folder, this.#start);
    try {
      const { bytes } = await this.sealOf(segment);
      const found: { readonly index: number; readonly text: string }[] = [];
      for await (const { address, line, bytes: whole } of kept.lines(this.#ledgerId)) {
        if (address < segment.base || address >= segment.base + bytes || !isWanted(line.body)) continue;
        // The header is the first line of a segment.
        found.push({ index: line.position - segment.first + 1, text: whole.toString("utf8", 0, whole.length - 1) });
      }
      if (found.length === 0) return [];
      const leaves = await new LeafFiles(this.#disk, this.#folder).get(segment);
      if (leaves === undefined) throw damagedFile(segment.path, "was removed, and the hashes of its lines are missing");
      const tree = new LeafTree(leaves);
      return found.map(({ index, text }) => ({ text, path: tree.pathOf(index) }));
    } finally {
      await kept.close();
    }
  }
}
