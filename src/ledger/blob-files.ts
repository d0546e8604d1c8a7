// Blobs as files, named by the SHA-256 of their bytes: `blobs/3f/3f9c…`. Knows no commits.

import { hash } from "node:crypto";
import { join } from "node:path";
import { type Disk, ensureFolder, readFile, replaceFile } from "./disk.ts";
import { Lanes } from "./lanes.ts";
import type { Blobs } from "./ledger.ts";
import { damagedFile } from "./refusals.ts";

/** Blobs written at a time. */
const WRITTEN_AT_ONCE = 8;
/** Blobs read at a time. */
const READ_AT_ONCE = 32;

/** The blob folder of a ledger. */
export class FileBlobs implements Blobs {
  readonly #disk: Disk;
  readonly #folder: string;
  /** Writes under way, so that equal bytes given twice at once are written once. */
  readonly #writing = new Map<string, Promise<void>>();
  /** A fan-out with thousands of blobs must not open thousands of files, nor may a page of a list. */
  readonly #writes = new Lanes(WRITTEN_AT_ONCE);
  readonly #reads = new Lanes(READ_AT_ONCE);
  /** Blobs that were put by themselves: whoever did so knows the hash, and may name it at any time. */
  readonly #put = new Set<string>();
  /** What was stored since somebody began to look for blobs that nobody names. */
  #stored: Set<string> | undefined;
  readonly #removing = new Map<string, Promise<void>>();

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  async put(bytes: Uint8Array): Promise<string> {
    const name = hash("sha256", bytes, "hex");
    this.#put.add(name);
    await this.putAs(name, bytes);
    return name;
  }

  /** Stores bytes whose hash is known. */
  async putAs(name: string, bytes: Uint8Array): Promise<void> {
    this.#stored?.add(name);
    const underWay = this.#writing.get(name) ?? this.#writes.do(() => this.#write(name, bytes)).finally(() => this.#writing.delete(name));
    this.#writing.set(name, underWay);
    await underWay;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    // Only a hash may become a path.
    if (!isBlobName(name)) return undefined;
    const bytes = await this.#reads.do(() => readFile(this.#disk, this.pathOf(name)));
    if (bytes !== undefined && hash("sha256", bytes, "hex") !== name)
      throw damagedFile(this.pathOf(name), "its content is not what its name says");
    return bytes;
  }

  /** Names of all blobs there are. */
  async names(): Promise<readonly string[]> {
    const names: string[] = [];
    for (const shelf of await this.#disk.list(this.#folder))
      for (const name of await this.#disk.list(join(this.#folder, shelf))) if (isBlobName(name)) names.push(name);
    return names;
  }

  /** From now on it is noted what is stored. */
  watch(): void {
    this.#stored = new Set();
  }

  unwatch(): void {
    this.#stored = undefined;
  }

  /** Bytes of a blob that may be removed; `undefined` for one that somebody may still name, and for none. */
  async removableBytes(name: string): Promise<number | undefined> {
    return this.#isFree(name) ? (await this.#disk.inspect(this.pathOf(name)))?.bytes : undefined;
  }

  /** Removes a blob unless somebody may still name it. */
  async remove(name: string): Promise<void> {
    if ((await this.removableBytes(name)) === undefined || !this.#isFree(name)) return;
    const removed = this.#disk.remove(this.pathOf(name)).finally(() => this.#removing.delete(name));
    this.#removing.set(name, removed);
    await removed;
  }

  #isFree(name: string): boolean {
    return !this.#put.has(name) && this.#stored?.has(name) !== true;
  }

  pathOf(name: string): string {
    return join(this.#folder, name.slice(0, 2), name);
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    await this.#removing.get(name);
    const path = this.pathOf(name);
    const shelf = join(this.#folder, name.slice(0, 2));
    await ensureFolder(this.#disk, shelf);
    const present = await this.#disk.inspect(path);
    if (present?.bytes !== bytes.length) await replaceFile(this.#disk, path, bytes);
    // A file under its final name was synced before it got it. The name itself may be as new as the crash of the process that gave it.
    else await this.#disk.syncFolder(shelf);
    await this.#disk.syncFolder(this.#folder);
  }
}

/** True for what can name a blob: 64 hexadecimal digits. */
export function isBlobName(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}
