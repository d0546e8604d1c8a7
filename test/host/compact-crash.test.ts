// A compaction whose process dies: whatever it had written by then, a run is there as a whole or its receipt is, and the next process completes what was begun.

import { describe, expect, it } from "vitest";
import { keys } from "../../src/run/head.ts";
import { ALL, keepingAll, openAll, press, pressed } from "./compactable.ts";
import { crashed, ledgerWith, logOf } from "./ledgers.ts";

describe("a compaction that a crash cut short", () => {
  it("leaves the whole run or its receipt, and the next process completes it, whichever commit was the last", async () => {
    const place = keepingAll();
    const kindling = await openAll({ ledger: place });
    const id = await pressed(kindling);
    const whole = await kindling.get(id);
    const before = (await logOf(place)).entries.length;
    await kindling.compact({ retention: ALL });
    const receipt = await kindling.receiptOf(id);
    const log = await logOf(place);
    // The note beside the root, the root, two children, and the note that it is over.
    expect(log.entries.length - before).toBe(5);
    const found = new Set<string>();
    for (let commits = before; commits <= log.entries.length; commits++) {
      const cut = await ledgerWith(log, commits);
      const reader = await openAll({ ledger: cut, access: "read" });
      const seen = await reader.receiptOf(id);
      if (seen === undefined) expect(await reader.get(id)).toEqual(whole);
      else await expect(reader.get(id)).rejects.toMatchObject({ code: "run_compacted" });
      await reader.close();
      const later = await openAll({ ledger: cut });
      expect(await later.receiptOf(id)).toEqual(seen);
      await later.close();
      const ledger = await cut.open({ access: "read" });
      const left = [ledger.find({ keys: [keys.inTree(id)] }).length, ledger.find({ keys: ["giving-up"] }).length];
      expect(left, `after ${commits} commits`).toEqual(seen === undefined ? [2, 0] : [0, 0]);
      await ledger.close();
      const again = await openAll({ ledger: cut });
      const report = await again.compact({ retention: ALL });
      expect(report.contracts.length).toBe(seen === undefined ? 1 : 0);
      expect(await again.receiptOf(id)).toEqual({ ...receipt, compactedAt: expect.any(Number) });
      expect((await again.verify()).faults).toEqual([]);
      await again.close();
      found.add(seen === undefined ? "whole" : "receipt");
    }
    expect([...found]).toEqual(["whole", "receipt"]);
  });

  it("is completed before anything else is asked of the next process, also for a run with many children", async () => {
    const place = keepingAll();
    const kindling = await openAll({ ledger: place });
    const langs = Array.from({ length: 600 }, (_, index) => `l${index}`);
    const run = await kindling.start(press, { topic: "Many", langs });
    await run.settled();
    await run.cancel();
    await expect.poll(async () => (await kindling.compact({ retention: ALL })).contracts).toMatchObject([{ runs: 1, children: 600 }]);
    const log = await logOf(place);
    const cut = await ledgerWith(log, log.entries.length - 300);
    await (await openAll({ ledger: cut })).close();
    const ledger = await cut.open({ access: "read" });
    expect(ledger.find({ keys: [keys.inTree(run.id)] })).toEqual([]);
    expect(ledger.find({ keys: ["giving-up"] })).toEqual([]);
    expect((await ledger.verify()).faults).toEqual([]);
    await ledger.close();
    expect(await (await openAll({ ledger: await crashed(place) })).receiptOf(run.id)).toMatchObject({ children: 600, status: "cancelled" });
  });
});
