// Gates that several people decide: each has one voice whatever channel it comes by, and nothing that was said is lost.

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, createRuntime, DefinitionError, fileLedger, type Actor, type Kindling } from "../../src/index.ts";
import { runToEnd } from "../../src/testing.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { openKindling } from "./open-host.ts";

type Quorum = number | { readonly people: number; readonly on?: string; readonly alone?: readonly string[] };

const Decision = z.object({ decision: z.enum(["approve", "reject"]), comment: z.string().optional() });

const payment = (quorum: Quorum, more: { readonly notStarter?: boolean } = {}) =>
  contract("payment", {
    inputs: { amount: z.number() },
    define: (g, { amount }) =>
      g.await("release", { event: "payment.decided", schema: Decision, show: { amount }, by: "human", timeout: "3d", quorum, ...more }),
  });

const FOUR_EYES = { people: 2, on: "decision", alone: ["reject"] } as const;
const person = (id: string): Actor => ({ id, assurance: "outOfBand" });

async function open(definition: ReturnType<typeof payment>, starter?: Actor) {
  const kindling = await openKindling({ contracts: [definition] });
  const run = await kindling.start(definition, { amount: 7 }, starter === undefined ? {} : { actor: starter });
  await run.settled();
  return { kindling, run, say: sayer(kindling, run.id) };
}

const sayer =
  (kindling: Kindling, run: string) =>
  (
    who: string,
    decision: "approve" | "reject",
    more: { readonly comment?: string; readonly deliveryId?: string; readonly shown?: string } = {},
  ) => {
    const { comment, ...rest } = more;
    const payload = { decision, ...(comment === undefined ? {} : { comment }) };
    return kindling.deliver({ event: "payment.decided", run, payload, actor: person(who), ...rest });
  };

