// The few file calls the ledger makes, so that every fault can be played in tests. The real ones are at the end. Knows no formats.

import { constants, watch } from "node:fs";
import { chmod, mkdir, open, readdir, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { acquireLock } from "./lock.ts";

/** An open file. Nothing is durable before `syncContent` or `sync` resolves. */
export interface DiskFile {
  size(): Promise<number>;
  /** Fills the buffer from a place in the file as far as it goes; fewer bytes may come, 0 means the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes at a place; may write fewer bytes than given. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  truncate(bytes: number): Promise<void>;
  /** Makes the content durable, and as much else as is needed to read it back. */
  syncContent(): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What there is at a path. */
export interface DiskItem {
  readonly bytes: number;
  readonly ownedByOther: boolean;
  readonly writableByOthers: boolean;
}

/** `read` and `update` need the file; `create` makes it or empties it. */
export type OpenMode = "read" | "update" | "create";

/** The file system as the ledger sees it. Names made or moved are durable after `syncFolder`. */
export interface Disk {
  open(path: string, mode: OpenMode): Promise<DiskFile>;
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

/** Where a notification from the kernel is lost, a follower is this late. */
const POLL_MS = 250;

/** Writes all bytes, however few the disk takes at a time. */
export async function writeWhole(file: DiskFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const written = await file.write(bytes.subarray(done), position + done);
    if (written <= 0) throw new Error(`the disk took none of ${bytes.length - done} bytes`);
    done += written;
  }
}

/** Reads up to `count` bytes from a place; fewer only at the end of the file. */
export async function readUpTo(file: DiskFile, position: number, count: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(count);
  let done = 0;
  while (done < count) {
    const got = await file.read(bytes.subarray(done), position + done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}

/** The content of a small file, or `undefined` when there is none. */
export async function readFile(disk: Disk, path: string): Promise<Buffer | undefined> {
  if ((await disk.inspect(path)) === undefined) return undefined;
  const file = await disk.open(path, "read");
  try {
    return await readUpTo(file, 0, await file.size());
  } finally {
    await file.close();
  }
}

/** Puts a file in place as a whole: after a crash there is the old one or the new one, never a part. */
export async function replaceFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.tmp`;
  const file = await disk.open(draft, "create");
  try {
    await writeWhole(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(draft, path);
  await disk.syncFolder(dirname(path));
}

/** Makes a folder with those above it, durably. */
export async function ensureFolder(disk: Disk, path: string): Promise<void> {
  if ((await disk.inspect(path)) !== undefined) return;
  const parent = dirname(path);
  if (parent !== path) await ensureFolder(disk, parent);
  await disk.makeFolder(path);
  await disk.syncFolder(parent);
}

/** The files of this machine. Folders are made 0700 and files 0600. */
export const realDisk: Disk = {
  async open(path, mode) {
    return realFile(await open(path, OPEN_FLAGS[mode], 0o600));
  },
  async inspect(path) {
    const found = await orUndefined(stat(path));
    if (found === undefined) return undefined;
    const user = process.getuid?.();
    return { bytes: found.size, ownedByOther: user !== undefined && found.uid !== user, writableByOthers: user !== undefined && (found.mode & 0o022) !== 0 };
  },
  async list(folder) {
    return ((await orUndefined(readdir(folder))) ?? []).sort();
  },
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  rename,
  remove: unlink,
  async syncFolder(path) {
    // Windows has no such call and needs none: it journals names.
    if (process.platform === "win32") return;
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  async lock(path) {
    const release = acquireLock(path);
    if (release !== undefined) await chmod(path, 0o600);
    return release;
  },
  watch(folder, onChange) {
    const timer = setInterval(onChange, POLL_MS);
    const stopWatching = watchFolder(folder, onChange);
    return () => {
      clearInterval(timer);
      stopWatching();
    };
  },
};

const OPEN_FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY,
  update: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC,
};

function realFile(handle: FileHandle): DiskFile {
  return {
    size: async () => (await handle.stat()).size,
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
    truncate: (bytes) => handle.truncate(bytes),
    syncContent: () => handle.datasync(),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

/** Notifications of the kernel, where there are some: with none left to give, or on a file system without them, the poll remains. */
function watchFolder(folder: string, onChange: () => void): () => void {
  try {
    const watcher = watch(folder, { persistent: false }, onChange);
    watcher.on("error", () => watcher.close());
    return () => watcher.close();
  } catch (error) {
    if (error instanceof Error && "syscall" in error) return () => undefined;
    throw error;
  }
}

async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
