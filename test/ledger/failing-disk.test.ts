// A disk that fails under the file ledger: what is refused, what is kept, and that nothing acknowledged is lost.

import { describe, expect, test } from "vitest";
import { fileLedger } from "../../src/ledger/file.ts";
import { QUEUE_LIMIT_BYTES } from "../../src/ledger/file-writer.ts";
import { GROUP_LIMIT_LINES } from "../../src/ledger/group-writer.ts";
import { BLOB_LIMIT_BYTES, type Commit, type Ledger } from "../../src/ledger/ledger.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { type Fault, SimulatedDisk } from "./simulated-disk.ts";

describe("a failing disk", () => {
  test("a full disk stops the ledger: those who waited are told, what was acknowledged is there after some space was made", async () => {
    const { disk, ledger } = await simulated(40, "disk-full");
    let acknowledged = 0;
    const failure = await (async () => {
      for (;;) acknowledged += (await ledger.append([commit("one", acknowledged)])).length;
    })().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ledger_full", fix: expect.stringContaining("Free some space") });
    await expect(ledger.append([commit("two", 0)])).rejects.toMatchObject({ code: "ledger_stopped", cause: failure });
    expect(await ledger.read("one")).toHaveLength(acknowledged);
    await ledger.close();
    await using reopened = await fileLedger("/ledger", { disk: disk.begin() }).open({ access: "write" });
    expect(await reopened.read("one")).toHaveLength(acknowledged);
    expect(await reopened.append([commit("one", acknowledged)])).toMatchObject([{ position: acknowledged + 1 }]);
  });

  test("a failed sync stops the ledger for all who wait, and the cause is kept", async () => {
    const { ledger } = await simulated(1, "sync-fails");
    const waiting = await Promise.allSettled([ledger.append([commit("one", 0)]), ledger.append([commit("two", 0)])]);
    for (const outcome of waiting)
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "ledger_stopped", cause: { code: "EIO" } } });
    await expect(ledger.append([commit("three", 0)])).rejects.toMatchObject({ code: "ledger_stopped" });
    expect(ledger.position).toBe(0);
  });

  test("a blob that cannot be stored stops the ledger before the line that would name it", async () => {
    const { ledger } = await simulated(1, "disk-full");
    await expect(ledger.append([{ run: "one", expected: 0, facts: [{ large: "x".repeat(BLOB_LIMIT_BYTES) }] }])).rejects.toMatchObject({
      code: "ledger_full",
    });
    expect(ledger.position).toBe(0);
  });

  test("a disk that takes a few bytes at a time gets everything", async () => {
    const disk = new SimulatedDisk({ random: () => 0.3, shortWrites: 1 });
    const ledger = await fileLedger("/ledger", { disk: disk.begin() }).open({ access: "write" });
    await ledger.append([commit("one", 0), { run: "two", expected: 0, facts: [{ large: "x".repeat(BLOB_LIMIT_BYTES) }] }]);
    await ledger.close();
    expect((await verifyFolder("/ledger", disk.begin())).faults).toEqual([]);
  });
});

test("everything that waits shares one sync, up to the limit of a group", async () => {
  const disk = new SimulatedDisk({ random: () => 0.3 });
  const ledger = await fileLedger("/ledger", { disk: disk.begin() }).open({ access: "write" });
  const before = disk.calls;
  await Promise.all(Array.from({ length: GROUP_LIMIT_LINES + 1 }, (_, index) => ledger.append([commit(`run-${index}`, 0)])));
  // Two groups, each one write and one sync.
  expect(disk.calls - before).toBe(4);
});

test("more than memory can hold is refused before it is queued", async () => {
  const { ledger } = await simulated(1, "death");
  const facts = Array.from({ length: 260 }, () => ({ text: "x".repeat(30_000) }));
  const commitBytes = 260 * 30_000;
  const fitting = Math.ceil(QUEUE_LIMIT_BYTES / commitBytes);
  for (let number = 0; number < fitting; number++) void ledger.append([{ run: `run-${number}`, expected: 0, facts }]);
  await expect(ledger.append([commit("late", 0)])).rejects.toMatchObject({ code: "ledger_busy" });
});

function commit(run: string, expected: number): Commit {
  return { run, expected, facts: [{ kind: "noted", number: expected + 1 }] };
}

/** A fresh ledger on a simulated disk that fails at the n-th write or sync after opening. */
async function simulated(
  atCall: number,
  kind: Exclude<Fault["kind"], "none">,
): Promise<{ readonly disk: SimulatedDisk; readonly ledger: Ledger }> {
  const disk = new SimulatedDisk({ random: () => 0.3 });
  await (await fileLedger("/ledger", { disk: disk.begin() }).open({ access: "write" })).close();
  await fileLedger("/ledger", { disk: disk.begin() }).open({ access: "write" });
  const callsToOpen = disk.calls;
  return {
    disk,
    ledger: await fileLedger("/ledger", { disk: disk.begin({ kind, atCall: callsToOpen + atCall }) }).open({ access: "write" }),
  };
}
