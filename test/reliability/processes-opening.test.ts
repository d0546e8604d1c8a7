// R9: the short moments in which one process makes or closes a ledger and another one comes: it is told the truth, or waits.

import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { createRuntime, fileLedger } from "../../src/index.ts";
import type { Disk } from "../../src/ledger/disk.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

/** Long enough to find the ledger locked, also where everything is slow. */
const WAIT_MS = 1_000;

test("a runtime that shares a ledger waits while another process makes it", async () => {
  const folder = join(await temporaryFolder(), "ledger");
  const reached = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const rename: Disk["rename"] = async (from, to) => {
    if (basename(to) === "ledger.json") {
      reached.resolve();
      await held.promise;
    }
    await realDisk.rename(from, to);
  };
  const first = fileLedger(folder, { disk: { ...realDisk, rename } }).open({ access: "write" });
  await reached.promise;
  const second = createRuntime({ contracts: [], ledger: fileLedger(folder), access: "shared" });
  await Promise.race([second.catch(() => undefined), setTimeout(WAIT_MS)]);
  held.resolve();
  const [ledger, runtime] = await Promise.allSettled([first, second]);
  for (const outcome of [runtime, ledger]) if (outcome.status === "fulfilled") await outcome.value.close();
  expect([ledger.status, runtime.status]).toEqual(["fulfilled", "fulfilled"]);
});

test("whoever finds the ledger locked at the moment in which it is closed is told that it was locked", async () => {
  const folder = join(await temporaryFolder(), "ledger");
  const first = await fileLedger(folder).open({ access: "write" });
  const open: Disk["open"] = async (path, mode) => {
    if (basename(path) === "writer.json" && mode === "read") await first.close();
    return realDisk.open(path, mode);
  };
  await expect(fileLedger(folder, { disk: { ...realDisk, open } }).open({ access: "write" })).rejects.toMatchObject({
    code: "ledger_locked",
  });
});
