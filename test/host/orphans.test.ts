// A child whose parent has ended while no process told it: nothing of it happens any more, also where its time came meanwhile.

import { contract, memoryLedger } from "kindling";
import { manualClock } from "kindling/testing";
import { expect, it } from "vitest";
import { z } from "zod";
import { factsIn, ledgerWith, logOf } from "./ledgers.ts";
import { nextTurn, openKindling, until } from "./open-host.ts";

const DAY_MS = 86_400_000;

it("a child of a child of a cancelled run does not wake, whichever commit was the last before a crash", async () => {
  const sent: string[] = [];
  const inner = contract("inner", {
    inputs: { id: z.string() },
    define: (g, { id }) => {
      const slept = g.sleep("night", { needs: { id }, for: "1d" });
      return g.effect("letter", { needs: { id }, after: [slept], run: ({ id }) => void sent.push(id) });
    },
  });
  const middle = contract("middle", {
    inputs: { id: z.string() },
    define: (g, { id }) => g.compose("inner", { needs: { id }, child: inner }),
  });
  const outer = contract("outer", {
    inputs: { id: z.string() },
    define: (g, { id }) =>
      g.collection("each", {
        over: g.compute("list", { needs: { id }, run: ({ id }) => [`${id}1`, `${id}2`] }),
        as: "id",
        key: String,
        each: (each, { id }) => each.compose("middle", { needs: { id }, child: middle }),
      }),
  });
  const place = memoryLedger();
  const begin = Date.UTC(2026, 10, 21);
  const kindling = await openKindling({ contracts: [outer], ledger: place, clock: manualClock(begin) });
  const run = await kindling.start(outer, { id: "a" });
  await run.settled();
  await run.cancel();
  await until(async () => (await kindling.get(run.id))?.endedAt !== undefined, "the end");
  await nextTurn(20);
  await kindling.close();
  const log = await logOf(place);
  let cut = log.entries.length;
  for (; factsIn(log, cut).some(({ run: of, type }) => of === run.id && type === "run.cancelled"); cut--) {
    const next = await openKindling({ contracts: [outer], ledger: await ledgerWith(log, cut), clock: manualClock(begin + 2 * DAY_MS) });
    await until(async () => (await next.get(run.id))?.status === "cancelled", `the end after ${cut} commits`);
    await nextTurn(20);
    await next.close();
    expect(sent, `after ${cut} commits`).toEqual([]);
  }
  expect(log.entries.length - cut).toBeGreaterThan(3);
});
