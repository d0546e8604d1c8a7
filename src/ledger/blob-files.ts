// Blobs as files, named by the SHA-256 of their bytes: `blobs/3f/3f9c…`. Knows no commits.

import { hash } from "node:crypto";
import { join } from "node:path";
import { type Disk, ensureFolder, readFile, replaceFile } from "./disk.ts";
import type { Blobs } from "./ledger.ts";
import { damagedFile } from "./refusals.ts";

/** Blobs written at a time. */
const LANES = 8;

/** The blob folder of a ledger. */
export class FileBlobs implements Blobs {
  readonly #disk: Disk;
  readonly #folder: string;
  /** Writes under way, so that equal bytes given twice at once are written once. */
  readonly #writing = new Map<string, Promise<void>>();
  /** The last write of each lane: a fan-out with thousands of blobs must not open thousands of files. */
  readonly #lanes: Promise<unknown>[] = Array.from({ length: LANES }, () => Promise.resolve());
  #nextLane = 0;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  async put(bytes: Uint8Array): Promise<string> {
    const name = hash("sha256", bytes, "hex");
    await this.putAs(name, bytes);
    return name;
  }

  /** Stores bytes whose hash is known. */
  async putAs(name: string, bytes: Uint8Array): Promise<void> {
    const underWay = this.#writing.get(name) ?? this.#queue(() => this.#write(name, bytes)).finally(() => this.#writing.delete(name));
    this.#writing.set(name, underWay);
    await underWay;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    // Only a hash may become a path.
    if (!isBlobName(name)) return undefined;
    const bytes = await readFile(this.#disk, this.pathOf(name));
    if (bytes !== undefined && hash("sha256", bytes, "hex") !== name)
      throw damagedFile(this.pathOf(name), "its content is not what its name says");
    return bytes;
  }

  pathOf(name: string): string {
    return join(this.#folder, name.slice(0, 2), name);
  }

  #queue(write: () => Promise<void>): Promise<void> {
    const lane = this.#nextLane;
    this.#nextLane = (lane + 1) % LANES;
    const written = (this.#lanes[lane] ?? Promise.resolve()).then(write);
    this.#lanes[lane] = Promise.allSettled([written]);
    return written;
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
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
