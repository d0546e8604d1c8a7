// The repeat of an event that was kept for later: what its answer tells of would survive a crash at that moment.

import { expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { factsOf, heldLedger } from "../host/ledgers.ts";
import { nextTurn, openKindling } from "../host/open-host.ts";

const inTurn = contract("in-turn", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define(g, { id }) {
    const first = g.await("first", { event: "first", schema: z.string(), show: { id } });
    return g.await("second", { event: "second", schema: z.string(), show: { first } });
  },
});

it("a repeat of an early event is not acknowledged before what it tells of is durable", async () => {
  const held = heldLedger();
  const kindling = await openKindling({ contracts: [inTurn], ledger: held });
  await kindling.start(inTurn, { id: "1" });
  const early = { event: "second", correlation: { id: "1" }, payload: "yes", deliveryId: "d1" };
  await kindling.deliver(early);
  held.hold();
  const opening = kindling.deliver({ event: "first", correlation: { id: "1" }, payload: "go" });
  await nextTurn(5);
  let isTold = false;
  const repeat = kindling.deliver(early).finally(() => (isTold = true));
  await nextTurn(10);
  // The second await has taken its event, in memory only: after a crash now that would not have happened.
  expect((await factsOf(held)).filter(({ type }) => type === "event.delivered")).toEqual([]);
  expect(isTold).toBe(false);
  held.release();
  await opening;
  expect(await repeat).toMatchObject({ status: "duplicate", path: "second" });
  expect((await factsOf(held)).filter(({ type }) => type === "event.delivered")).toHaveLength(2);
});
