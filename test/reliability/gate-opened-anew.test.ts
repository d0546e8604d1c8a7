// A gate that opens anew while the payload of an answer is being checked: who may answer, and what they were shown, is looked at again before the answer counts.

import { expect, it } from "vitest";
import { z } from "zod";
import { contract, type Actor } from "../../src/index.ts";
import { factsOf } from "../host/ledgers.ts";
import { nextTurn, openKindling, until } from "../host/open-host.ts";
import { manualClock, memoryLedger } from "../../src/testing.ts";

const AGENT: Actor = { id: "mcp:agent", assurance: "agent" };
const PERSON: Actor = { id: "cli:alice", assurance: "outOfBand" };

/** A run at its gate; checks of payloads end when they are let go. */
async function atGate() {
  const checks: PromiseWithResolvers<void>[] = [];
  const slow = z.string().refine(() => {
    const check = Promise.withResolvers<void>();
    checks.push(check);
    return check.promise.then(() => true);
  });
  const gated = contract("gated", {
    inputs: { id: z.string(), text: z.string() },
    correlate: ["id"],
    define: (g, { text }) => g.await("gate", { event: "decided", schema: slow, show: { text }, by: "human", timeout: "1h" }),
  });
  const clock = manualClock();
  const place = memoryLedger();
  const kindling = await openKindling({ contracts: [gated], clock, ledger: place });
  const run = await kindling.start(gated, { id: "1", text: "first" });
  const [open] = (await run.settled()).awaits;
  const decide = (actor: Actor) =>
    kindling.deliver({ event: "decided", correlation: { id: "1" }, payload: "yes", actor, shown: open?.shown ?? "" });
  const letGo = async () => {
    await until(() => checks.length > 0, "a check");
    for (const check of checks) check.resolve();
  };
  return { run, clock, place, decide, letGo, checks };
}

it("an agent whose answer is under way while the gate fails and is retried does not decide it", async () => {
  const { run, clock, place, decide, letGo, checks } = await atGate();
  // The deadline passes in the same moment: the ledger shows the gate as open still, the run does not.
  clock.advance(3_600_000);
  const decision = decide(AGENT);
  await until(() => checks.length > 0);
  await run.retry();
  await letGo();
  expect(await decision).toMatchObject({ status: "refused", code: "human_decision_required" });
  await nextTurn(3);
  expect((await factsOf(place)).filter(({ type }) => type === "event.delivered")).toEqual([]);
});

it("a person whose decision is under way while something else is shown has not decided about that", async () => {
  const { run, place, decide, letGo, checks } = await atGate();
  const decision = decide(PERSON);
  await until(() => checks.length > 0);
  await run.update({ text: "second" });
  await run.settled();
  await letGo();
  expect(await decision).toMatchObject({ status: "refused", code: "stale_approval" });
  expect((await factsOf(place)).filter(({ type }) => type === "event.delivered")).toEqual([]);
  expect((await run.settled()).awaits).toHaveLength(1);
});
