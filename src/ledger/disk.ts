// The few file calls the ledger makes, as an interface, so that every fault can be played in tests; and what is made of them alone. Knows no formats.

import { dirname } from "node:path";

/** An open file. Nothing is durable before `syncContent` or `sync` resolves. */
export interface DiskFile {
  size(): Promise<number>;
  /** Fills the buffer from a place in the file as far as it goes; fewer bytes may come, 0 means the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** The same at once, holding everything up: for a few kilobytes that somebody needs before going on. */
  readNow(into: Uint8Array, position: number): number;
  /** Writes at a place; may write fewer bytes than given. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  truncate(bytes: number): Promise<void>;
  /** Makes the content durable, and as much else as is needed to read it back. */
  syncContent(): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Something that is read in pieces, at any place. */
export type ReadableFile = Pick<DiskFile, "size" | "read">;

/** Something that is written and synced. */
export type WritableFile = Pick<DiskFile, "write" | "syncContent">;

/** What there is at a path. */
export interface DiskItem {
  readonly bytes: number;
  readonly ownedByOther: boolean;
  readonly writableByOthers: boolean;
}

/** How large a disk is, and how much of that is free for us, in bytes. */
export interface DiskRoom {
  readonly size: number;
  readonly free: number;
}

/** `read` and `update` need the file; `create` makes it or empties it. */
export type OpenMode = "read" | "update" | "create";

/** The file system as the ledger sees it. Names made or moved are durable after `syncFolder`. */
export interface Disk {
  open(path: string, mode: OpenMode): Promise<DiskFile>;
  /** The kind of network on which a path lies, or will when it is made, e.g. `NFS`; `undefined` for a disk of this machine, and where it cannot be told. A disk that has none leaves it out. */
  network?(path: string): Promise<string | undefined>;
  /** The room on the disk where a path lies. A disk that cannot tell leaves it out. */
  room?(path: string): Promise<DiskRoom>;
  inspect(path: string): Promise<DiskItem | undefined>;
  /** Names in a folder, sorted; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  makeFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
  /** Takes an exclusive lock that ends with the process; `undefined` when somebody holds it. The result releases it. */
  lock(path: string): Promise<(() => void) | undefined>;
  /** Calls back when something in the folder may have changed, and every so often in any case. The result ends it. */
  watch(folder: string, onChange: () => void): () => void;
}

/** Writes all bytes, however few the disk takes at a time. */
export async function writeWhole(file: Pick<DiskFile, "write">, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const written = await file.write(bytes.subarray(done), position + done);
    if (written <= 0) throw Object.assign(new Error(`the disk took none of ${bytes.length - done} bytes`), { code: "EIO" });
    done += written;
  }
}

/** Reads up to `count` bytes from a place; fewer only at the end of the file. */
export async function readUpTo(file: Pick<DiskFile, "read">, position: number, count: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(count);
  let done = 0;
  while (done < count) {
    const got = await file.read(bytes.subarray(done), position + done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}

/** A file as if it ended at a certain byte: a fixed view of one that grows meanwhile. */
export function firstBytes(file: ReadableFile, bytes: number): ReadableFile {
  return {
    size: async () => bytes,
    read: (into, position) =>
      position >= bytes ? Promise.resolve(0) : file.read(into.subarray(0, Math.min(into.length, bytes - position)), position),
  };
}

/** The content of a small file, or `undefined` when there is none. */
export async function readFile(disk: Disk, path: string): Promise<Buffer | undefined> {
  const file = await openIfThere(disk, path);
  if (file === undefined) return undefined;
  try {
    return await readUpTo(file, 0, await file.size());
  } finally {
    await file.close();
  }
}

/** Opens a file for reading. It may go between a look and the opening, since whoever closes a ledger removes one. */
async function openIfThere(disk: Disk, path: string): Promise<DiskFile | undefined> {
  if ((await disk.inspect(path)) === undefined) return undefined;
  try {
    return await disk.open(path, "read");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** True for what a disk throws that has nothing under a name. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Puts a file in place as a whole: after a crash there is the old one or the new one, never a part. What need not outlive a power cut is not synced. */
export async function replaceFile(disk: Disk, path: string, bytes: Uint8Array, { isDurable = true } = {}): Promise<void> {
  const draft = `${path}.tmp`;
  const file = await disk.open(draft, "create");
  try {
    await writeWhole(file, bytes, 0);
    if (isDurable) await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(draft, path);
  if (isDurable) await disk.syncFolder(dirname(path));
}

/** Makes a folder with those above it, durably. */
export async function ensureFolder(disk: Disk, path: string): Promise<void> {
  if ((await disk.inspect(path)) !== undefined) return;
  const parent = dirname(path);
  if (parent !== path) await ensureFolder(disk, parent);
  await disk.makeFolder(path);
  await disk.syncFolder(parent);
}