describe("a gate for two people", () => {
  it("counts the first, and is decided by the second who says the same, whatever else they say", async () => {
    const { run, say, kindling } = await open(payment(FOUR_EYES));
    expect(await say("cli:ada", "approve", { comment: "fine" })).toMatchObject({ status: "counted", people: 1, of: 2, path: "release" });
    const waiting = await run.settled();
    expect(waiting.status).toBe("waiting");
    expect(waiting.awaits[0]?.quorum).toMatchObject({ people: 2, voices: [{ by: "cli:ada" }] });
    expect((await kindling.explain(run.id)).text).toContain("2 people decide it (outOfBand); cli:ada has said something");
    expect(await say("cli:bob", "approve", { comment: "me too" })).toMatchObject({ status: "delivered" });
    expect(await run.result()).toEqual({ decision: "approve", comment: "me too" });
    expect((await run.facts()).filter(({ type }) => type.startsWith("event.")).map(({ type }) => type)).toEqual([
      "event.counted",
      "event.delivered",
    ]);
  });

  it("takes what one may say alone at once", async () => {
    const { run, say } = await open(payment(FOUR_EYES));
    await say("cli:ada", "approve");
    expect(await say("cli:bob", "reject")).toMatchObject({ status: "delivered" });
    expect(await run.result()).toEqual({ decision: "reject" });
  });

  it("hears a person once, by whatever channel and however often", async () => {
    const { run, say } = await open(payment(FOUR_EYES));
    expect(await say("cli:ada", "approve")).toMatchObject({ status: "counted", people: 1 });
    expect(await say("cli:ada", "approve")).toMatchObject({ status: "duplicate" });
    expect(await say("page:ada", "approve", { comment: "again" })).toMatchObject({ status: "counted", people: 1 });
    expect(await say("page:ada", "approve", { deliveryId: "another" })).toMatchObject({ status: "counted", people: 1 });
    expect((await run.settled()).status).toBe("waiting");
  });

  it("takes a person's last word", async () => {
    const { run, say } = await open(payment({ people: 2, on: "decision" }));
    await say("cli:ada", "reject");
    await say("cli:ada", "approve");
    expect(await say("cli:bob", "reject")).toMatchObject({ status: "counted", people: 1 });
    expect(await say("cli:cy", "approve")).toMatchObject({ status: "delivered" });
    expect(await run.result()).toMatchObject({ decision: "approve" });
  });

  it("wants the whole payload the same where nothing else is said", async () => {
    const { run, say } = await open(payment(2));
    await say("cli:ada", "approve", { comment: "a" });
    expect(await say("cli:bob", "approve", { comment: "b" })).toMatchObject({ status: "counted", people: 1 });
    expect(await say("cli:cy", "approve", { comment: "a" })).toMatchObject({ status: "delivered" });
    expect(await run.result()).toEqual({ decision: "approve", comment: "a" });
  });

  it("is not decided ahead of time, since nobody has seen what is shown", async () => {
    const later = contract("later", {
      inputs: { amount: z.number() },
      define: (g, { amount }) => {
        const go = g.await("go", { event: "go", schema: z.number(), show: { amount } });
        return g.compose("pay", { needs: { amount: go }, child: payment(FOUR_EYES) });
      },
    });
    const kindling = await openKindling({ contracts: [later] });
    const run = await kindling.start(later, { amount: 1 });
    await run.settled();
    expect(await sayer(kindling, run.id)("cli:ada", "approve")).toMatchObject({ status: "refused", code: "human_decision_required" });
  });

  it("asks everybody anew when what it shows has changed", async () => {
    const { run, say } = await open(payment(FOUR_EYES));
    await say("cli:ada", "approve");
    await run.update({ amount: 8 });
    const [gate] = (await run.settled()).awaits;
    expect(gate?.quorum).toEqual({ ...FOUR_EYES, voices: [] });
    expect(await say("cli:bob", "approve")).toMatchObject({ status: "counted", people: 1 });
    expect(await say("cli:ada", "approve")).toMatchObject({ status: "refused", code: "stale_approval" });
    expect(await say("cli:ada", "approve", { shown: gate?.shown ?? "" })).toMatchObject({ status: "delivered" });
  });

  it("keeps what was said over the end of the process", async () => {
    const definition = payment(FOUR_EYES);
    const ledger = join(await temporaryFolder(), "ledger");
    const first = await createRuntime({ contracts: [definition], ledger: fileLedger(ledger) });
    const { id } = await first.start(definition, { amount: 7 });
    await sayer(first, id)("cli:ada", "approve");
    await first.close();
    await using second = await createRuntime({ contracts: [definition], ledger: fileLedger(ledger) });
    expect((await second.inbox())[0]?.quorum?.voices.map(({ by }) => by)).toEqual(["cli:ada"]);
    expect(await sayer(second, id)("cli:ada", "approve")).toMatchObject({ status: "duplicate" });
    expect(await sayer(second, id)("cli:bob", "approve")).toMatchObject({ status: "delivered" });
    expect(await sayer(second, id)("cli:ada", "approve")).toMatchObject({ status: "duplicate" });
  });

  it("is played to its end by as many people as it needs", async () => {
    const definition = payment(3);
    const kindling = await openKindling({ contracts: [definition] });
    expect(await runToEnd(kindling, definition, { amount: 7 }, { "payment.decided": { decision: "approve" } })).toEqual({
      decision: "approve",
    });
  });
});

describe("whoever started a run and may not decide it", () => {
  it("may not by another channel either", async () => {
    const { say } = await open(payment(FOUR_EYES, { notStarter: true }), person("cli:ada"));
    expect(await say("page:ada", "approve")).toMatchObject({ status: "refused", code: "starter_may_not_decide" });
  });
});

describe("a quorum that cannot be", () => {
  it.each([
    [1, "quorum wants 1 people"],
    [2.5, "quorum wants 2.5 people"],
    [21, "quorum wants 21 people"],
    [{ people: 2, alone: ["reject"] }, "quorum has alone without on"],
  ] as const)("%o is a finding", (quorum, message) => {
    expect(() => payment(quorum)).toThrow(DefinitionError);
    expect(() => payment(quorum)).toThrow(message);
  });
});
