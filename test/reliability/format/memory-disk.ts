// A disk of plain files in memory that never fails: for tests that open a folder thousands of times, each time with another byte changed.

import { basename, dirname } from "node:path";
import type { Disk, DiskFile } from "../../../src/ledger/disk.ts";

/** The files of a folder by their paths. Bytes in it are never changed in place, so copies of the map share them. */
export type Files = ReadonlyMap<string, Buffer>;

/** A disk that begins with some files and changes only its own copy of them. */
export class MemoryDisk implements Disk {
  readonly #files: Map<string, Buffer>;
  readonly #folders = new Set<string>(["/"]);
  #isLocked = false;

  constructor(files: Files = new Map()) {
    this.#files = new Map(files);
    for (const path of files.keys()) for (let up = dirname(path); up !== "/"; up = dirname(up)) this.#folders.add(up);
  }

  /** What lies on it now. */
  get files(): Files {
    return new Map(this.#files);
  }

  async open(path: string, mode: "read" | "update" | "create"): Promise<DiskFile> {
    if (mode === "create") this.#files.set(path, Buffer.alloc(0));
    else this.#bytes(path);
    // A removed file can still be read by whoever has it open.
    let known = this.#bytes(path);
    const bytes = (): Buffer => (known = this.#files.get(path) ?? known);
    const read = (into: Uint8Array, position: number): number => {
      const part = bytes().subarray(position, position + into.length);
      into.set(part);
      return part.length;
    };
    return {
      size: async () => bytes().length,
      read: async (into, position) => read(into, position),
      readNow: read,
      write: async (part, position) => {
        const grown = Buffer.alloc(Math.max(bytes().length, position + part.length));
        bytes().copy(grown);
        grown.set(part, position);
        this.#files.set(path, grown);
        return part.length;
      },
      truncate: async (length) => void this.#files.set(path, Buffer.from(bytes().subarray(0, length))),
      syncContent: async () => undefined,
      sync: async () => undefined,
      close: async () => undefined,
    };
  }

  async inspect(path: string): Promise<{ bytes: number; ownedByOther: boolean; writableByOthers: boolean } | undefined> {
    const bytes = this.#files.get(path);
    if (bytes === undefined && !this.#folders.has(path)) return undefined;
    return { bytes: bytes?.length ?? 0, ownedByOther: false, writableByOthers: false };
  }

  async list(folder: string): Promise<readonly string[]> {
    return [...this.#files.keys(), ...this.#folders]
      .filter((path) => path !== "/" && dirname(path) === folder)
      .map((path) => basename(path))
      .sort();
  }

  async makeFolder(path: string): Promise<void> {
    this.#folders.add(path);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#files.set(to, this.#bytes(from));
    this.#files.delete(from);
  }

  async remove(path: string): Promise<void> {
    this.#bytes(path);
    this.#files.delete(path);
  }

  async syncFolder(): Promise<void> {}

  async lock(): Promise<(() => void) | undefined> {
    if (this.#isLocked) return undefined;
    this.#isLocked = true;
    return () => {
      this.#isLocked = false;
    };
  }

  async network(): Promise<undefined> {
    return undefined;
  }

  watch(): () => void {
    return () => undefined;
  }

  #bytes(path: string): Buffer {
    const bytes = this.#files.get(path);
    if (bytes === undefined) throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: "ENOENT", syscall: "open" });
    return bytes;
  }
}
