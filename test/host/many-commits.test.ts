// What belongs together may be too much for one commit: a crash between two of them must neither hide a run nor leave it asleep.

import { expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { ledgerWith, logOf } from "./ledgers.ts";
import { openKindling, until } from "./open-host.ts";

const ITEMS = 1_200;

const wide = contract("wide", {
  inputs: { count: z.number() },
  correlate: ["count"],
  define(g, { count }) {
    const go = g.await("go", { event: "go", schema: z.boolean(), show: { count } });
    const list = g.compute("list", { needs: { count, go }, run: ({ count }) => Array.from({ length: count }, (_, index) => index) });
    const all = g.collection("all", {
      over: list,
      as: "item",
      key: String,
      each: (inner, { item }) => inner.compute("same", { needs: { item }, run: ({ item }) => `${item}${"x".repeat(4_000)}` }),
    });
    return g.compute("total", { needs: { all }, run: ({ all }) => all.summary.succeeded });
  },
});

it("a run whose turn took several commits is found and goes on after every one of them", async () => {
  const place = memoryLedger();
  const kindling = await openKindling({ contracts: [wide], ledger: place });
  const { id } = await kindling.start(wide, { count: ITEMS });
  await kindling.deliver({ event: "go", run: id, payload: true });
  expect(await (await kindling.run(id)).result()).toBe(ITEMS);
  const log = await logOf(place);
  expect(log.entries.length, "the turn after the event took several commits").toBeGreaterThan(3);
  for (let commits = 2; commits <= log.entries.length; commits++) {
    const after = await openKindling({ contracts: [wide], ledger: await ledgerWith(log, commits) });
    expect(
      (await after.list()).items.map((run) => run.id),
      `after ${commits} commits`,
    ).toEqual([id]);
    await until(async () => (await after.get(id))?.status === "succeeded", `the end after ${commits} commits`);
    await after.close();
  }
});
