// The file system of this machine behind the ledger's `Disk`. The only file of the ledger that calls it.

import { constants, readSync, watch, writeSync } from "node:fs";
import { chmod, type FileHandle, mkdir, open, readdir, rename, stat, statfs, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { Disk, DiskFile, OpenMode } from "./disk.ts";
import { acquireLock } from "./lock.ts";
import { networkOf } from "./network-kinds.ts";

/** Where a notification from the kernel is lost, a follower is this late. */
const POLL_MS = 250;

/** The files of this machine. Folders are made 0700 and files 0600. */
export const realDisk: Disk = {
  async open(path, mode) {
    return realFile(await open(path, OPEN_FLAGS[mode], 0o600));
  },
  async room(path) {
    const { bavail, blocks, bsize } = await statfs(path);
    return { size: blocks * bsize, free: bavail * bsize };
  },
  async network(path) {
    // Only Linux says it by a number that means the same everywhere.
    if (process.platform !== "linux") return undefined;
    for (let place = path; ; place = dirname(place)) {
      const found = await orUndefined(statfs(place));
      if (found !== undefined) return networkOf(found.type);
      if (place === dirname(place)) return undefined;
    }
  },
  async inspect(path) {
    const found = await orUndefined(stat(path));
    if (found === undefined) return undefined;
    const user = process.getuid?.();
    return {
      bytes: found.size,
      ownedByOther: user !== undefined && found.uid !== user,
      writableByOthers: user !== undefined && (found.mode & 0o022) !== 0,
    };
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

/** What is as short as this is read and written at once: it only goes to and from the system's memory, and asking another thread to do it costs several times as much. Syncs never are. */
const SHORT_READ_BYTES = 4 * 1024;
const SHORT_WRITE_BYTES = 64 * 1024;

function realFile(handle: FileHandle): DiskFile {
  return {
    size: async () => (await handle.stat()).size,
    read: async (into, position) =>
      into.length <= SHORT_READ_BYTES
        ? readSync(handle.fd, into, 0, into.length, position)
        : (await handle.read(into, 0, into.length, position)).bytesRead,
    readNow: (into, position) => readSync(handle.fd, into, 0, into.length, position),
    write: async (bytes, position) =>
      bytes.length <= SHORT_WRITE_BYTES
        ? writeSync(handle.fd, bytes, 0, bytes.length, position)
        : (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
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
