// How many files a ledger holds open at once: a few, however many keys and blobs what is read or written needs.

import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Disk } from "../../src/ledger/disk.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import type { Commit } from "../../src/ledger/ledger.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** The real disk, and how many files were open on it at most. */
function counted(): { readonly disk: Disk; readonly most: () => number } {
  let [now, most] = [0, 0];
  const open: Disk["open"] = async (path, mode) => {
    now += 1;
    most = Math.max(most, now);
    const file = await realDisk.open(path, mode);
    const close = file.close.bind(file);
    return Object.assign(file, {
      close: async () => {
        now -= 1;
        await close();
      },
    });
  };
  return { disk: { ...realDisk, open }, most: () => most };
}

const RUNS = Array.from({ length: 300 }, (_, number) => `run-${number}`);

function commits(version: number, text: string): readonly Commit[] {
  return RUNS.map((run) => ({ run, expected: version, facts: [{ text: `${run} ${text}` }], head: { open: false, keys: [], note: {} } }));
}

describe("a ledger holds few files open", () => {
  it("when keys of many trees are needed at once, to write and to read", async () => {
    const base = await temporaryFolder();
    const key = { file: join(base, "master.key") };
    await writeFile(key.file, randomBytes(32).toString("base64"), { mode: 0o600 });
    const folder = join(base, "ledger");
    {
      await using ledger = await fileLedger(folder, { key }).open({ access: "write" });
      await ledger.append(commits(0, "short"));
    }
    const { disk, most } = counted();
    {
      await using ledger = await fileLedger(folder, { key, disk }).open({ access: "write" });
      await ledger.append(commits(1, "short"));
    }
    await using ledger = await fileLedger(folder, { key, disk }).open({ access: "read" });
    expect((await Promise.all(RUNS.map((run) => ledger.read(run)))).flat().length).toBe(600);
    expect(most()).toBeLessThan(60);
  });

  it("when many blobs are read at once", async () => {
    const folder = join(await temporaryFolder(), "ledger");
    const { disk, most } = counted();
    await using ledger = await fileLedger(folder, { disk }).open({ access: "write" });
    await ledger.append(commits(0, "long".repeat(10_000)));
    expect((await Promise.all(RUNS.map((run) => ledger.read(run)))).flat().length).toBe(300);
    expect(most()).toBeLessThan(60);
  });
});
