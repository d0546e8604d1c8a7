// Segments that compactions removed, as far as something is left of them: their seals, and the lines that are kept with what shows that they were among the others.

import type { Disk } from "./disk.ts";
import { type LedgerFolder, type SegmentName, segmentName } from "./folder.ts";
import { KeptLines } from "./kept-lines.ts";
import { LeafFiles } from "./leaf-files.ts";
import type { LogStart } from "./log-start.ts";
import { LeafTree } from "./merkle.ts";
import { damagedFile } from "./refusals.ts";
import type { ReceiptLine } from "./receipt.ts";
import { type Seal, sealedPlace, sealPath } from "./seal.ts";
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
    const removed = start === undefined ? [] : (await disk.list(folder.segments)).flatMap((name) => sealedPlace(name) ?? []);
    const names = removed.filter(({ base }) => base < (start?.offset ?? 0)).map(({ first, base }) => segmentName(folder, first, base));
    return new RemovedSegments(disk, folder, ledgerId, start, names);
  }

  sealOf(segment: SegmentName): Promise<Seal> {
    return loadSeal(this.#disk, sealPath(segment));
  }

  /** The kept lines whose bodies are wanted, each with its path in the hash tree of its segment, by the address at which that begins. */
  async lines(isWanted: (body: string) => boolean): Promise<ReadonlyMap<number, readonly ReceiptLine[]>> {
    const lines = new Map<number, readonly ReceiptLine[]>();
    for (const [segment, found] of await this.#found(isWanted)) {
      const leaves = await new LeafFiles(this.#disk, this.#folder).get(segment);
      if (leaves === undefined) throw damagedFile(segment.path, "was removed, and the hashes of its lines are missing");
      const tree = new LeafTree(leaves);
      lines.set(
        segment.base,
        found.map(({ index, text }) => ({ text, path: tree.pathOf(index) })),
      );
    }
    return lines;
  }

  async #found(isWanted: (body: string) => boolean): Promise<ReadonlyMap<SegmentName, readonly FoundLine[]>> {
    const found = new Map<SegmentName, FoundLine[]>();
    if (this.#start === undefined) return found;
    const kept = await KeptLines.open(this.#disk, this.#folder, this.#start);
    try {
      for await (const { address, line, bytes } of kept.lines(this.#ledgerId)) {
        const segment = isWanted(line.body) ? this.names.findLast(({ base }) => base <= address) : undefined;
        if (segment === undefined) continue;
        const lines = found.get(segment) ?? [];
        // The header is the first line of a segment.
        lines.push({ index: line.position - segment.first + 1, text: bytes.toString("utf8", 0, bytes.length - 1) });
        found.set(segment, lines);
      }
    } finally {
      await kept.close();
    }
    return found;
  }
}

/** A line, and which one of its segment it is. */
interface FoundLine {
  readonly index: number;
  readonly text: string;
}
