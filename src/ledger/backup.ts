// A copy of a ledger folder, made while others write to it: segments up to the last whole sync group, the blobs they name, the keys and the card. What is there from
// the last time and cannot have changed is not copied again. Nothing that can be made anew goes along: no index, no snapshots.

import { basename, dirname, join, sep } from "node:path";
import { FileBlobs, isBlobName } from "./blob-files.ts";
import { blobsOf } from "./body.ts";
import { backupNotWhole, backupUnlike, unfitFolder } from "./copy-refusals.ts";
import { type Disk, ensureFolder, readFile, replaceFile, writeWhole } from "./disk.ts";
import { type LedgerFolder, ledgerFolder, layoutOf, readCard, requireSafe, type SegmentName, segmentFiles, shortName } from "./folder.ts";
import { clearRemoved } from "./clear-removed.ts";
import { copyFile } from "./copy-file.ts";
import { copyKeys } from "./key-files.ts";
import { keptPath } from "./kept-file.ts";
import type { VerifyReport } from "./ledger.ts";
import { type LogSource, openSource, type RawGroup, readGroups, startOfSegment } from "./log-source.ts";
import { type LogStart, writeStart } from "./log-start.ts";
import { RecentNames } from "./recent-names.ts";
import { damagedFile, diskFailed, locked } from "./refusals.ts";
import type { LogPoint } from "./scan.ts";
import { isSealName, sealPath } from "./seal.ts";
import { verifyFolder } from "./verify.ts";
import { readWitness, Witness, WitnessCheck } from "./witness.ts";

/** What a backup did. */
export interface BackupReport {
  readonly ledger: string;
  readonly folder: string;
  /** Position of the last commit in the backup, and the chain behind it. */
  readonly position: number;
  readonly chain: string;
  /** Segments that were copied, and those that were there already. */
  readonly segments: { readonly copied: number; readonly kept: number };
  readonly blobsCopied: number;
  /** What the walk over the backup found at the end. */
  readonly verified: VerifyReport;
}

/** Refuses a folder that no backup of a ledger can go to; changes nothing. @throws InputError `backup_folder_unfit`, LedgerError `backup_unlike`, `ledger_unsafe` */
export async function requireBackupFolder(disk: Disk, from: string, to: string): Promise<void> {
  if (isInside(from, to) || isInside(to, from)) throw unfitFolder("backup_folder_unfit", to, `and the ledger ${from} lie in each other`);
  const folder = ledgerFolder(to);
  if ((await disk.inspect(to)) === undefined) return;
  await requireSafe(disk, folder);
  const card = await readCard(disk, folder);
  const own = await readCard(disk, ledgerFolder(from));
  if (card !== undefined && card.id !== own?.id) throw backupUnlike(to, `it is of ledger ${card.id}`);
  const other = card === undefined ? (await disk.list(to)).find((name) => !NAMES.test(name)) : undefined;
  if (other !== undefined) throw unfitFolder("backup_folder_unfit", to, `holds ${other}, which is no part of a backup`);
}

/** Backs a ledger up into a folder. */
export async function backupFolder(disk: Disk, from: string, to: string): Promise<BackupReport> {
  await requireBackupFolder(disk, from, to);
  for (let round = 1; ; round++) {
    const { start } = await layoutOf(disk, ledgerFolder(from));
    try {
      return await backUp(disk, from, to);
    } catch (error) {
      // A compaction has moved the beginning of the log meanwhile: what was copied then need not fit.
      const now = (await layoutOf(disk, ledgerFolder(from))).start;
      if (round === ROUNDS || now?.offset === start?.offset) throw error;
    }
  }
}

/** How often a backup begins anew when compactions come in between. */
const ROUNDS = 3;

async function backUp(disk: Disk, from: string, to: string): Promise<BackupReport> {
  try {
    // Before the log: no cursor may point behind the end of the copy.
    const cursors = await cursorsIn(disk, ledgerFolder(from));
    const source = await openSource(disk, from);
    try {
      const folder = await openTarget(disk, to);
      const release = await disk.lock(folder.lock);
      if (release === undefined) throw locked(to);
      try {
        return await new Backup(source, folder).run(cursors);
      } finally {
        release();
      }
    } finally {
      await source.close();
    }
  } catch (error) {
    throw diskFailed(to, error);
  }
}

/** One backup under way. */
class Backup {
  readonly #source: LogSource;
  readonly #disk: Disk;
  readonly #to: LedgerFolder;
  readonly #from: FileBlobs;
  readonly #blobs: FileBlobs;
  readonly #known = new RecentNames();
  #copied = 0;
  #blobsCopied = 0;

