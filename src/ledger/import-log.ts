// Makes a ledger of an export, or brings a copy of the same ledger up to it. Each sync group is checked whole before anything of it is written.

import { KindlingError } from "../errors.ts";
import { blobsOf, isClosed } from "./body.ts";
import { importBlobMissing, importDamaged, importDiverged, importGap, importOther, sealedLog } from "./copy-refusals.ts";
import type { ExportHeader } from "./export-lines.ts";
import { type ExportedBlobs, type ExportedGroup, ExportReader } from "./export-reader.ts";
import type { Disk } from "./disk.ts";
import { ledgerFolder, readCard } from "./folder.ts";
import { hasKeys } from "./key-files.ts";
import { LogTarget, type TargetOptions } from "./log-target.ts";
import { RecentNames } from "./recent-names.ts";
import { diskFailed, keyNeeded } from "./refusals.ts";
import type { LogPoint } from "./scan.ts";
import { slotOfBlob } from "./sealed-blob.ts";

/** What an import did. */
export interface ImportReport {
  readonly ledger: string;
  readonly folder: string;
  /** Commits that were new here. */
  readonly commits: number;
  /** Position of the last commit that is here now. */
  readonly position: number;
  /** The chain behind it: that of the export. */
  readonly chain: string;
}

/** Imports an export into a folder. */
export async function importLog(
  disk: Disk,
  path: string,
  source: AsyncIterable<Uint8Array>,
  options: TargetOptions = {},
): Promise<ImportReport> {
  const reader = new ExportReader(source);
  try {
    if (await hasKeys(disk, path)) throw sealedLog(path, "nothing can be imported into it", "Import into an empty folder.");
    const header = await reader.header();
    const isThere = (await readCard(disk, ledgerFolder(path))) !== undefined;
    if (!isThere && header.start.offset > 0) throw importGap(path, 0, header.start.position + 1);
    return await new Import(path, header, reader, (ledger) => LogTarget.open(disk, path, ledger, options)).run(isThere);
  } catch (error) {
    throw diskFailed(path, error);
  } finally {
    await reader.close();
  }
}

const SEALED_FIX = "Copy the ledger it is of with `kindling backup`, which takes its keys along.";

/** One import under way. */
class Import {
  readonly #path: string;
  readonly #openTarget: (header: ExportHeader) => Promise<LogTarget>;
  readonly #header: ExportHeader;
  readonly #reader: ExportReader;
  readonly #known = new RecentNames();
  #target: LogTarget | undefined;

  constructor(path: string, header: ExportHeader, reader: ExportReader, openTarget: (header: ExportHeader) => Promise<LogTarget>) {
    this.#path = path;
    this.#openTarget = openTarget;
    this.#header = header;
    this.#reader = reader;
  }

  async run(isThere: boolean): Promise<ImportReport> {
    let isWhole = true;
    try {
      let target = isThere ? await this.#open() : undefined;
      const before = target?.end.position ?? 0;
      const waiting: (ExportedGroup | ExportedBlobs)[] = [];
      for await (const part of this.#reader.groups(this.#header)) {
        this.#requireOpen(part);
        // Where there is nothing yet, nothing is made before the first commits were checked: a segment begins without any.
        waiting.push(part);
        if (target === undefined && part.kind === "group" && part.lines.length === 0) continue;
        target ??= await this.#open();
        for (const each of waiting.splice(0)) await this.#put(target, each);
      }
      if (waiting.length > 0) target ??= await this.#open();
      for (const each of waiting) if (target !== undefined) await this.#put(target, each);
      if (target === undefined) throw importDamaged(2, "the export holds nothing of a log", 0);
      const { position, chain } = target.end;
      return { ledger: target.id, folder: this.#path, commits: position - before, position, chain };
    } catch (error) {
      // What we refuse was refused before it was written.
      isWhole = error instanceof KindlingError;
      throw error;
    } finally {
      await this.#target?.close(isWhole);
    }
  }

  async #open(): Promise<LogTarget> {
    const { ledger, start } = this.#header;
    const target = await this.#openTarget(this.#header);
    this.#target = target;
    const path = this.#path;
    if (target.id !== ledger) throw importOther(path, target.id, ledger);
    const { end } = target;
    if (start.offset > end.offset) throw importGap(path, end.position, start.position + 1);
    if (start.offset === end.offset && !isSame(start, end)) throw importDiverged(path, 1, start.position + 1);
    this.#reader.taken = end.position;
    return target;
  }

  async #put(target: LogTarget, part: ExportedGroup | ExportedBlobs): Promise<void> {
    if (part.kind === "group") await this.#take(target, part);
    else await this.#keepBlobs(target, part.blobs);
    this.#reader.taken = target.end.position;
  }

  /** What is sealed opens in the ledger it was sealed for only, with its keys, which are in no export. */
  #requireOpen(part: ExportedGroup | ExportedBlobs): void {
    const isSealed =
      part.kind === "group"
        ? part.lines.some(({ entry }) => isClosed(entry))
        : this.#target === undefined && [...part.blobs.values()].some((bytes) => slotOfBlob(bytes) !== undefined);
    if (isSealed) throw keyNeeded(part.kind === "group" ? `line ${part.line} of the export` : "a large value in the export", SEALED_FIX);
  }

  async #take(target: LogTarget, group: ExportedGroup): Promise<void> {
    const { start, end, bytes, line, blobs } = group;
    const path = this.#path;
    if (start.offset < target.end.offset) {
      const there = await target.read(start.offset, bytes.length);
      if (end.offset > target.end.offset || !there.equals(bytes)) throw importDiverged(path, line, start.position + 1);
      return;
    }
    if (!isSame(start, target.end)) throw importDiverged(path, line, start.position + 1);
    this.#checkVersions(target, group);
    await this.#checkBlobs(target, group);
    await target.putBlobs(blobs);
    await target.append(group);
  }

  async #keepBlobs(target: LogTarget, blobs: ReadonlyMap<string, Buffer>): Promise<void> {
    await target.putBlobs(blobs);
    for (const name of blobs.keys()) this.#known.add(name);
  }

  #checkVersions(target: LogTarget, { lines, line }: ExportedGroup): void {
    const versions = new Map<string, number>();
    for (const { entry } of lines) {
      const { run, first, facts } = entry;
      const version = versions.get(run) ?? target.version(run);
      if (first !== version + 1) throw importDamaged(line, `${run} has ${version} facts, and fact ${first} follows`, target.end.position);
      versions.set(run, version + facts.length);
    }
  }

  async #checkBlobs(target: LogTarget, { lines, line, blobs }: ExportedGroup): Promise<void> {
    for (const { entry } of lines) {
      for (const name of blobsOf(entry)) {
        if (this.#known.has(name)) continue;
        if (!blobs.has(name) && !(await target.hasBlob(name))) throw importBlobMissing(line, name, entry.position, target.end.position);
        this.#known.add(name);
      }
    }
  }
}

function isSame(one: LogPoint, other: LogPoint): boolean {
  return one.offset === other.offset && one.chain === other.chain && one.position === other.position && one.group === other.group;
}
