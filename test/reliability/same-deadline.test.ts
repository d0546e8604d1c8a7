// Two awaits, one after the other, with the same deadline: when it comes while the step from one to the other is not durable yet, the second one is not forgotten.

import { expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { manualClock } from "../../src/testing.ts";
import { heldLedger } from "../host/ledgers.ts";
import { nextTurn, openKindling } from "../host/open-host.ts";

const inTurn = contract("in-turn", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define(g, { id }) {
    const first = g.await("first", { event: "first", schema: z.string(), show: { id }, timeout: "5h" });
    return g.await("second", { event: "second", schema: z.string(), show: { first }, timeout: "5h", onTimeout: { value: "late" } });
  },
});

it("an await that opened in the moment of another one's deadline has its own deadline fired, too", async () => {
  const held = heldLedger();
  const clock = manualClock();
  const kindling = await openKindling({ contracts: [inTurn], ledger: held, clock });
  const run = await kindling.start(inTurn, { id: "1" });
  held.hold();
  const delivery = kindling.deliver({ event: "first", correlation: { id: "1" }, payload: "go" });
  await nextTurn(5);
  clock.advance(6 * 3_600_000);
  await nextTurn(5);
  held.release();
  expect(await delivery).toMatchObject({ status: "delivered", path: "first" });
  await nextTurn(10);
  clock.advance(60_000);
  expect(await run.result({ signal: AbortSignal.timeout(20_000) })).toBe("late");
});
