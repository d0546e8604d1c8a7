// A disk in memory that fails as disks do. Writes reach a page cache; only a sync brings them to the platter, and a power cut takes any of the sectors and names
// that were not synced. A failed sync marks pages clean that never got there, and reads go on showing them. Every choice comes from the seed.

import { basename, dirname } from "node:path";
import type { Disk, DiskFile, DiskItem, OpenMode } from "../../src/ledger/disk.ts";

const SECTOR_BYTES = 512;

/** What goes wrong, once, at the n-th write, sync or removal of a life. */
export type Fault =
  | { readonly kind: "none" }
  /** The process ends within this call, which may have been done. */
  | { readonly kind: "death"; readonly atCall: number }
  | { readonly kind: "sync-fails"; readonly atCall: number }
  | { readonly kind: "disk-full"; readonly atCall: number };

export interface SimulatedDiskOptions {
  readonly random: () => number;
  /** A disk that lies: syncs resolve and nothing is durable. */
  readonly ignoresSync?: boolean;
  /** A kernel that does not write what it believes to be there already: plays a ledger that trusts what it reads after a crash. */
  readonly ignoresSameBytes?: boolean;
  /** How often a write takes only a part, 0 to 1. */
  readonly shortWrites?: number;
}

/** A disk that outlives the processes using it. Each process gets its own access by `begin`. */
export class SimulatedDisk {
  readonly #options: SimulatedDiskOptions;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #pending: NameChange[] = [];
  #life = 0;
  #calls = 0;
  #fault: Fault = { kind: "none" };
  #isLocked = false;
  #forgetsNames = false;
  #death = Promise.withResolvers<void>();

  constructor(options: SimulatedDiskOptions) {
    this.#options = options;
    this.#names.set("/", "folder");
    this.#durableNames.set("/", "folder");
  }

  /** Resolves when the process that uses the disk has died. */
  get death(): Promise<void> {
    return this.#death.promise;
  }

  /** Writes, syncs and removals of this life so far. */
  get calls(): number {
    return this.#calls;
  }

  /** From now on it lies about names: syncs of folders resolve and nothing is durable. */
  forgetNames(): void {
    this.#forgetsNames = true;
  }

