// The folder of a ledger: what lies where, the card `ledger.json` that says what it is, and whether it is safe to use. Knows no lines.

import { basename, dirname, join } from "node:path";
import { readUnchecked, writeChecked } from "./checked-json.ts";
import type { Random } from "./cipher.ts";
import { type Disk, ensureFolder } from "./disk.ts";
import { type LogStart, readStart } from "./log-start.ts";
import type { KeySource } from "./key-source.ts";
import { placeInName, segmentFileName, type SegmentPlace } from "./segment-name.ts";
import { damagedFile, missing, tooNew, unsafe } from "./refusals.ts";

/** Paths inside a ledger folder. */
export interface LedgerFolder {
  readonly path: string;
  /** Format, version and id; written last when a ledger is made, so a folder without it holds no ledger. */
  readonly card: string;
  /** The lock, never anything else. */
  readonly lock: string;
  /** Who writes: for people, and only as true as the lock says. */
  readonly writer: string;
  /** How far the log was known to be durable: of every close, and every so often. */
  readonly witness: string;
  readonly segments: string;
  /** Where the log begins; there once something was removed. */
  readonly start: string;
  /** What is needed of the log before that. */
  readonly kept: string;
  readonly index: string;
  readonly snapshots: string;
  /** How far consumers have come; made with the first one. */
  readonly cursors: string;
  readonly blobs: string;
  readonly quarantine: string;
  /** Room that is held ready for a full disk. */
  readonly ballast: string;
  /** The keys of an encrypted ledger. */
  readonly keys: string;
}

/** What `ledger.json` says. */
export interface LedgerCard {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly id: string;
  readonly created: number;
  /** Of an encrypted ledger: the ids of its master keys. One, or two while it is being changed. */
  readonly keys?: readonly string[];
}

/** Where a file ledger lies, and through what it is reached. */
export interface LedgerSite {
  readonly disk: Disk;
  readonly folder: LedgerFolder;
  readonly newId: () => string;
  /** Lets everything else that waits run first: for long work in small steps. */
  readonly pause: () => Promise<void>;
  /** A segment that has grown to this is followed by another one. */
  readonly segmentBytes: number;
  /** Bytes of log after which the index is brought up to date. */
  readonly indexBytes: number;
  /** Bytes held ready for a full disk, once the log is as long. */
  readonly ballastBytes: number;
  /** Writes on a network file system, too, where locks are not reliable. */
  readonly allowNetwork: boolean;
  /** Where the key is that signs the seals of finished segments; they are not signed when left out. */
  readonly signing?: KeySource;
  /** Where the master key of an encrypted ledger is. A new ledger is encrypted when there is one. */
  readonly key?: KeySource;
  readonly random: Random;
}

const FORMAT = "kindling-ledger";
const VERSION = 1;

/** The paths of a ledger at a place. */
export function ledgerFolder(path: string): LedgerFolder {
  return {
    path,
    card: join(path, "ledger.json"),
    lock: join(path, "writer.lock"),
    writer: join(path, "writer.json"),
    witness: join(path, "head.json"),
    segments: join(path, "segments"),
    start: join(path, "start.json"),
    kept: join(path, "kept"),
    index: join(path, "index"),
    snapshots: join(path, "snapshots"),
    cursors: join(path, "cursors"),
    blobs: join(path, "blobs"),
    quarantine: join(path, "quarantine"),
    ballast: join(path, "ballast"),
    keys: join(path, "keys"),
  };
}

/** Refuses a folder in which others could have put or changed something. */
export async function requireSafe(disk: Disk, { path }: LedgerFolder): Promise<void> {
  const item = await disk.inspect(path);
  if (item === undefined) throw missing(path);
  if (item.ownedByOther) throw unsafe(path, "belongs to another user", "Use a folder of your own, or run as its owner.");
  if (item.writableByOthers) throw unsafe(path, "can be written by other users", `Run: chmod go-w ${path}`);
}

