// Compares what compactions left with what they say of themselves: where the log begins, the lines that are kept, and the seals of the segments these came from. Changes nothing.

import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { decodeBody } from "./body.ts";
import { type Disk, readUpTo } from "./disk.ts";
import { type LedgerFolder, shortName } from "./folder.ts";
import { keptPath } from "./kept-file.ts";
import { type KeptLine, KeptLines } from "./kept-lines.ts";
import { LeafFiles, leavesPath } from "./leaf-files.ts";
import type { LogStart } from "./log-start.ts";
import { leafHash, TreeRoot } from "./merkle.ts";
import { type Seal, sealedPlace } from "./seal.ts";
import { loadSeal } from "./seal-file.ts";
import type { Tally } from "./tally.ts";

/** What is compared. */
export interface KeptLog {
  readonly disk: Disk;
  readonly folder: LedgerFolder;
  readonly ledgerId: string;
  readonly start: LogStart;
  /** What lies in the folder of the segments. */
  readonly names: readonly string[];
}

/** Bytes hashed at a time. */
const CHUNK_BYTES = 1024 * 1024;

/** Checks the lines that are kept; they come before all others, so the tally must not have seen any. */
export async function checkKept(kept: KeptLog, tally: Tally): Promise<void> {
  const { disk, folder, ledgerId, start } = kept;
  const file = shortName(keptPath(folder, start));
  const lines = await tally.attempt(file, () => KeptLines.open(disk, folder, start));
  if (lines === undefined) {
    tally.forgetVersions();
    return;
  }
  const check = new KeptCheck(kept, tally, file);
  try {
    if ((await sha256Of(disk, lines.path)) !== start.kept.sha256) tally.fault({ file, message: "its content is not what was written" });
    await tally.attempt(file, async () => {
      for await (const line of lines.lines(ledgerId)) await check.take(line);
    });
  } finally {
    await lines.close();
  }
  await check.finish();
}

/** One walk over the kept lines, next to the seals of the segments they come from. */
class KeptCheck {
  readonly #kept: KeptLog;
  readonly #tally: Tally;
  readonly #file: string;
  readonly #leafFiles: LeafFiles;
  /** Names of seals of removed segments, oldest first. */
  readonly #seals: readonly SealName[];
  #segment: SealedSegment | undefined;
  #lines = 0;
  #position = 0;

  constructor(kept: KeptLog, tally: Tally, file: string) {
    this.#kept = kept;
    this.#tally = tally;
    this.#file = file;
    this.#leafFiles = new LeafFiles(kept.disk, kept.folder);
    this.#seals = kept.names.flatMap((name) => {
      const base = sealedPlace(name)?.base;
      return base === undefined || base >= kept.start.offset ? [] : [{ name, base }];
    });
  }

  async take({ address, line, bytes }: KeptLine): Promise<void> {
    const { position } = line;
    const entry = decodeBody(position, line.body);
    const place = { file: this.#file, position };
    if (position <= this.#position || position > this.#kept.start.position)
      this.#tally.fault({ ...place, message: `commit ${position} follows commit ${this.#position}` });
    this.#position = position;
    this.#lines += 1;
    if (entry === undefined) return this.#tally.fault({ ...place, message: "the line holds no commit" });
    this.#tally.take([{ offset: address, entry }], () => ({ file: this.#file, offset: address }));
    const segment = await this.#segmentOf(address);
    if (segment === undefined) return this.#tally.fault({ ...place, message: "no seal vouches for the segment it came from" });
    const leaf = segment.leaves[position - segment.seal.segment + 1];
    if (leaf?.equals(leafHash(bytes)) !== true)
      this.#tally.fault({ ...place, message: "is not the line that the seal of its segment vouches for" });
  }

  /** The end of what was removed is the beginning of the log. */
  async finish(): Promise<void> {
    const { disk, folder, start } = this.#kept;
    if (this.#lines !== start.kept.lines)
      this.#tally.fault({ file: this.#file, message: `has ${this.#lines} lines, and ${start.kept.lines} were written` });
    const last = this.#seals.at(-1);
    const seal =
      last === undefined ? undefined : await this.#tally.attempt(last.name, () => loadSeal(disk, join(folder.segments, last.name)));
    if (seal === undefined) this.#tally.fault({ file: basename(folder.start), message: "no seal vouches for what lies before it" });
    else if (seal.base + seal.bytes !== start.offset || seal.chain !== start.chain || seal.last !== start.position)
      this.#tally.fault({ file: basename(folder.start), message: "the log does not begin where the last removed segment ended" });
  }

  async #segmentOf(address: number): Promise<SealedSegment | undefined> {
    const found = this.#seals.findLast(({ base }) => base <= address);
    if (found === undefined) return undefined;
    if (this.#segment?.name === found.name) return this.#segment;
    const path = join(this.#kept.folder.segments, found.name);
    const seal = await this.#tally.attempt(shortName(path), () => loadSeal(this.#kept.disk, path));
    const removed = { path: path.replace(/\.seal\.json$/, ".jsonl") };
    const leaves = await this.#leafFiles.get(removed);
    if (seal === undefined || leaves === undefined) return undefined;
    if (rootOf(leaves) !== seal.root)
      this.#tally.fault({
        file: shortName(leavesPath(this.#kept.folder, removed)),
        message: `the hashes of the lines of ${found.name} are not those that were sealed`,
      });
    this.#segment = { name: found.name, seal, leaves };
    return this.#segment;
  }
}

interface SealName {
  readonly name: string;
  readonly base: number;
}

interface SealedSegment {
  readonly name: string;
  readonly seal: Seal;
  readonly leaves: readonly Buffer[];
}

function rootOf(leaves: readonly Buffer[]): string {
  const tree = new TreeRoot();
  for (const leaf of leaves) tree.add(leaf);
  return tree.root().toString("base64url");
}

async function sha256Of(disk: Disk, path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await disk.open(path, "read");
  try {
    for (let at = 0; ; at += CHUNK_BYTES) {
      const bytes = await readUpTo(file, at, CHUNK_BYTES);
      hash.update(bytes);
      if (bytes.length < CHUNK_BYTES) return hash.digest("hex");
    }
  } finally {
    await file.close();
  }
}
