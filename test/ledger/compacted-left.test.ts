// A stream that was given up may reach over the place up to which a compaction removed: its later lines still stand in the log, nobody reads them, and they are no fault.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { backupLedger, salvageLedger } from "../../src/ledger/copies.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import type { Commit } from "../../src/ledger/ledger.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const OLD = 30;

function said(run: string, expected: number, more: Partial<Commit> = {}): Commit {
  return { run, expected, facts: [{ text: "x".repeat(200) }], head: { open: true, keys: [], note: {} }, ...more };
}

test("such lines are passed over when the index is made anew, by verify, by a backup and by a salvage", async () => {
  const place = await temporaryFolder();
  const folder = join(place, "ledger");
  {
    await using ledger = await fileLedger(folder, { segmentBytes: 4_000, indexBytes: 2_000 }).open({ access: "write" });
    for (let run = 0; run < OLD; run++) await ledger.append([said(`old-${run}`, 0)]);
    for (let run = 0; run < 60; run++)
      await ledger.append([said(`live-${run}`, 0), ...(run === 30 ? [said("old-3", 1), said("old-4", 1)] : [])]);
    for (let run = 0; run < OLD; run++)
      await ledger.append([said(`old-${run}`, run === 3 || run === 4 ? 2 : 1, { replaces: run % 2 === 0 ? "before" : "all" })]);
    const { removed, oldest } = await ledger.compact();
    // All of the beginnings, and not the lines in the middle of what lives.
    expect(removed.commits).toBe(OLD);
    expect(oldest).toBeLessThan(60);
    expect((await ledger.verify()).faults).toEqual([]);
  }
  await rm(join(folder, "index"), { recursive: true });
  {
    await using ledger = await fileLedger(folder).open({ access: "write" });
    expect((await ledger.read("old-4")).map(({ first }) => first)).toEqual([3]);
    expect(ledger.head("old-3")).toBeUndefined();
  }
  expect((await verifyFolder(folder)).faults).toEqual([]);
  expect((await backupLedger(folder, join(place, "backup"))).verified.faults).toEqual([]);
  const { cutRuns, lost } = await salvageLedger(folder, join(place, "salvaged"));
  expect([cutRuns, lost]).toEqual([[], []]);
  await using salvaged = await fileLedger(join(place, "salvaged")).open({ access: "read" });
  expect((await salvaged.read("old-4")).map(({ first }) => first)).toEqual([3]);
});