/** The card, or `undefined` when the folder holds no ledger. */
export async function readCard(disk: Disk, folder: LedgerFolder): Promise<LedgerCard | undefined> {
  const card = await readUnchecked(disk, folder.card);
  if (card === undefined) return undefined;
  const { format, version, id, created, keys } = card.content;
  // A later format may sum up differently, so its number comes first.
  if (format === FORMAT && typeof version === "number" && version > VERSION)
    throw tooNew(folder.card, `format version ${version}; this one knows ${VERSION}`);
  if (!card.isWhole || format !== FORMAT || typeof version !== "number" || typeof id !== "string" || typeof created !== "number")
    throw damagedFile(folder.card, "is not the card of a ledger");
  if (keys === undefined) return { format, version, id, created };
  if (!Array.isArray(keys)) throw damagedFile(folder.card, "is not the card of a ledger");
  return { format, version, id, created, keys: keys.filter((key) => typeof key === "string") };
}

/** Makes the folders a ledger needs. Their names are durable when the card is. */
export async function makeFolders(disk: Disk, folder: LedgerFolder): Promise<void> {
  for (const path of [folder.segments, folder.index, folder.snapshots, folder.blobs, folder.quarantine]) await ensureFolder(disk, path);
  await disk.syncFolder(folder.path);
  // Also when the folder was there already: whoever made it may have died before it was durable.
  await disk.syncFolder(dirname(folder.path));
}

/** Writes the card: from now on the folder holds a ledger. */
export async function writeCard(
  disk: Disk,
  folder: LedgerFolder,
  id: string,
  created: number,
  keys: readonly string[] | undefined,
): Promise<LedgerCard> {
  const card: LedgerCard = { format: FORMAT, version: VERSION, id, created, ...(keys === undefined ? {} : { keys }) };
  await writeChecked(disk, folder.card, { ...card });
  return card;
}

/** A segment by its name alone: the position of its first commit, and the address of its first byte in the whole log. */
export interface SegmentName extends SegmentPlace {
  readonly path: string;
}

export const SEGMENT_ENDING = ".jsonl";

/** The segments of the log, oldest first. */
export async function segmentsIn(disk: Disk, folder: LedgerFolder): Promise<readonly SegmentName[]> {
  return (await layoutOf(disk, folder)).segments;
}

/** What a log consists of. */
export interface LogLayout {
  /** Oldest first. */
  readonly segments: readonly SegmentName[];
  /** Where it begins, once something was removed. */
  readonly start: LogStart | undefined;
  /** Segments before that which a crash left. */
  readonly removed: readonly SegmentName[];
}

/** What the log of a folder consists of. */
export async function layoutOf(disk: Disk, folder: LedgerFolder): Promise<LogLayout> {
  // The names first: segments are removed only after the start was put behind them.
  const all = await segmentFiles(disk, folder);
  const start = await readStart(disk, folder);
  if (start === undefined) return { segments: all, start, removed: [] };
  const segments = all.filter(({ base }) => base >= start.offset);
  if (segments[0]?.base !== start.offset)
    throw damagedFile(folder.start, `says that the log begins at byte ${start.offset}, and no segment begins there`);
  return { segments, start, removed: all.filter(({ base }) => base < start.offset) };
}

/** All segments that lie in a folder, whether they count or not. */
export async function segmentFiles(disk: Disk, folder: LedgerFolder): Promise<readonly SegmentName[]> {
  const names = (await disk.list(folder.segments)).filter((name) => name.endsWith(SEGMENT_ENDING));
  return names.sort().map((name) => {
    const place = placeInName(name, SEGMENT_ENDING);
    if (place === undefined) throw damagedFile(join(folder.segments, name), "has not the name of a segment");
    return { ...place, path: join(folder.segments, name) };
  });
}

/** The name of the segment that begins with a commit and at an address. */
export function segmentName(folder: LedgerFolder, first: number, base: number): SegmentName {
  return { first, base, path: join(folder.segments, segmentFileName({ first, base }, SEGMENT_ENDING)) };
}

/** A segment as it is called in messages and reports: relative to the ledger. */
export function shortName(path: string): string {
  return `${basename(dirname(path))}/${basename(path)}`;
}
