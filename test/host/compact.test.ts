// Compacting: which runs are given up by which rules, and what their receipts tell.

import { describe, expect, it } from "vitest";
import { hashJson, type Kindling, memoryLedger, type RetentionRule } from "../../src/index.ts";
import { manualClock } from "../../src/testing.ts";
import { ada, ALL, broken, ended, openAll, press, pressed } from "./compactable.ts";

describe("retention", () => {
  it("gives up what the first rule that fits keeps no longer, and what none fits stays", async () => {
    const clock = manualClock(1_000_000);
    const kindling = await openAll({ clock });
    const failed = await kindling.start(broken, {});
    await failed.settled();
    const old = await ended(kindling);
    clock.advance(50_000);
    const young = await ended(kindling, 2);
    clock.advance(50_000);
    const retention: readonly RetentionRule[] = [
      { contract: "quick", status: "failed", keep: 0 },
      { contract: "quick", keep: "60s" },
      { status: "failed", keep: "forever" },
      { keep: "10s" },
    ];
    const report = await kindling.compact({ retention });
    expect(report).toMatchObject({ dryRun: false, contracts: [{ contract: "quick", runs: 1, children: 0, facts: 3 }], blockedCount: 0 });
    expect((await kindling.list()).items.map(({ id }) => id)).toEqual([young, failed.id]);
    expect((await kindling.compacted()).items).toMatchObject([{ run: old, rule: retention[1] }]);
    clock.advance(10_000);
    expect((await kindling.compact({ retention })).contracts).toMatchObject([{ contract: "quick", runs: 1 }]);
    expect((await kindling.compact({ retention: [] })).contracts).toEqual([]);
    expect((await kindling.compact({ retention: [{ contract: "broken", keep: "100s" }] })).contracts).toMatchObject([{ runs: 1 }]);
  });

  it("goes by the rules of the runtime when a call gives none", async () => {
    const kindling = await openAll({ retention: [{ contract: "quick", keep: 0 }] });
    const id = await ended(kindling);
    await (await kindling.start(broken, {})).settled();
    expect((await kindling.compact({ retention: [] })).contracts).toEqual([]);
    expect((await kindling.compact()).contracts).toMatchObject([{ contract: "quick", runs: 1 }]);
    await expect(kindling.get(id)).rejects.toMatchObject({ code: "run_compacted" });
  });

  it("counts from the last commit of the whole tree", async () => {
    const clock = manualClock(1_000_000);
    const kindling = await openAll({ clock });
    const run = await kindling.start(press, { topic: "Rain", langs: ["de"] });
    await run.settled();
    clock.advance(90_000);
    await run.cancel();
    clock.advance(20_000);
    expect((await kindling.compact({ retention: [{ keep: "30s" }] })).contracts).toEqual([]);
    clock.advance(10_000);
    expect((await kindling.compact({ retention: [{ keep: "30s" }] })).contracts).toMatchObject([
      { contract: "press", runs: 1, children: 1 },
    ]);
  });

  it("is refused with the place, the value and the cure when it cannot be meant", async () => {
    const kindling = await openAll();
    const wrong: readonly (readonly [unknown, string, string])[] = [
      ["30d", 'retention is "30d"', "list of rules"],
      [[5], "retention[0] is 5", "A rule is"],
      [[{ keep: "30d" }, { keep: "a month" }], 'retention[1].keep is "a month"', '"30d"'],
      [[{ contract: "quick" }], "retention[0].keep is missing", "duration"],
      [[{ keep: -1 }], "retention[0].keep is -1", "duration"],
      [[{ status: "waiting", keep: "1d" }], 'retention[0].status is "waiting"', "succeeded, failed, cancelled"],
      [[{ contrat: "quick", keep: "1d" }], "retention[0].contrat is no member", 'Did you mean "contract"?'],
      [[{ contract: "quik", keep: "1d" }], 'retention[0].contract is "quik"', 'Did you mean "quick"?'],
    ];
    for (const [rules, message, fix] of wrong) {
      // What a caller without types may pass.
      const retention = rules as readonly RetentionRule[];
      const refusal = { code: "bad_retention", message: expect.stringContaining(message), fix: expect.stringContaining(fix) };
      await expect(kindling.compact({ retention }), message).rejects.toMatchObject({ name: "InputError", ...refusal });
      await expect(openAll({ retention }), message).rejects.toMatchObject({ name: "ConfigError", ...refusal });
    }
    await expect(openAll({ compactEvery: "soon" as "1d" })).rejects.toMatchObject({ code: "compact_interval" });
  });

  it("may name a contract that is gone from the project and still has runs", async () => {
    const ledger = memoryLedger();
    const before = await openAll({ ledger });
    const id = await ended(before);
    await before.close();
    const kindling = await openAll({ ledger, contracts: [broken], retention: [{ contract: "quick", keep: 0 }] });
    expect((await kindling.compact()).contracts).toMatchObject([{ contract: "quick", runs: 1 }]);
    expect(await kindling.receiptOf(id)).toMatchObject({ run: id, contract: "quick", status: "succeeded", outputs: null });
  });
});

