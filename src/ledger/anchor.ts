// An anchor: one line that says how far a ledger went and what its chain was there. Kept outside, it shows whether the log is still the one it was.

import { isJsonObject, type JsonObject, parseJson } from "../json.ts";
import type { Disk } from "./disk.ts";
import { type LedgerFolder, readCard, type SegmentName, segmentsIn } from "./folder.ts";
import { missing } from "./refusals.ts";
import { isSealName, type Seal, sealHash } from "./seal.ts";
import { loadSeal } from "./seal-file.ts";
import { SegmentDigest } from "./segment-digest.ts";
import { join } from "node:path";

/** How far a ledger went. */
export interface Anchor {
  /** Id of the ledger. */
  readonly ledger: string;
  /** Position of the last commit. */
  readonly position: number;
  /** The chain behind it: it commits to every byte before. */
  readonly chain: string;
  /** When it was made, milliseconds since 1970, by the clock of whoever made it. */
  readonly time: number;
  /** What lets a receipt be held against it. */
  readonly tree?: AnchorTree;
}

/** The lines of the youngest segment, and the seal of the one before. */
export interface AnchorTree {
  /** Position of the segment's first commit. */
  readonly segment: number;
  readonly lines: number;
  /** Root of the hash tree over them, base64url. */
  readonly root: string;
  /** `sealHash` of the seal before; null when there is none yet. */
  readonly previous: string | null;
}

/** Makes the anchors of a ledger folder, beside whoever writes there. Remembers what it has read. */
export class AnchorMaker {
  readonly #disk: Disk;
  readonly #folder: LedgerFolder;
  readonly #now: () => number;
  #digest: SegmentDigest | undefined;

  constructor(disk: Disk, folder: LedgerFolder, now: () => number) {
    this.#disk = disk;
    this.#folder = folder;
    this.#now = now;
  }

  /** An anchor of everything that is durable now; `undefined` for a ledger without commits. @throws LedgerError `ledger_missing`, `ledger_damaged` */
  async make(): Promise<Anchor | undefined> {
    const { digest, previous } = await this.read();
    const { ledger, segment, lines, root, chain, last } = digest.statement(previous, false);
    return last === 0 ? undefined : { ledger, position: last, chain, time: this.#now(), tree: { segment, lines, root, previous } };
  }

  /** The youngest segment as far as it is durable, and what its statement names as the one before. */
  async read(): Promise<{ readonly digest: SegmentDigest; readonly previous: string | null }> {
    const card = await readCard(this.#disk, this.#folder);
    const segment = (await segmentsIn(this.#disk, this.#folder)).at(-1);
    if (card === undefined || segment === undefined) throw missing(this.#folder.path);
    if (this.#digest?.segment.path !== segment.path) this.#digest = new SegmentDigest(segment, card.id);
    const digest = this.#digest;
    await digest.readOn(this.#disk);
    await syncFile(this.#disk, segment.path);
    return { digest, previous: await previousOf(this.#disk, this.#folder, segment) };
  }
}

/** The anchor as its line, without the end of the line. */
export function anchorLine({ ledger, position, chain, time, tree }: Anchor): string {
  return JSON.stringify({ ledger, position, chain, time, ...(tree === undefined ? {} : { tree }) });
}

/** Reads the lines of a file of anchors; `bad` are the numbers of those that are none. */
export function readAnchors(text: string): { readonly anchors: readonly Anchor[]; readonly bad: readonly number[] } {
  const anchors: Anchor[] = [];
  const bad: number[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const anchor = readAnchor(line);
    if (anchor === undefined) bad.push(index + 1);
    else anchors.push(anchor);
  }
  return { anchors, bad };
}

/** What names the statement before a segment: only the seal of the one right before it can. */
export async function previousOf(disk: Disk, folder: LedgerFolder, segment: SegmentName): Promise<string | null> {
  const seal = await sealBefore(disk, folder, segment);
  return seal === undefined || seal.last !== segment.first - 1 ? null : sealHash(seal);
}

async function sealBefore(disk: Disk, folder: LedgerFolder, { path }: SegmentName): Promise<Seal | undefined> {
  const name = (await disk.list(folder.segments)).findLast((each) => isSealName(each) && join(folder.segments, each) < path);
  return name === undefined ? undefined : loadSeal(disk, join(folder.segments, name));
}

/** What others have written and not yet synced is no less in the file: an anchor must not be ahead of the disk. */
async function syncFile(disk: Disk, path: string): Promise<void> {
  const file = await disk.open(path, "update");
  try {
    await file.syncContent();
  } finally {
    await file.close();
  }
}

function readAnchor(line: string): Anchor | undefined {
  const value = parseJson(line);
  if (!isJsonObject(value)) return undefined;
  const { ledger, position, chain, time, tree } = value;
  if (typeof ledger !== "string" || typeof position !== "number" || typeof chain !== "string" || typeof time !== "number") return undefined;
  if (tree === undefined) return { ledger, position, chain, time };
  const read = isJsonObject(tree) ? readTree(tree) : undefined;
  return read === undefined ? undefined : { ledger, position, chain, time, tree: read };
}

function readTree({ segment, lines, root, previous }: JsonObject): AnchorTree | undefined {
  if (typeof segment !== "number" || typeof lines !== "number" || typeof root !== "string") return undefined;
  return previous === null || typeof previous === "string" ? { segment, lines, root, previous } : undefined;
}
