// Snapshots beside the log: they are of this log and of no other, also when files are copied from one folder over another.

import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { backupLedger } from "../../src/ledger/copies.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let place: string;
let folder: string;

beforeEach(async () => {
  place = await temporaryFolder();
  folder = join(place, "ledger");
});

async function append(at: string, ...values: readonly string[]): Promise<void> {
  await using ledger = await fileLedger(at).open({ access: "write", now: () => 1_000 });
  for (const value of values) await ledger.append([{ run: "one", expected: ledger.head("one")?.version ?? 0, facts: [{ value }] }]);
}

async function keep(at: string, version: number): Promise<void> {
  await using ledger = await fileLedger(at).open({ access: "write" });
  await ledger.snapshots.put("one", { version, bytes: Buffer.from(`of ${version}`) });
}

async function kept(at: string, access: "read" | "write" = "write"): Promise<string | undefined> {
  await using ledger = await fileLedger(at).open({ access });
  const snapshot = await ledger.snapshots.get("one");
  return snapshot === undefined ? undefined : Buffer.from(snapshot.bytes).toString();
}

test("a snapshot is there for whoever writes and whoever reads, as long as its stream has what it was made of", async () => {
  await append(folder, "a", "b");
  await keep(folder, 2);
  await append(folder, "c");
  expect([await kept(folder), await kept(folder, "read")]).toEqual(["of 2", "of 2"]);
});

test("a snapshot of facts that a backup put back does not have, or has otherwise, is not there", async () => {
  await append(folder, "a");
  const copy = join(place, "copy");
  await backupLedger(folder, copy);
  await append(folder, "b");
  await keep(folder, 2);
  expect(await kept(folder)).toBe("of 2");
  for (const name of ["segments", "head.json"]) {
    await rm(join(folder, name), { recursive: true });
    await cp(join(copy, name), join(folder, name), { recursive: true });
  }
  expect([await kept(folder), await kept(folder, "read")]).toEqual([undefined, undefined]);
  await append(folder, "another b");
  expect([await kept(folder), await kept(folder, "read")]).toEqual([undefined, undefined]);
});

test("a snapshot that comes from another ledger is not there, though that has the same stream with the same facts", async () => {
  const other = join(place, "other");
  for (const at of [folder, other]) await append(at, "a", "b");
  await keep(other, 2);
  await cp(join(other, "snapshots"), join(folder, "snapshots"), { recursive: true });
  expect(await kept(other)).toBe("of 2");
  expect([await kept(folder), await kept(folder, "read")]).toEqual([undefined, undefined]);
});

test("of facts that there are not, no snapshot is kept", async () => {
  await append(folder, "a");
  await keep(folder, 2);
  await append(folder, "b");
  expect(await kept(folder)).toBeUndefined();
});

test("a snapshot of what a stream no longer says is not kept, and one that was kept before is not there", async () => {
  await append(folder, "a", "b", "c");
  await keep(folder, 2);
  {
    await using ledger = await fileLedger(folder).open({ access: "write" });
    await ledger.append([{ run: "one", expected: 3, facts: [{ value: "instead" }], replaces: "before" }]);
  }
  expect(await kept(folder)).toBeUndefined();
  await keep(folder, 3);
  expect(await kept(folder)).toBeUndefined();
  await keep(folder, 4);
  expect(await kept(folder)).toBe("of 4");
});
