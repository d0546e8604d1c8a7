// Boundaries that cover the same key: what one gives up stays as long as another one rests on it, and that is told.

import { defineBoundary, defineHistory, type Kindling, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";

const calls = defineHistory("calls", { schema: z.number(), retention: { last: 1 } });
const notes = defineHistory("notes", { schema: z.string() });
const boundary = (name: string) =>
  defineBoundary(name, { schema: z.number(), covers: () => ({ calls: { of: calls } }), result: (facts) => facts.calls.length });
const day = boundary("day");
const month = boundary("month");
const AT = { subject: "ada", period: "2026-11" };

const open = (): Promise<Kindling> => openKindling({ contracts: [], ledger: memoryLedger(), stores: [calls] });

async function called(kindling: Kindling): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const minutes of [1, 2, 3]) ids.push((await kindling.history(calls).append(minutes)).id);
  return ids;
}

describe("two boundaries over one key", () => {
  it("say of the first one that what the second holds stays, and by whom; it goes with the second", async () => {
    await using kindling = await open();
    const [days, months] = [kindling.boundaries(day), kindling.boundaries(month)];
    const ids = await called(kindling);
    for (const each of [days, months]) {
      await each.close(AT);
      await each.settle(AT, { evidence: ["run_x:1"] });
    }
    const first = await days.compact({ redirect: true });
    expect(first).toMatchObject({ ready: [{ facts: 0, stays: ids, heldBy: ["store:month:ada@2026-11"] }], receipts: [] });
    expect(await kindling.resolve(ids[0] ?? "")).toMatchObject({ status: "found" });
    const second = await months.compact({ redirect: true });
    expect(second).toMatchObject({ ready: [{ facts: 2, stays: [ids[2]] }], receipts: [{ facts: 2 }] });
    expect(second.ready[0]).not.toHaveProperty("heldBy");
    expect(await kindling.resolve(ids[0] ?? "")).toMatchObject({ status: "detail_unavailable" });
  });

  it("are no references from outside for each other, and what else rests on them is", async () => {
    await using kindling = await open();
    const [days, months] = [kindling.boundaries(day), kindling.boundaries(month)];
    const [first = ""] = await called(kindling);
    for (const each of [days, months]) {
      await each.close(AT);
      await each.settle(AT, { evidence: [first] });
    }
    expect(await days.compact()).toMatchObject({ ready: [{ facts: 0 }], blocked: [] });
    const note = await kindling.history(notes).append("a complaint", { causedBy: [first] });
    expect(await months.compact()).toMatchObject({ ready: [], blocked: [{ reason: "referenced", by: [note.id] }] });
  });

  it("of one plan say it of the one that goes first", async () => {
    await using kindling = await open();
    const days = kindling.boundaries(day);
    const ids = await called(kindling);
    for (const period of ["1", "2"]) {
      await days.close({ subject: "ada", period });
      await days.settle({ subject: "ada", period }, { evidence: ["run_x:1"] });
    }
    const { ready, receipts } = await days.compact();
    expect(ready).toMatchObject([
      { facts: 0, stays: ids, heldBy: ["store:day:ada@2"] },
      { facts: 2, stays: ids.slice(2) },
    ]);
    expect(receipts).toMatchObject([{ facts: 2, boundary: "store:day:ada@2" }]);
  });

  it("make a plan another one when somebody else comes to hold what would have gone", async () => {
    await using kindling = await open();
    const days = kindling.boundaries(day);
    await called(kindling);
    await days.close(AT);
    await days.settle(AT, { evidence: ["run_x:1"] });
    const plan = await days.compact({ dryRun: true, redirect: true });
    await kindling.boundaries(month).close(AT);
    await expect(days.compact({ plan: plan.hash, redirect: true })).rejects.toMatchObject({ code: "plan_changed" });
  });
});

describe("evidence of a boundary", () => {
  it.each([[["nonsense"]], ["run_x:1 "], [[null]], [["store:calls:a@1"]], [["run_x:1", "history:calls:@1"]]])(
    "that is no id is refused: %j",
    async (evidence) => {
      await using kindling = await open();
      const days = kindling.boundaries(day);
      await days.close(AT);
      const refused = days.settle(AT, { evidence: evidence as readonly string[] });
      await expect(refused).rejects.toMatchObject({ code: "bad_evidence", fix: expect.stringContaining("evidence: [") });
      expect((await days.get(AT)).status).toBe("closed");
    },
  );
});
