// A run with many children that wait: they end some at a time, and those that are wanted again meanwhile do not.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { overridden } from "./ledgers.ts";
import { nextTurn, openBareHost, openKindling, until } from "./open-host.ts";

const asks = contract("asks", {
  inputs: { count: z.number() },
  define(g, { count }) {
    const list = g.compute("list", { needs: { count }, run: ({ count }) => Array.from({ length: count }, (_, index) => index) });
    return g.collection("each", {
      over: list,
      as: "item",
      key: (item) => `${item}`,
      each: (inner, { item }) => inner.await("ask", { event: "asked", schema: z.null(), show: { item } }),
    });
  },
});

describe("children of a run that wait by the hundreds", () => {
  it("are not all brought back at once when they end with it", async () => {
    const place = memoryLedger();
    let reading = 0;
    let most = 0;
    const host = await openBareHost([asks], {
      location: place.location,
      open: async (options) => {
        const ledger = await place.open(options);
        return overridden(ledger, {
          read: async (run, from) => {
            reading += 1;
            most = Math.max(most, reading);
            await nextTurn(2);
            reading -= 1;
            return ledger.read(run, from);
          },
        });
      },
    });
    const { id } = await host.start({ contract: "asks", inputs: { count: 1_000 } });
    await until(() => host.residents.size === 0);
    await host.cancel({ run: id });
    await until(() => host.ledger.find({ keys: [`in:${id}`], open: true, limit: 1 }).length === 0);
    expect(most).toBeLessThanOrEqual(257);
  });

  it("stay when they were dropped and are wanted again a moment later", async () => {
    const kindling = await openKindling({ contracts: [asks] });
    const run = await kindling.start(asks, { count: 900 });
    await run.settled();
    await run.update({ count: 100 });
    await run.update({ count: 900 });
    await run.settled();
    expect(await kindling.inbox({ run: run.id })).toHaveLength(900);
    await run.update({ count: 100 });
    await until(async () => (await kindling.inbox({ run: run.id })).length === 100);
  });
});