describe("a receipt", () => {
  it("tells what the run was, who decided what, and hashes of what is gone", async () => {
    const kindling = await openAll();
    const id = await pressed(kindling);
    const [view, facts] = [await kindling.get(id), await kindling.facts(id)];
    await kindling.compact({ retention: ALL, reason: "spring", actor: ada });
    const receipt = await kindling.receiptOf(id);
    expect(receipt).toMatchObject({
      run: id,
      contract: "press",
      version: "1",
      plan: facts.flatMap((fact) => (fact.type === "run.started" && fact.run === id ? [fact.plan] : []))[0],
      status: "succeeded",
      correlation: { topic: "Rain" },
      startedAt: view?.startedAt,
      endedAt: view?.endedAt,
      starter: ada,
      inputs: hashJson(view?.inputs ?? {}),
      outputs: hashJson(view?.outputs ?? null),
      error: null,
      decisionCount: 3,
      children: 2,
      facts: facts.length,
      position: facts.at(-1)?.position,
      compactedBy: ada,
      reason: "spring",
      rule: { keep: 0 },
      archive: null,
    });
    const shown = facts.flatMap((fact) => (fact.type === "await.opened" && fact.node === "review" ? [fact.shown] : []));
    expect(receipt?.decisions).toMatchObject([
      { path: "review", event: "reviewed", actor: ada, approved: true, payload: hashJson({ decision: "approve" }), shown: shown[0] },
      { path: "posts[de]/check", event: "checked", deliveryId: "de-1", payload: hashJson("gut") },
      { path: "posts[fr]/check", event: "checked" },
    ]);
    expect(receipt?.decisions.slice(1).every((decision) => !("approved" in decision))).toBe(true);
    expect(JSON.stringify(receipt)).not.toContain("gut");
    expect(JSON.stringify(await kindling.receiptOf(await endAndCompact(kindling))).length).toBeLessThan(1_500);
  });

  it("says with which error a run ended", async () => {
    const kindling = await openAll();
    const run = await kindling.start(broken, {});
    await run.settled();
    await kindling.compact({ retention: ALL });
    expect(await kindling.receiptOf(run.id)).toMatchObject({ status: "failed", error: "threw", outputs: null, decisions: [] });
  });

  it("is listed part by part, by contract and by how the run ended", async () => {
    const kindling = await openAll();
    const ids = [await ended(kindling, 1), await ended(kindling, 2), await ended(kindling, 3)];
    const failed = await kindling.start(broken, {});
    await failed.settled();
    await kindling.compact({ retention: ALL });
    const first = await kindling.compacted({ limit: 2, contract: "quick" });
    expect(first.items.map(({ run }) => run)).toEqual([ids[2], ids[1]]);
    const rest = await kindling.compacted({ contract: "quick", ...(first.cursor === undefined ? {} : { cursor: first.cursor }) });
    expect([rest.items.map(({ run }) => run), rest.cursor]).toEqual([[ids[0]], undefined]);
    expect((await kindling.compacted({ status: "failed" })).items.map(({ run }) => run)).toEqual([failed.id]);
    await expect(kindling.compacted({ cursor: "x" })).rejects.toMatchObject({ code: "bad_cursor" });
  });

  it("is not there of a run that was not compacted, and there is none of a run that there is not", async () => {
    const kindling = await openAll();
    expect(await kindling.receiptOf(await ended(kindling))).toBeUndefined();
    await expect(kindling.receiptOf("run_none")).rejects.toMatchObject({ code: "run_not_found" });
  });
});

async function endAndCompact(kindling: Kindling): Promise<string> {
  const id = await ended(kindling);
  await kindling.compact({ retention: ALL });
  return id;
}
