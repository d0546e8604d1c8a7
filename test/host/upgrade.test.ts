// G8 and R9: a run goes on with the graph it began with, or with one in which nothing of what it has done has changed.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type AnyContract } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { openKindling } from "./open-host.ts";

const review = (options: {
  readonly first?: string;
  readonly last?: string;
  readonly event?: string;
  readonly version?: string;
}): AnyContract =>
  contract("review", {
    version: options.version ?? "1",
    inputs: { id: z.string() },
    correlate: ["id"],
    define(g, { id }) {
      const draft =
        options.first === "loud"
          ? g.compute("draft", { needs: { id }, run: ({ id }) => id.toUpperCase() })
          : g.compute("draft", { needs: { id }, run: ({ id }) => id });
      const ok = g.await("ok", { event: options.event ?? "ok", schema: z.boolean(), show: { draft } });
      const last =
        options.last === "loud"
          ? g.compute("last", { needs: { ok }, run: ({ ok }) => `${ok}!` })
          : g.compute("last", { needs: { ok }, run: ({ ok }) => `${ok}` });
      return { draft, last };
    },
  });

async function upgraded(after: AnyContract) {
  const place = memoryLedger();
  const first = await openKindling({ contracts: [review({})], ledger: place });
  const { id } = await first.start("review", { id: "a" });
  await first.close();
  const kindling = await openKindling({ contracts: [after], ledger: place });
  return { kindling, id };
}

describe("a waiting run under a changed contract", () => {
  it("goes on when only what it has not reached has changed", async () => {
    const { kindling, id } = await upgraded(review({ last: "loud", version: "2" }));
    expect(await kindling.deliver({ event: "ok", run: id, payload: true })).toMatchObject({ status: "delivered" });
    expect(await (await kindling.run(id)).result()).toEqual({ draft: "a", last: "true!" });
  });

  it("is refused with the nodes that changed when it has them behind it", async () => {
    const { kindling, id } = await upgraded(review({ first: "loud" }));
    await expect(kindling.deliver({ event: "ok", run: id, payload: true })).rejects.toMatchObject({
      code: "contract_changed",
      details: { run: id, changed: ["draft"] },
    });
  });

  it("is cancelled once it is accepted, since what it has done is taken back by what stands in the contract", async () => {
    const { kindling, id } = await upgraded(review({ first: "loud" }));
    await expect(kindling.cancel(id)).rejects.toMatchObject({
      code: "contract_changed",
      fix: expect.stringContaining("also where it is to be cancelled"),
    });
    await kindling.upgrade(id, "keep");
    await kindling.cancel(id);
    expect(await (await kindling.run(id)).settled()).toMatchObject({ status: "cancelled" });
  });

  it("is refused when the await it stands at has changed", async () => {
    const { kindling, id } = await upgraded(review({ event: "fine" }));
    await expect(kindling.get(id)).rejects.toMatchObject({ code: "contract_changed", details: { changed: ["ok"] } });
  });

  it("stops nobody else: other runs start and end", async () => {
    const { kindling } = await upgraded(review({ first: "loud" }));
    const run = await kindling.start("review", { id: "b" });
    await kindling.deliver({ event: "ok", run: run.id, payload: true });
    expect(await run.result()).toEqual({ draft: "B", last: "true" });
  });

  it("is left alone by a runtime that does not have its contract", async () => {
    const other = contract("other", { inputs: {}, define: (g) => g.const("one", 1) });
    const { kindling, id } = await upgraded(other);
    expect((await kindling.list()).items.map((item) => item.id)).toEqual([id]);
    expect(await (await kindling.start(other, {})).result()).toBe(1);
  });
});
