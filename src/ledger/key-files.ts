// The files beside a log that hold the keys of an encrypted ledger, as whoever copies the folder sees them: names and bytes. Knows no keys.

import { join } from "node:path";
import { type Disk, ensureFolder, readFile, replaceFile, writeWhole } from "./disk.ts";

/** True when a ledger has keys: then what its log says cannot be read without them. */
export async function hasKeys(disk: Disk, ledger: string): Promise<boolean> {
  return (await disk.list(join(ledger, FOLDER))).length > 0;
}

/** Copies the keys of a ledger. A key that was destroyed is destroyed in the copy, too, where it lies. */
export async function copyKeys(disk: Disk, from: string, to: string): Promise<void> {
  const names = (await disk.list(join(from, FOLDER))).filter((name) => !name.endsWith(".tmp"));
  if (names.length === 0) return;
  await ensureFolder(disk, join(to, FOLDER));
  for (const name of names) {
    const bytes = await readFile(disk, join(from, FOLDER, name));
    if (bytes !== undefined) await putOver(disk, join(to, FOLDER, name), bytes);
  }
}

const FOLDER = "keys";

/** Files of keys keep their size for ever, so the new bytes take the place of the old ones: nothing that was destroyed stays on the disk beside. */
async function putOver(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const there = await disk.inspect(path);
  if (there?.bytes !== bytes.length) return replaceFile(disk, path, bytes);
  const file = await disk.open(path, "update");
  try {
    await writeWhole(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