  /** Begins the life of a new process, in which one thing goes wrong, and gives its access to the disk. */
  begin(fault: Fault = { kind: "none" }): Disk {
    this.#life += 1;
    this.#calls = 0;
    this.#fault = fault;
    this.#isLocked = false;
    this.#death = Promise.withResolvers();
    const life = this.#life;
    // A dead process does nothing more, whatever it had under way: its calls never return.
    const ifAlive = async <T>(act: () => T | Promise<T>): Promise<T> => {
      await this.#aliveIn(life);
      return act();
    };
    return {
      open: (path, mode) => ifAlive(() => this.#open(path, mode, life)),
      inspect: (path) => ifAlive(() => this.#inspect(path)),
      list: (folder) => ifAlive(() => this.#list(folder)),
      makeFolder: (path) => ifAlive(() => this.#makeFolder(path)),
      rename: (from, to) => ifAlive(() => this.#rename(from, to, life)),
      remove: (path) => ifAlive(() => this.#remove(path, life)),
      syncFolder: (path) => ifAlive(() => this.#syncFolder(path, life)),
      lock: () => ifAlive(() => this.#lock(life)),
      watch: () => () => undefined,
    };
  }

  /** Ends the life of the process; whatever it still calls never returns. The page cache stays. */
  kill(): void {
    this.#life += 1;
    this.#death.resolve();
  }

  /** Ends the life of the machine: what was not synced stays, or goes, or stays in part. */
  cutPower(): void {
    this.kill();
    const kept = new Map<string, number>();
    for (const change of this.#pending) {
      const left =
        kept.get(change.folder) ??
        Math.floor(this.#options.random() * (this.#pending.filter(({ folder }) => folder === change.folder).length + 1));
      if (left > 0) change.apply(this.#durableNames);
      kept.set(change.folder, left - 1);
    }
    this.#pending = [];
    for (const path of this.#durableNames.keys()) if (!hasParents(this.#durableNames, path)) this.#durableNames.delete(path);
    this.#names = new Map(this.#durableNames);
    for (const inode of new Set(this.#names.values())) if (inode !== "folder") inode.losePower(this.#options.random);
  }

  /** Changes a byte behind everyone's back. */
  flipBit(path: string, bit: number): void {
    const inode = this.#fileAt(path);
    for (const bytes of [inode.cached, inode.durable]) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  }

  content(path: string): Buffer {
    return Buffer.from(this.#fileAt(path).cached);
  }

  #open(path: string, mode: OpenMode, life: number): DiskFile {
    if (mode === "create") {
      const made = new FileNode();
      this.#change(dirname(path), (names) => names.set(path, made));
    }
    return this.#handle(this.#fileAt(path), life);
  }

  #inspect(path: string): DiskItem | undefined {
    const inode = this.#names.get(path);
    if (inode === undefined) return undefined;
    return { bytes: inode === "folder" ? 0 : inode.cached.length, ownedByOther: false, writableByOthers: false };
  }

  #list(folder: string): readonly string[] {
    return [...this.#names.keys()]
      .filter((path) => path !== "/" && dirname(path) === folder)
      .map((path) => basename(path))
      .sort();
  }

  #makeFolder(path: string): void {
    if (!this.#names.has(path)) this.#change(dirname(path), (names) => names.set(path, "folder"));
  }

  async #rename(from: string, to: string, life: number): Promise<void> {
    const inode = this.#fileAt(from);
    await this.#call("write");
    await this.#aliveIn(life);
    this.#change(dirname(to), (names) => {
      names.delete(from);
      names.set(to, inode);
    });
  }

  async #remove(path: string, life: number): Promise<void> {
    this.#fileAt(path);
    await this.#call("remove");
    await this.#aliveIn(life);
    this.#change(dirname(path), (names) => names.delete(path));
  }

  async #syncFolder(path: string, life: number): Promise<void> {
    await this.#call("sync");
    await this.#aliveIn(life);
    if (this.#options.ignoresSync === true || this.#forgetsNames) return;
    for (const change of this.#pending) if (change.folder === path) change.apply(this.#durableNames);
    this.#pending = this.#pending.filter(({ folder }) => folder !== path);
  }

  #lock(life: number): (() => void) | undefined {
    if (this.#isLocked) return undefined;
    this.#isLocked = true;
    return () => {
      if (life === this.#life) this.#isLocked = false;
    };
  }

  async #aliveIn(life: number): Promise<void> {
    if (life !== this.#life) await never();
  }

  #handle(inode: FileNode, life: number): DiskFile {
    const { random, ignoresSync, ignoresSameBytes = false, shortWrites = 0 } = this.#options;
    const alive = (): Promise<void> => this.#aliveIn(life);
    const sync = async (): Promise<void> => {
      await alive();
      await this.#call("sync", () => inode.pretendClean());
      // The process may have died, or the power failed, while the call was on its way.
      await alive();
      if (ignoresSync !== true) inode.flush();
    };
    return {
      size: async () => {
        await alive();
        return inode.cached.length;
      },
      read: async (into, position) => {
        await alive();
        const part = inode.cached.subarray(position, position + into.length);
        into.set(part);
        return part.length;
      },
      readNow: (into, position) => {
        const part = inode.cached.subarray(position, position + into.length);
        into.set(part);
        return part.length;
      },
      write: async (bytes, position) => {
        await alive();
        const count = bytes.length > 1 && random() < shortWrites ? 1 + Math.floor(random() * (bytes.length - 1)) : bytes.length;
        await this.#call("write", () => inode.write(bytes.subarray(0, Math.floor(random() * bytes.length)), position, false));
        await alive();
        inode.write(bytes.subarray(0, count), position, ignoresSameBytes);
        return count;
      },
      truncate: async (bytes) => {
        await alive();
        inode.truncate(bytes);
      },
      syncContent: sync,
      sync,
      close: alive,
    };
  }

  /** Counts a call and lets the fault of this life happen at it. `half` is what a failing call does before it fails. */
  async #call(kind: "write" | "sync" | "remove", half: () => void = () => undefined): Promise<void> {
    this.#calls += 1;
    const fault = this.#fault;
    if (fault.kind === "none" || this.#calls < fault.atCall) return;
    if (fault.kind === "death" && this.#calls === fault.atCall) {
      if (kind === "write") half();
      this.kill();
      await never();
    }
    // A sync that failed once goes on failing, as a broken device does; a full disk has room again for the next small thing.
    if (fault.kind === "sync-fails" && kind === "sync") {
      half();
      throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO", syscall: "fdatasync" });
    }
    if (fault.kind === "disk-full" && kind === "write") {
      half();
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
    }
  }

  #change(folder: string, apply: (names: Map<string, Inode>) => void): void {
    apply(this.#names);
    this.#pending.push({ folder, apply });
  }

  #fileAt(path: string): FileNode {
    const inode = this.#names.get(path);
    if (inode === undefined || inode === "folder")
      throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: "ENOENT", syscall: "open" });
    return inode;
  }
}

type Inode = FileNode | "folder";

interface NameChange {
  readonly folder: string;
  apply(names: Map<string, Inode>): void;
}

class FileNode {
  cached = Buffer.alloc(0);
  durable = Buffer.alloc(0);
  #dirty = new Set<number>();

  write(bytes: Uint8Array, position: number, ignoresSameBytes: boolean): void {
    const end = position + bytes.length;
    if (ignoresSameBytes && end <= this.cached.length && this.cached.subarray(position, end).equals(bytes)) return;
    if (end > this.cached.length) this.cached = Buffer.concat([this.cached, Buffer.alloc(end - this.cached.length)]);
    this.cached.set(bytes, position);
    for (let sector = Math.floor(position / SECTOR_BYTES); sector * SECTOR_BYTES < end; sector++) this.#dirty.add(sector);
  }

  truncate(bytes: number): void {
    this.cached = Buffer.from(this.cached.subarray(0, bytes));
    if (this.durable.length > bytes) this.durable = Buffer.from(this.durable.subarray(0, bytes));
  }

  flush(): void {
    this.#persist((_sector) => true, this.cached.length);
  }

  /** What a kernel does after a failed sync: forgets that the pages are not on the disk. */
  pretendClean(): void {
    this.#dirty.clear();
  }

  losePower(random: () => number): void {
    const grown = Math.max(0, this.cached.length - this.durable.length);
    const length =
      random() < 0.5 ? Math.max(this.cached.length, this.durable.length) : this.durable.length + Math.floor(random() * (grown + 1));
    this.#persist(() => random() < 0.5, length);
    this.cached = Buffer.from(this.durable);
  }

  #persist(isKept: (sector: number) => boolean, length: number): void {
    const platter = Buffer.alloc(length);
    this.durable.copy(platter);
    for (const sector of this.#dirty) {
      const from = sector * SECTOR_BYTES;
      if (isKept(sector) && from < length) this.cached.copy(platter, from, from, Math.min(from + SECTOR_BYTES, this.cached.length, length));
    }
    this.durable = platter;
    this.#dirty.clear();
  }
}

function hasParents(names: ReadonlyMap<string, Inode>, path: string): boolean {
  return path === "/" || (names.get(dirname(path)) === "folder" && hasParents(names, dirname(path)));
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
