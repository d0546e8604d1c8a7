// The files that the slots of keys lie in: `keys/000000.slots` and so on. Each has its full size from the beginning, so giving out a slot or destroying one changes nothing but
// its own bytes. Knows the places of slots; opens none.

import { dirname, join } from "node:path";
import { type Disk, type DiskFile, ensureFolder, type OpenMode, readUpTo, replaceFile, writeWhole } from "./disk.ts";
import { readSlot, type Slot, SLOT_BYTES, SLOTS_PER_FILE } from "./key-slots.ts";

const FILE_BYTES = SLOTS_PER_FILE * SLOT_BYTES;

/** Makes the folder, and leaves its name and those in it durable. */
export async function makeKeyFolder(disk: Disk, folder: string): Promise<void> {
  await ensureFolder(disk, folder);
  await settleKeyFolder(disk, folder);
}

/**
 * Removes what a crash left of a file that was being replaced: it may hold keys that are destroyed later. Then makes all names durable, since whoever gave them may have
 * died before they were.
 */
export async function settleKeyFolder(disk: Disk, folder: string): Promise<void> {
  const drafts = (await disk.list(folder)).filter((name) => name.endsWith(".tmp")).map((name) => join(folder, name));
  for (const path of drafts) {
    await withFile(disk, path, "update", async (file) => wipe(file));
    await disk.remove(path);
  }
  await disk.syncFolder(folder);
  await disk.syncFolder(dirname(folder));
}

/** Overwrites all of a file with zeros, durably. */
export async function wipe(file: DiskFile): Promise<void> {
  await writeWhole(file, Buffer.alloc(await file.size()), 0);
  await file.sync();
}

/** Where a file of slots lies and which slot is its first. */
export interface SlotFile {
  readonly path: string;
  readonly first: number;
}

/** The files of a folder, by their numbers. */
export async function slotFiles(disk: Disk, folder: string): Promise<readonly SlotFile[]> {
  const numbers = (await disk.list(folder)).flatMap((name) => (/^\d{6}\.slots$/.test(name) ? [Number(name.slice(0, 6))] : []));
  return numbers.map((number) => slotFileOf(folder, number * SLOTS_PER_FILE));
}

/** The file that a slot lies in. */
export function slotFileOf(folder: string, slot: number): SlotFile {
  const number = Math.floor(slot / SLOTS_PER_FILE);
  return { path: join(folder, `${String(number).padStart(6, "0")}.slots`), first: number * SLOTS_PER_FILE };
}

/** Reads one slot. The file is opened each time: when the master key changes, another one takes its place. */
export async function readSlotAt(disk: Disk, folder: string, slot: number): Promise<Slot> {
  const { path, first } = slotFileOf(folder, slot);
  if ((await disk.inspect(path)) === undefined) return { kind: "damaged", reason: "the file is missing" };
  return withFile(disk, path, "read", async (file) => readSlot(await readUpTo(file, (slot - first) * SLOT_BYTES, SLOT_BYTES), slot));
}

/** Reads some slots, each file once: from the first of them in it to the last. None of a file that is missing. */
export async function readSlotsAt(disk: Disk, folder: string, slots: readonly number[]): Promise<readonly Slot[]> {
  const read: Slot[] = [];
  for (const [path, wanted] of Map.groupBy(new Set(slots), (slot) => slotFileOf(folder, slot).path)) {
    if ((await disk.inspect(path)) === undefined) continue;
    await withFile(disk, path, "read", async (file) => {
      const from = Math.min(...wanted);
      const count = Math.max(...wanted) - from + 1;
      const bytes = await readUpTo(file, (from % SLOTS_PER_FILE) * SLOT_BYTES, count * SLOT_BYTES);
      for (const slot of wanted) read.push(readSlot(bytes.subarray((slot - from) * SLOT_BYTES, (slot - from + 1) * SLOT_BYTES), slot));
    });
  }
  return read;
}

/** Reads all slots of a file, whole or not. */
export async function readSlots(disk: Disk, { path, first }: SlotFile): Promise<readonly Slot[]> {
  const bytes = await withFile(disk, path, "read", (file) => readUpTo(file, 0, FILE_BYTES));
  return Array.from({ length: SLOTS_PER_FILE }, (_, index) =>
    readSlot(bytes.subarray(index * SLOT_BYTES, (index + 1) * SLOT_BYTES), first + index),
  );
}

/** The first slot behind all that were ever used. One that cannot be read counts as used, and so does all that is missing from a file that was cut. */
export async function nextSlot(disk: Disk, folder: string): Promise<number> {
  const last = (await slotFiles(disk, folder)).at(-1);
  if (last === undefined) return 0;
  return last.first + (await readSlots(disk, last)).findLastIndex(({ kind }) => kind !== "blank") + 1;
}

/** Writes slots and resolves when they are durable. Slots side by side go in one write, and each file is synced once. */
export async function writeSlots(disk: Disk, folder: string, slots: ReadonlyMap<number, Buffer>): Promise<void> {
  for (const [path, runs] of groupByFile(folder, slots)) {
    if ((await disk.inspect(path)) === undefined) await replaceFile(disk, path, fileImage(runs));
    else
      await withFile(disk, path, "update", async (file) => {
        for (const { offset, bytes } of runs) await writeWhole(file, bytes, offset);
        await file.syncContent();
      });
  }
}

/** Slots that lie side by side in one file. */
interface SlotRun {
  readonly offset: number;
  readonly bytes: Buffer;
}

function groupByFile(folder: string, slots: ReadonlyMap<number, Buffer>): ReadonlyMap<string, readonly SlotRun[]> {
  const files = new Map<string, SlotRun[]>();
  const inOrder = [...slots].sort(([one], [other]) => one - other);
  for (let from = 0; from < inOrder.length; ) {
    const begin = inOrder[from]?.[0] ?? 0;
    const { path, first } = slotFileOf(folder, begin);
    const fits = (slot: number, index: number): boolean => slot === begin + index && slot < first + SLOTS_PER_FILE;
    const length = inOrder.slice(from).findIndex(([slot], index) => !fits(slot, index));
    const to = length === -1 ? inOrder.length : from + length;
    const run = { offset: (begin - first) * SLOT_BYTES, bytes: Buffer.concat(inOrder.slice(from, to).map(([, bytes]) => bytes)) };
    files.set(path, [...(files.get(path) ?? []), run]);
    from = to;
  }
  return files;
}

function fileImage(runs: readonly SlotRun[]): Buffer {
  const image = Buffer.alloc(FILE_BYTES);
  for (const { offset, bytes } of runs) bytes.copy(image, offset);
  return image;
}

async function withFile<T>(disk: Disk, path: string, mode: OpenMode, use: (file: DiskFile) => Promise<T>): Promise<T> {
  const file = await disk.open(path, mode);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
