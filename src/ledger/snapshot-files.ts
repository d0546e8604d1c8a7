// Snapshots of streams as files beside the log. A cache: what is missing, cut or changed, and what was made of another log than the one that is there now, is made again, and nothing is synced.

import { hash } from "node:crypto";
import { join } from "node:path";
import type { CacheSeal } from "./cache-seal.ts";
import { CHAIN_BYTES } from "./frame.ts";
import { type Disk, ensureFolder, readFile, writeWhole } from "./disk.ts";
import type { LedgerAccess, Snapshot, Snapshots } from "./ledger.ts";
import { withChecksum, withoutChecksum } from "./table/write-table.ts";

/** Before the bytes of a snapshot: its version in 6 bytes, the hash of the stream's name, and the chain of the commit that it reaches to. */
const HEAD_BYTES = 6 + 32 + CHAIN_BYTES;

/** The chain of the commit that holds a fact of a stream: it stands for everything up to there, in this log and in no other. */
export type ChainOf = (run: string, fact: number) => Promise<string | undefined>;

/** How a folder of snapshots is used. */
export interface SnapshotUse {
  readonly access: LedgerAccess;
  readonly seal: CacheSeal;
  readonly chainOf: ChainOf;
}

/** Snapshots in a folder. */
export class SnapshotFiles implements Snapshots {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #use: SnapshotUse;
  /** The files there are, once they were listed. Only the one who writes makes and removes any. */
  #listed: Promise<Set<string>> | undefined;

  constructor(disk: Disk, folder: string, use: SnapshotUse) {
    this.#disk = disk;
    this.#folder = folder;
    this.#use = use;
  }

  async get(run: string): Promise<Snapshot | undefined> {
    const { name, file, path } = this.#placeOf(run);
    // Most streams are short and have none: whoever writes knows that without asking the disk.
    if (this.#use.access === "write" && !(await this.#files()).has(file)) return undefined;
    const whole = await readFile(this.#disk, path);
    const sealed = whole === undefined ? undefined : withoutChecksum(whole);
    const bytes = sealed === undefined ? undefined : this.#use.seal.open(sealed, name.toString("hex"));
    if (bytes === undefined || bytes.length < HEAD_BYTES || !bytes.subarray(6, 38).equals(name)) return undefined;
    const version = bytes.readUIntLE(0, 6);
    if ((await this.#use.chainOf(run, version)) !== bytes.toString("latin1", 38, HEAD_BYTES)) return undefined;
    return { version, bytes: bytes.subarray(HEAD_BYTES) };
  }

  async put(run: string, snapshot: Snapshot): Promise<void> {
    if (this.#use.access === "read") return;
    try {
      await this.#keep(run, snapshot);
    } catch (error) {
      // A disk that has no room for it: the facts say the same, and nobody need fail for a shortcut.
      if (!(error instanceof Error && "syscall" in error)) throw error;
    }
  }

  /** True when there is a snapshot of a stream. Only whoever writes is to ask. */
  async has(run: string): Promise<boolean> {
    return (await this.#files()).has(this.#placeOf(run).file);
  }

  /** Removes the snapshot of a stream. */
  async drop(run: string): Promise<void> {
    const { file, path } = this.#placeOf(run);
    (await this.#files()).delete(file);
    if ((await this.#disk.inspect(path)) !== undefined) await this.#disk.remove(path);
    await this.#disk.syncFolder(this.#folder);
  }

  async #keep(run: string, { version, bytes }: Snapshot): Promise<void> {
    const { name, file: kept, path } = this.#placeOf(run);
    const chain = await this.#use.chainOf(run, version);
    // Of what is not durable, or not there any more, nothing is kept.
    if (chain === undefined) return;
    const head = Buffer.alloc(6);
    head.writeUIntLE(version, 0, 6);
    const whole = Buffer.concat([head, name, Buffer.from(chain, "latin1"), bytes]);
    await ensureFolder(this.#disk, this.#folder);
    const draft = `${path}.tmp`;
    const file = await this.#disk.open(draft, "create");
    try {
      await writeWhole(file, withChecksum(this.#use.seal.seal(whole, name.toString("hex"))), 0);
    } finally {
      await file.close();
    }
    await this.#disk.rename(draft, path);
    (await this.#files()).add(kept);
  }

  #files(): Promise<Set<string>> {
    this.#listed ??= this.#disk.list(this.#folder).then((names) => new Set(names));
    return this.#listed;
  }

  #placeOf(run: string): { readonly name: Buffer; readonly file: string; readonly path: string } {
    const name = hash("sha256", run, "buffer");
    const file = `${name.toString("hex", 0, 16)}.snapshot`;
    return { name, file, path: join(this.#folder, file) };
  }
}