  constructor(source: LogSource, to: LedgerFolder) {
    this.#source = source;
    this.#disk = source.disk;
    this.#to = to;
    this.#from = new FileBlobs(source.disk, source.folder.blobs);
    this.#blobs = new FileBlobs(source.disk, to.blobs);
  }

  async run(cursors: ReadonlyMap<string, Buffer>): Promise<BackupReport> {
    const { card, log, folder } = this.#source;
    const before = await this.#before();
    const changed = await this.#changed();
    const [first] = changed;
    await this.#requireEarlier(before, first === undefined ? undefined : await startOfSegment(this.#source, first));
    for (const path of [this.#to.segments, this.#to.blobs]) await ensureFolder(this.#disk, path);
    let end: LogPoint | undefined;
    const isWhole = await this.#reaches(log.kept?.start);
    for (const segment of changed) end = await this.#copy(segment);
    if (end === undefined) throw damagedFile(folder.segments, "holds no segment");
    await this.#copyOtherBlobs();
    await this.#copySeals();
    if (log.kept !== undefined && !isWhole) await this.#copyKept(log.kept.start);
    for (const [name, bytes] of cursors) await this.#putFile(bytes, join(this.#to.cursors, name));
    // Behind the log: what a line is sealed with was there before it.
    await copyKeys(this.#disk, folder.path, this.#to.path);
    await new Witness(this.#disk, this.#to, undefined).reach(end);
    // The card comes last: whoever sees it sees a whole ledger.
    await this.#copyFile(folder.card, this.#to.card);
    await this.#disk.syncFolder(dirname(this.#to.path));
    const verified = await verifyFolder(this.#to.path, this.#disk);
    if (!verified.ok) throw backupNotWhole(this.#to.path, verified);
    const { position, chain } = end;
    const segments = { copied: this.#copied, kept: log.segments.length - this.#copied };
    return { ledger: card.id, folder: this.#to.path, position, chain, segments, blobsCopied: this.#blobsCopied, verified };
  }

  /** How far the backup that is there reaches. */
  async #before(): Promise<LogPoint | undefined> {
    const card = await readCard(this.#disk, this.#to);
    if (card === undefined) return undefined;
    if (card.id !== this.#source.card.id) throw backupUnlike(this.#to.path, `it is of ledger ${card.id}`);
    return readWitness(this.#disk, this.#to);
  }

  /** The segments that are not in the backup as they are now. One that is followed by another never changes, so its size tells; the verify at the end tells the rest by the chain. */
  async #changed(): Promise<readonly SegmentName[]> {
    const { segments, base: beginning } = this.#source.log;
    const there = new Map(
      await Promise.all(
        // What compactions took out of the ledger since is kept here.
        (await segmentFiles(this.#disk, this.#to))
          .filter(({ base }) => base >= beginning)
          .map(async ({ path }) => [shortName(path), (await this.#disk.inspect(path))?.bytes ?? 0] as const),
      ),
    );
    const names = new Set(segments.map(({ path }) => shortName(path)));
    const strange = [...there.keys()].find((name) => !names.has(name));
    if (strange !== undefined) throw backupUnlike(this.#to.path, `it has ${strange}, and the ledger has not`);
    const at = segments.findIndex(({ path, base }, index) => {
      const next = segments[index + 1];
      return next === undefined || there.get(shortName(path)) !== next.base - base;
    });
    return segments.slice(at);
  }

  /** True when the backup that is there reaches to the beginning of the ledger, or further: then it goes on as it is, with more of the past than the ledger has. */
  async #reaches(start: LogStart | undefined): Promise<boolean> {
    if (start === undefined) return true;
    const before = (await segmentFiles(this.#disk, this.#to)).findLast(({ base }) => base < start.offset);
    const bytes = before === undefined ? undefined : (await this.#disk.inspect(before.path))?.bytes;
    return before !== undefined && before.base + (bytes ?? 0) === start.offset;
  }

  /** Copies what is kept of the log before its beginning, and lets the backup begin there, too. */
  async #copyKept(start: LogStart): Promise<void> {
    const { folder } = this.#source;
    await ensureFolder(this.#disk, this.#to.kept);
    await copyFile(this.#disk, keptPath(folder, start), keptPath(this.#to, start));
    for (const name of await this.#disk.list(folder.kept))
      if (name.endsWith(".leaves")) await this.#copyFile(join(folder.kept, name), join(this.#to.kept, name));
    await writeStart(this.#disk, this.#to, start);
    await clearRemoved(this.#disk, this.#to, start);
  }

  /** Refuses to write over a backup that knows more than the ledger, or something else. */
  async #requireEarlier(before: LogPoint | undefined, start: LogPoint | undefined): Promise<void> {
    if (before === undefined || start === undefined || before.offset < start.offset) return;
    const check = new WitnessCheck(before, start);
    const end = await readGroups(this.#source, start, (group) => check.pass(group.end));
    const problem = check.problem(end);
    if (problem === undefined) return;
    throw backupUnlike(
      this.#to.path,
      end.offset < before.offset ? `it reaches to commit ${before.position}, and the ledger to ${end.position}` : "its commits are others",
    );
  }

  /** Copies a segment with the blobs it names, which are there before it gets its name. */
  async #copy(segment: SegmentName): Promise<LogPoint> {
    const { log, size } = this.#source;
    const path = join(this.#to.segments, shortName(segment.path).slice("segments/".length));
    const limit = log.segments.find(({ base }) => base > segment.base)?.base ?? size;
    const file = await this.#disk.open(`${path}.tmp`, "create");
    let end: LogPoint;
    try {
      const copy = async (group: RawGroup): Promise<void> => {
        await this.#copyBlobs(group);
        await writeWhole(file, group.bytes, group.start.offset - segment.base);
      };
      end = await readGroups(this.#source, await startOfSegment(this.#source, segment), copy, limit);
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#disk.rename(`${path}.tmp`, path);
    await this.#disk.syncFolder(this.#to.segments);
    this.#copied += 1;
    return end;
  }

  async #copyBlobs({ lines }: RawGroup): Promise<void> {
    for (const { entry } of lines) {
      for (const name of blobsOf(entry)) {
        if (this.#known.has(name)) continue;
        this.#known.add(name);
        await this.#copyBlob(name, entry.position);
      }
    }
  }

  async #copyBlob(name: string, position?: number): Promise<void> {
    const bytes = await this.#from.get(name);
    if (bytes === undefined)
      throw damagedFile(this.#from.pathOf(name), position === undefined ? "is missing" : `is missing, and commit ${position} names it`);
    if ((await this.#disk.inspect(this.#blobs.pathOf(name)))?.bytes !== bytes.length) this.#blobsCopied += 1;
    await this.#blobs.putAs(name, bytes);
  }

  /** Blobs that no line takes its facts from: somebody kept them beside the log and knows their hashes. */
  async #copyOtherBlobs(): Promise<void> {
    const { blobs } = this.#source.folder;
    for (const shelf of await this.#disk.list(blobs)) {
      for (const name of (await this.#disk.list(join(blobs, shelf))).filter(isBlobName)) {
        const bytes = (await this.#disk.inspect(this.#from.pathOf(name)))?.bytes;
        if ((await this.#disk.inspect(this.#blobs.pathOf(name)))?.bytes !== bytes) await this.#copyBlob(name);
      }
    }
  }

  /** The seals of segments that others follow, those of removed ones, too: made when those had begun, so one may be new of a segment that is not. */
  async #copySeals(): Promise<void> {
    const { folder, log } = this.#source;
    const last = sealName(log.last);
    for (const name of await this.#disk.list(folder.segments))
      if (isSealName(name) && name < last) await this.#copyFile(join(folder.segments, name), join(this.#to.segments, name));
  }

  /** Copies a small file as a whole, unless it is there as it is. */
  async #copyFile(from: string, to: string): Promise<void> {
    const bytes = await readFile(this.#disk, from);
    if (bytes === undefined) throw damagedFile(from, "is missing");
    await this.#putFile(bytes, to);
  }

  async #putFile(bytes: Buffer, to: string): Promise<void> {
    await ensureFolder(this.#disk, dirname(to));
    if ((await readFile(this.#disk, to))?.equals(bytes) !== true) await replaceFile(this.#disk, to, bytes);
  }
}

function sealName(segment: SegmentName): string {
  return basename(sealPath(segment));
}

/** Names that a backup makes before it has a card. */
const NAMES = /^(segments|kept|blobs|keys|cursors|head\.json|start\.json|ledger\.json|writer\.lock)(\.tmp)?$/;

/** How far those have read who keep a cursor. */
async function cursorsIn(disk: Disk, { cursors }: LedgerFolder): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const name of (await disk.list(cursors)).filter((each) => each.endsWith(".json"))) {
    const bytes = await readFile(disk, join(cursors, name));
    if (bytes !== undefined) found.set(name, bytes);
  }
  return found;
}

async function openTarget(disk: Disk, to: string): Promise<LedgerFolder> {
  const folder = ledgerFolder(to);
  await ensureFolder(disk, to);
  await requireSafe(disk, folder);
  return folder;
}

function isInside(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : `${outer}${sep}`);
}
