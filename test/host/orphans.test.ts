// A child whose parent has ended while no process told it: nothing of it happens any more, whatever comes for it meanwhile, and whichever commit was the last before a crash.

import { type AnyContract, type Contract, contract, type Kindling, memoryLedger, type Run } from "kindling";
import { manualClock } from "kindling/testing";
import { expect, it } from "vitest";
import { z } from "zod";
import { factsIn, ledgerWith, logOf } from "./ledgers.ts";
import { nextTurn, openKindling, until } from "./open-host.ts";

const DAY_MS = 86_400_000;
const inputs = { id: z.string() };

it("a child of a child of a cancelled run does not wake", async () => {
  const sent: string[] = [];
  const inner = contract("inner", {
    inputs,
    define: (g, { id }) => {
      const slept = g.sleep("night", { needs: { id }, for: "1d" });
      return g.effect("letter", { needs: { id }, after: [slept], run: ({ id }) => void sent.push(id) });
    },
  });
  await cancelAndCut(
    above(inner),
    (run) => run.settled(),
    async () => {
      await nextTurn(20);
      expect(sent).toEqual([]);
    },
  );
});

it("a child of a child of a cancelled run takes no event, however soon it comes", async () => {
  const sent: string[] = [];
  const inner = contract("inner", {
    inputs,
    correlate: ["id"],
    define: (g, { id }) => {
      const signed = g.await("signed", { event: "signed", schema: z.null() });
      return g.effect("letter", { needs: { id }, after: [signed], run: ({ id }) => void sent.push(id) });
    },
  });
  await cancelAndCut(
    above(inner),
    (run) => run.settled(),
    async (kindling) => {
      const delivery = await kindling.deliver({ event: "signed", correlation: { id: "a1" }, payload: null });
      expect(delivery.status).toBe("refused");
      await nextTurn(20);
      expect(sent).toEqual([]);
    },
  );
});

/** Two of what is given, each in a child of a child. */
function above<Out>(inner: Contract<{ id: string }, Out>): AnyContract {
  const middle = contract("middle", { inputs, define: (g, { id }) => g.compose("inner", { needs: { id }, child: inner }) });
  return contract("outer", {
    inputs,
    define: (g, { id }) =>
      g.collection("each", {
        over: g.compute("list", { needs: { id }, run: ({ id }) => [`${id}1`, `${id}2`] }),
        as: "id",
        key: String,
        each: (each, { id }) => each.compose("middle", { needs: { id }, child: middle }),
      }),
  });
}

/** Cancels a run once it has begun, and goes on from each commit from its cancelling on, two days later. */
async function cancelAndCut(
  outer: AnyContract,
  begun: (run: Run) => Promise<unknown>,
  look: (kindling: Kindling) => Promise<void>,
): Promise<void> {
  const place = memoryLedger();
  const begin = Date.UTC(2026, 10, 21);
  const kindling = await openKindling({ contracts: [outer], ledger: place, clock: manualClock(begin) });
  const run = await kindling.start(outer.name, { id: "a" });
  await begun(run);
  await run.cancel();
  await until(async () => (await kindling.get(run.id))?.endedAt !== undefined, "the end");
  await nextTurn(20);
  await kindling.close();
  const log = await logOf(place);
  let cut = log.entries.length;
  for (; factsIn(log, cut).some(({ run: of, type }) => of === run.id && type === "run.cancelled"); cut--) {
    const next = await openKindling({ contracts: [outer], ledger: await ledgerWith(log, cut), clock: manualClock(begin + 2 * DAY_MS) });
    await look(next);
    await until(async () => (await next.get(run.id))?.status === "cancelled", `the end after ${cut} commits`);
    await next.close();
  }
  expect(log.entries.length - cut).toBeGreaterThan(3);
}
