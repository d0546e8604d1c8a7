// A runtime that compacts by itself: when, and what becomes of what goes wrong.

import { describe, expect, it } from "vitest";
import { memoryLedger } from "../../src/index.ts";
import { manualClock } from "../../src/testing.ts";
import { ended, quick } from "./compactable.ts";
import { openKindling, until } from "./open-host.ts";

describe("a runtime that compacts by itself", () => {
  it("does so a minute after it began, and then as often as it was told", async () => {
    const clock = manualClock(1_000_000);
    const kindling = await openKindling({ contracts: [quick], clock, retention: [{ keep: "30s" }], compactEvery: "1d" });
    const id = await ended(kindling);
    clock.advance(59_000);
    expect(await kindling.receiptOf(id)).toBeUndefined();
    clock.advance(1_000);
    await expect.poll(() => kindling.receiptOf(id)).toMatchObject({ compactedBy: { id: "kindling" }, reason: "retention" });
    const next = await ended(kindling, 2);
    await until(() => clock.pending.length > 0);
    clock.advance(86_399_000);
    expect(await kindling.receiptOf(next)).toBeUndefined();
    clock.advance(1_000);
    await expect.poll(() => kindling.receiptOf(next)).toBeDefined();
  });

  it("tells what went wrong and tries again; it never ends the process", async () => {
    const clock = manualClock(1_000_000);
    const said: string[] = [];
    const place = memoryLedger();
    let isBroken = true;
    const failing = {
      ...place,
      open: async (options: Parameters<typeof place.open>[0]) => {
        const ledger = await place.open(options);
        const compact = ledger.compact.bind(ledger);
        return Object.assign(ledger, {
          compact: (...given: Parameters<typeof compact>) =>
            isBroken ? Promise.reject(new Error("the disk is on fire")) : compact(...given),
        });
      },
    };
    const kindling = await openKindling({
      contracts: [quick],
      clock,
      ledger: failing,
      compactEvery: "10s",
      onLog: ({ message, details }) => said.push(`${message}: ${String(details["message"])}`),
    });
    clock.advance(10_000);
    await expect.poll(() => said).toEqual(["the ledger was not compacted: the disk is on fire"]);
    isBroken = false;
    await until(() => clock.pending.length > 0);
    clock.advance(10_000);
    await until(() => clock.pending.length > 0);
    expect(said.length).toBe(1);
    await kindling.close();
    expect(clock.pending).toEqual([]);
  });
});
