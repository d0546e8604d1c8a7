// How much room a ledger folder takes, by what lies in it: names and sizes of files are looked at, and none is read but the youngest seal.

import { join } from "node:path";
import type { Disk } from "./disk.ts";
import { ledgerFolder, type SegmentName, segmentsIn } from "./folder.ts";
import { loadSeal } from "./seal-file.ts";
import { sealPath } from "./seal.ts";

/** Files of one sort. */
export interface FileFigures {
  readonly files: number;
  readonly bytes: number;
  /** False when there are more files than were looked at. */
  readonly isWhole: boolean;
}

/** What lies in a ledger folder. */
export interface LedgerStorage {
  /** Files of the log. */
  readonly log: FileFigures;
  /** What is needed of segments that were removed. */
  readonly kept: FileFigures;
  readonly blobs: FileFigures;
  readonly index: FileFigures;
  readonly snapshots: FileFigures;
  /** Keys, cursors, ends of writes that were cut short, and room that is held ready. */
  readonly other: FileFigures;
  /** Of all these together. */
  readonly bytes: number;
  /** Segments that are followed by another one and have no seal yet. */
  readonly unsealed: number;
  /** Up to where the youngest seal goes; null where there is none. */
  readonly lastSeal: { readonly position: number; readonly time: number | null } | null;
  /** Of the disk it lies on; null where that cannot be told. */
  readonly disk: { readonly size: number; readonly free: number } | null;
}

/** Files looked at of each sort. */
const FILES_MOST = 20_000;

/** Looks at a folder. */
export async function storageOf(disk: Disk, path: string): Promise<LedgerStorage> {
  const folder = ledgerFolder(path);
  const [segments, log, kept, index, snapshots, others, ballast, blobs, room] = await Promise.all([
    segmentsIn(disk, folder),
    figuresOf(disk, [folder.segments]),
    figuresOf(disk, [folder.kept]),
    figuresOf(disk, [folder.index]),
    figuresOf(disk, [folder.snapshots]),
    figuresOf(disk, [folder.keys, folder.cursors, folder.quarantine]),
    disk.inspect(folder.ballast),
    disk.list(folder.blobs).then((names) =>
      figuresOf(
        disk,
        names.map((name) => join(folder.blobs, name)),
      ),
    ),
    disk.room?.(path),
  ]);
  const sealed = new Set(await disk.list(folder.segments));
  const followed = segments.slice(0, -1);
  const isSealed = (segment: SegmentName): boolean => sealed.has(sealPath(segment).slice(folder.segments.length + 1));
  const youngest = followed.findLast(isSealed);
  const seal = youngest === undefined ? undefined : await loadSeal(disk, sealPath(youngest));
  const other = { ...others, files: others.files + (ballast === undefined ? 0 : 1), bytes: others.bytes + (ballast?.bytes ?? 0) };
  const parts = { log, kept, blobs, index, snapshots, other };
  return {
    ...parts,
    bytes: Object.values(parts).reduce((sum, { bytes }) => sum + bytes, 0),
    unsealed: followed.filter((segment) => !isSealed(segment)).length,
    lastSeal: seal === undefined ? null : { position: seal.last, time: seal.lastTime },
    disk: room === undefined ? null : { size: room.size, free: room.free },
  };
}

async function figuresOf(disk: Disk, folders: readonly string[]): Promise<FileFigures> {
  let [files, bytes] = [0, 0];
  for (const folder of folders)
    for (const name of await disk.list(folder)) {
      if (files === FILES_MOST) return { files, bytes, isWhole: false };
      // One that went meanwhile takes no room.
      const item = await disk.inspect(join(folder, name));
      if (item === undefined) continue;
      files += 1;
      bytes += item.bytes;
    }
  return { files, bytes, isWhole: true };
}
