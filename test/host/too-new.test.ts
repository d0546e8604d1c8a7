// A run that a newer Kindling has gone on with: it cannot be read here, and it holds up nothing else.

import { contract, type LedgerPlace, memoryLedger, type RecordedFact } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, temporaryLedger, until } from "./open-host.ts";

const asked = contract("asked", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g, { id }) => g.await("answer", { event: "answered", schema: z.string(), show: { id } }),
});

/** A ledger with two waiting runs, of which the first holds something of a newer version, and says that it is at work. */
async function withNewer(place: LedgerPlace, fact: { type: string; v?: number }): Promise<{ newer: string; other: string }> {
  const kindling = await openKindling({ contracts: [asked], ledger: place });
  const [newer, other] = [await kindling.start("asked", { id: "newer" }), await kindling.start("asked", { id: "other" })];
  await Promise.all([newer.settled(), other.settled()]);
  await kindling.close();
  await using ledger = await place.open({ access: "write" });
  const head = ledger.head(newer.id);
  if (head === undefined) throw new Error("the run has no head");
  const { open, note, version } = head;
  const keys = head.keys.map((key) => (key === "status:waiting" ? "status:running" : key));
  await ledger.append([{ run: newer.id, tree: newer.id, expected: version, facts: [fact], head: { open, keys, note } }]);
  return { newer: newer.id, other: other.id };
}

const NEWER = [{ type: "run.dreaming" }, { type: "run.waiting", v: 2 }];

describe.each([
  ["memory", async () => memoryLedger()],
  ["file", temporaryLedger],
] as const)("a run with facts of a newer version in the %s ledger", (_name, makePlace) => {
  it.each(NEWER)("such as %j is told as such by everything that reads it", async (fact) => {
    const place = await makePlace();
    const { newer } = await withNewer(place, fact);
    const kindling = await openKindling({ contracts: [asked], ledger: place });
    const run = await kindling.run(newer);
    const refused = { code: "fact_too_new", details: { run: newer, ...fact } };
    for (const read of [
      () => run.get(),
      () => run.facts(),
      () => run.settled(),
      () => kindling.explain(newer),
      () => kindling.diff(newer, newer),
    ])
      await expect(read()).rejects.toMatchObject(refused);
    await expect(kindling.deliver({ event: "answered", run: newer, payload: "x" })).rejects.toMatchObject(refused);
  });

  it("is listed, others go on, and the ledger is whole", async () => {
    const place = await makePlace();
    const { newer, other } = await withNewer(place, { type: "run.dreaming" });
    const kindling = await openKindling({ contracts: [asked], ledger: place });
    expect((await kindling.list()).items.map(({ id }) => id).sort()).toEqual([newer, other].sort());
    await kindling.deliver({ event: "answered", correlation: { id: "other" }, payload: "yes" });
    expect(await (await kindling.run(other)).result()).toBe("yes");
    expect(await (await kindling.start("asked", { id: "third" })).settled()).toMatchObject({ status: "waiting" });
    expect((await kindling.verify()).ok).toBe(true);
  });

  it("ends no hook", async () => {
    const place = await makePlace();
    const { newer } = await withNewer(place, { type: "run.dreaming" });
    const told: RecordedFact[] = [];
    const faults: unknown[] = [];
    const kindling = await openKindling({
      contracts: [asked],
      ledger: place,
      access: "read",
      onHookFault: ({ error, run }) => faults.push([run, error]),
    });
    kindling.on("run.started", {}, (fact) => told.push(fact));
    {
      await using ledger = await place.open({ access: "write" });
      await ledger.append([{ run: newer, tree: newer, expected: ledger.head(newer)?.version ?? 0, facts: [{ type: "run.dreaming" }] }]);
    }
    const writing = await openKindling({ contracts: [asked], ledger: place });
    const third = await writing.start("asked", { id: "third" });
    await until(() => told.length > 0, "the start of the third run");
    expect(told.map(({ run }) => run)).toEqual([third.id]);
    expect(faults).toMatchObject([[newer, { code: "fact_too_new" }]]);
  });
});
