// The hashes of the lines of a removed segment, in its hash tree: with them the lines that are kept of it can still be held against its seal.

import { basename, join } from "node:path";
import { type Disk, readFile, replaceFile } from "./disk.ts";
import { type LedgerFolder, SEGMENT_ENDING, type SegmentName } from "./folder.ts";
import { HASH_BYTES } from "./merkle.ts";
import { placeInName } from "./segment-name.ts";

/** The hashes of some segments. */
export class LeafFiles {
  readonly #disk: Disk;
  readonly #folder: LedgerFolder;
  readonly #isDry: boolean;

  /** @param isDry nothing is written */
  constructor(disk: Disk, folder: LedgerFolder, isDry = false) {
    this.#disk = disk;
    this.#folder = folder;
    this.#isDry = isDry;
  }

  /** The addresses at which the segments begin whose hashes are kept, lowest first. */
  async bases(): Promise<readonly number[]> {
    const names = await this.#disk.list(this.#folder.kept);
    return names.flatMap((name) => leavesBase(name) ?? []).sort((one, other) => one - other);
  }

  /** Removes the hashes of all segments but those that begin at certain addresses. */
  async keepOnly(bases: ReadonlySet<number>): Promise<void> {
    for (const name of await this.#disk.list(this.#folder.kept)) {
      const base = leavesBase(name);
      if (base !== undefined && !bases.has(base)) await this.#disk.remove(join(this.#folder.kept, name));
    }
  }

  async put(segment: Pick<SegmentName, "path">, leaves: readonly Buffer[]): Promise<void> {
    if (!this.#isDry) await replaceFile(this.#disk, leavesPath(this.#folder, segment), Buffer.concat(leaves));
  }

  /** The hashes, in the order of the lines, the header's first; `undefined` when none are kept. */
  async get(segment: Pick<SegmentName, "path">): Promise<readonly Buffer[] | undefined> {
    const bytes = await readFile(this.#disk, leavesPath(this.#folder, segment));
    if (bytes === undefined) return undefined;
    return Array.from({ length: Math.floor(bytes.length / HASH_BYTES) }, (_, index) =>
      bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
    );
  }
}

/** The address at which the segment begins whose hashes are in a file of that name; `undefined` when it is no such name. */
export function leavesBase(name: string): number | undefined {
  return placeInName(name, LEAVES_ENDING)?.base;
}

const LEAVES_ENDING = ".leaves";

/** The file of a segment's hashes. */
export function leavesPath(folder: LedgerFolder, { path }: Pick<SegmentName, "path">): string {
  return join(folder.kept, basename(path, SEGMENT_ENDING) + LEAVES_ENDING);
}
