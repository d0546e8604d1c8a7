// Gates that want a signature: decided by whoever has the key, for just this opening of just this await, and by nothing else.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  contract,
  memoryLedger,
  type Approver,
  type DecisionSignature,
  type Delivery,
  type Kindling,
  type LedgerPlace,
  type Run,
} from "../../src/index.ts";
import { manualClock, runToEnd, testApprover, testSignature } from "../../src/testing.ts";
import { readStatement, statementText, type DecisionStatement } from "../../src/signing/decision-statement.ts";
import { openKindling } from "./open-host.ts";

const ADA = testApprover({ id: "ada", roles: ["chief"], names: ["page:lovelace"] });
const BOB = testApprover({ id: "bob" });
const YES = { ok: true };

const gated = (options: { readonly roles?: readonly string[]; readonly notStarter?: boolean; readonly assurance?: "outOfBand" } = {}) =>
  contract("gated", {
    inputs: { id: z.string(), text: z.string().default("draft") },
    correlate: ["id"],
    define: (g, { text }) =>
      g.await("gate", {
        event: "decided",
        schema: z.object({ ok: z.boolean() }),
        show: { text },
        by: "human",
        timeout: "30d",
        assurance: "signed",
        ...options,
      }),
  });

interface Stage {
  readonly kindling: Kindling;
  readonly run: Run;
  readonly clock: ReturnType<typeof manualClock>;
}

async function begin(
  options: Parameters<typeof gated>[0] = {},
  approvers: readonly Approver[] = [ADA, BOB],
  ledger: LedgerPlace = memoryLedger(),
): Promise<Stage> {
  const clock = manualClock();
  const kindling = await openKindling({ contracts: [gated(options)], approvers, clock, ledger });
  const run = await kindling.start("gated", { id: "1" });
  await run.settled();
  return { kindling, run, clock };
}

const words = async ({ kindling, run }: Stage, approver = ADA, payload: unknown = YES) =>
  (await kindling.statement({ run: run.id, payload, approver: approver.id })).text;

const deliver = ({ kindling, run }: Stage, signature: DecisionSignature, payload: unknown = YES): Promise<Delivery> =>
  kindling.deliver({ event: "decided", run: run.id, payload, signature });

/** The same words with something else in them. */
function altered(text: string, change: Partial<DecisionStatement>): string {
  const statement = readStatement(text);
  if (statement === undefined) throw new Error("no statement");
  return statementText({ ...statement, ...change });
}

describe("a gate that wants a signature", () => {
  it("is decided by an approver's signature, which is recorded with the key, the words, and who that is", async () => {
    const stage = await begin();
    const text = await words(stage);
    expect(await deliver(stage, testSignature(ADA, text))).toMatchObject({ status: "delivered", path: "gate" });
    const [fact] = (await stage.run.facts()).filter(({ type }) => type === "event.delivered");
    expect(fact).toMatchObject({
      actor: { id: "ada", assurance: "signed", roles: ["chief"] },
      signature: { v: 1, statement: text, signature: testSignature(ADA, text).signature, key: ADA.key },
    });
    expect(await stage.run.result()).toEqual(YES);
  });

  it("is decided for nobody who only says so: programs, people, and who claims to have signed", async () => {
    const { kindling, run } = await begin();
    const asked = async (assurance: "agent" | "client" | "outOfBand" | "signed") => {
      const delivery = await kindling.deliver({
        event: "decided",
        run: run.id,
        payload: YES,
        actor: { id: "ada", assurance, roles: ["chief"] },
      });
      return delivery.status === "refused" ? delivery.code : delivery.status;
    };
    expect([await asked("agent"), await asked("client"), await asked("outOfBand"), await asked("signed")]).toEqual([
      "human_decision_required",
      "human_decision_required",
      "signature_required",
      "signature_required",
    ]);
    await expect(kindling.start("gated", { id: "2" }, { actor: { id: "ada", assurance: "signed" } })).rejects.toMatchObject({
      code: "bad_actor",
    });
  });

  it("tells what is wrong with a signature that is none", async () => {
    const stage = await begin();
    const text = await words(stage);
    const good = testSignature(ADA, text);
    const tries: readonly (readonly [unknown, string])[] = [
      [{ statement: text }, "signature_invalid"],
      ["signed", "signature_invalid"],
      [null, "signature_invalid"],
      [{ statement: text, signature: "signed, ada" }, "signature_invalid"],
      [{ ...good, statement: text.trimEnd() }, "signature_invalid"],
      [{ ...good, statement: altered(text, { nonce: "another" }) }, "signature_invalid"],
      [testSignature(BOB, text), "approver_unknown"],
      [testSignature(ADA, altered(text, { approver: "bob" })), "approver_unknown"],
      [testSignature(ADA, altered(text, { approver: "mallory" })), "approver_unknown"],
    ];
    for (const [signature, code] of tries) {
      // What programs send may be anything.
      const delivery = await deliver(stage, signature as DecisionSignature);
      expect(delivery, JSON.stringify(signature)).toMatchObject({ status: "refused", code, fix: expect.stringMatching(/\w/) });
    }
    expect((await stage.run.get()).status).toBe("waiting");
    expect((await stage.run.facts()).filter(({ type }) => type === "event.refused")).toHaveLength(tries.length);
  });

  it("is not decided by a signature for something else, and says for what", async () => {
    const stage = await begin();
    const text = await words(stage);
    const tries: readonly (readonly [Partial<DecisionStatement>, string, RegExp])[] = [
      [{ ledger: "another" }, "signature_mismatch", /for another ledger \(another\)/],
      [{ run: "run_2" }, "signature_mismatch", /for "gate" of run run_2 .* delivered to "gate" of run/],
      [{ path: "other" }, "signature_mismatch", /for "other" of run/],
      [{ event: "else" }, "signature_mismatch", /\(else\)/],
      [{ opening: `${stage.run.id}:1` }, "signature_mismatch", /it opened anew/],
      [{ shown: "0".repeat(64) }, "stale_approval", /no longer what is shown/],
      [{ payload: "0".repeat(64) }, "signature_mismatch", /another payload/],
      [{ expires: "2001-01-01T00:00:00.000Z" }, "signature_expired", /good until 2001/],
      [{ expires: "2999-01-01T00:00:00.000Z" }, "signature_invalid", /longer than 7 days/],
    ];
    for (const [change, code, message] of tries)
      expect(await deliver(stage, testSignature(ADA, altered(text, change)))).toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    expect(await deliver(stage, testSignature(ADA, text), { ok: false })).toMatchObject({ code: "signature_mismatch" });
    expect(await deliver(stage, testSignature(ADA, text))).toMatchObject({ status: "delivered" });
  });

  it("refuses a signature that is good for it once its time is over, and takes a new one", async () => {
    const stage = await begin();
    const { text } = await stage.kindling.statement({ run: stage.run.id, payload: YES, approver: "ada", validFor: "1m" });
    stage.clock.advance(60_000);
    expect(await deliver(stage, testSignature(ADA, text))).toMatchObject({ code: "signature_expired" });
    expect(await deliver(stage, testSignature(ADA, await words(stage)))).toMatchObject({ status: "delivered" });
  });

  it("takes no signature of a key that was taken out of the config", async () => {
    const ledger = memoryLedger();
    const stage = await begin({}, [ADA], ledger);
    const signature = testSignature(ADA, await words(stage));
    await stage.kindling.close();
    const later = await openKindling({ contracts: [gated()], approvers: [{ id: "ada", key: BOB.key ?? "" }], clock: stage.clock, ledger });
    expect(await later.deliver({ event: "decided", run: stage.run.id, payload: YES, signature })).toMatchObject({
      code: "approver_unknown",
    });
  });
});

describe("a signature that was used", () => {
  it("gives its first outcome again, also after its time; another one for the same comes too late", async () => {
    const stage = await begin();
    const [first, second] = [testSignature(ADA, await words(stage)), testSignature(ADA, await words(stage))];
    const done = await deliver(stage, first);
    stage.clock.advance(86_400_000);
    expect(await deliver(stage, first)).toEqual({ ...done, status: "duplicate" });
    expect(await deliver(stage, second)).toMatchObject({ code: "already_decided" });
    expect(await deliver(stage, testSignature(BOB, altered(second.statement, { approver: "bob" })))).toMatchObject({
      code: "already_decided",
    });
  });

  it("does not decide the await again when it opens anew, though it shows the same", async () => {
    const stage = await begin();
    const { kindling, run } = stage;
    const first = testSignature(ADA, await words(stage));
    await deliver(stage, first);
    await run.update({ text: "other" });
    await run.settled();
    expect(await deliver(stage, first)).toMatchObject({ code: "stale_approval" });
    await run.update({ text: "draft" });
    await run.settled();
    expect((await kindling.awaiting(run.id)).values).toEqual({ text: "draft" });
    expect(await deliver(stage, first)).toMatchObject({ code: "signature_mismatch", message: expect.stringContaining("opened anew") });
    expect(await deliver(stage, testSignature(ADA, await words(stage)))).toMatchObject({ status: "delivered" });
  });

  it("decides neither another run, nor a fork of its own, nor the same run in another ledger", async () => {
    const stage = await begin();
    const { kindling, run } = stage;
    const signature = testSignature(ADA, await words(stage));
    const other = await kindling.start("gated", { id: "2" });
    await other.settled();
    const fork = await run.fork();
    await fork.settled();
    const elsewhere = await begin();
    for (const [where, id] of [
      [kindling, other.id],
      [kindling, fork.id],
      [elsewhere.kindling, elsewhere.run.id],
    ] as const)
      expect(await where.deliver({ event: "decided", run: id, payload: YES, signature })).toMatchObject({ code: "signature_mismatch" });
  });

  it("does not speak twice at a gate that several people decide, whatever id it is delivered under", async () => {
    const pair = contract("pair", {
      inputs: {},
      define: (g) =>
        g.await("gate", {
          event: "decided",
          schema: z.object({ ok: z.boolean() }),
          by: "human",
          assurance: "signed",
          quorum: 2,
          timeout: "1d",
        }),
    });
    const kindling = await openKindling({ contracts: [pair], approvers: [ADA, BOB] });
    const run = await kindling.start(pair, {});
    await run.settled();
    const stage = { kindling, run, clock: manualClock() };
    const say = async (who: Approver, ok: boolean) => testSignature(who, await words(stage, who, { ok }));
    const send = (signature: DecisionSignature, ok: boolean, deliveryId?: string) =>
      kindling.deliver({ event: "decided", run: run.id, payload: { ok }, signature, ...(deliveryId === undefined ? {} : { deliveryId }) });
    const [yes, no, bob] = [await say(ADA, true), await say(ADA, false), await say(BOB, true)];
    expect(await send(yes, true)).toMatchObject({ status: "counted", people: 1 });
    expect(await send(no, false)).toMatchObject({ status: "counted" });
    expect(await send(yes, true, "again")).toMatchObject({ status: "duplicate" });
    expect(await send(bob, true)).toMatchObject({ status: "counted", people: 1 });
    expect(await send(await say(ADA, true), true)).toMatchObject({ status: "delivered" });
    expect((await run.facts()).filter((fact) => "signature" in fact)).toHaveLength(4);
  });
});

describe("who signed", () => {
  it("has the roles of the config, whatever the caller says", async () => {
    const stage = await begin({ roles: ["chief"] });
    const { kindling, run } = stage;
    const actor = { id: "bob", assurance: "signed", roles: ["chief"] } as const;
    const signature = testSignature(BOB, await words(stage, BOB));
    expect(await kindling.deliver({ event: "decided", run: run.id, payload: YES, signature, actor })).toMatchObject({
      code: "role_required",
    });
    expect(await deliver(stage, testSignature(ADA, await words(stage)))).toMatchObject({ status: "delivered" });
  });

  it.each(["ada", "cli:ada", "page:lovelace"])("is no other than who started the run as %s, where four eyes are wanted", async (id) => {
    const { kindling } = await begin({ notStarter: true });
    const run = await kindling.start("gated", { id: "2" }, { actor: { id, assurance: "outOfBand" } });
    await run.settled();
    const stage = { kindling, run, clock: manualClock() };
    expect(await deliver(stage, testSignature(ADA, await words(stage)))).toMatchObject({ code: "starter_may_not_decide" });
    expect(await deliver(stage, testSignature(BOB, await words(stage, BOB)))).toMatchObject({ status: "delivered" });
  });

  it("is also not that person who comes without a signature under another name", async () => {
    const { kindling } = await begin({ notStarter: true, assurance: "outOfBand" });
    const run = await kindling.start("gated", { id: "2" }, { actor: { id: "page:lovelace", assurance: "outOfBand" } });
    await run.settled();
    const decide = (id: string) => kindling.deliver({ event: "decided", run: run.id, payload: YES, actor: { id, assurance: "outOfBand" } });
    expect(await decide("cli:ada")).toMatchObject({ code: "starter_may_not_decide" });
    expect(await decide("cli:bob")).toMatchObject({ status: "delivered" });
  });

  it("may sign where less is wanted", async () => {
    const stage = await begin({ assurance: "outOfBand" });
    expect(await deliver(stage, testSignature(ADA, await words(stage)))).toMatchObject({ status: "delivered" });
  });
});

describe("a signed decision before its time", () => {
  const early = contract("early", {
    inputs: { id: z.string() },
    correlate: ["id"],
    early: { keepFor: "1h" },
    define(g, { id }) {
      const go = g.await("go", { event: "go", schema: z.null(), timeout: "1d" });
      return g.await("gate", {
        event: "decided",
        schema: z.object({ ok: z.boolean() }),
        show: { id, go },
        by: "human",
        assurance: "signed",
        timeout: "1d",
      });
    },
  });

  it("is not kept: there is nothing yet that it could be about; nor is one that nobody signed", async () => {
    const stage = await begin();
    const signature = testSignature(ADA, await words(stage));
    const kindling = await openKindling({ contracts: [early], approvers: [ADA] });
    const actor = { id: "ada", assurance: "outOfBand" } as const;
    const send = (id: string, more: object) => kindling.deliver({ event: "decided", correlation: { id }, payload: YES, ...more });
    expect(await send("no run", { signature })).toMatchObject({ code: "signature_mismatch" });
    expect(await send("no run", { actor })).toMatchObject({ code: "signature_required" });
    const run = await kindling.start(early, { id: "1" });
    await run.settled();
    expect(await send("1", { signature })).toMatchObject({ code: "signature_mismatch" });
    expect(await send("1", { actor })).toMatchObject({ code: "signature_required" });
    await kindling.deliver({ event: "go", run: run.id, payload: null });
    expect((await run.settled()).awaits.map(({ path }) => path)).toEqual(["gate"]);
  });
});

describe("in children", () => {
  it("a signature is for one item: the others wait for their own", async () => {
    const many = contract("many", {
      inputs: { names: z.array(z.string()) },
      define: (g, { names }) => ({
        all: g.collection("all", {
          over: names,
          as: "name",
          key: (name) => name,
          each: (deep, { name }) =>
            deep.await("gate", {
              event: "decided",
              schema: z.object({ ok: z.boolean() }),
              show: { name },
              by: "human",
              assurance: "signed",
              timeout: "1d",
            }),
        }),
      }),
    });
    const kindling = await openKindling({ contracts: [many], approvers: [ADA] });
    const run = await kindling.start(many, { names: ["a", "b"] });
    await run.settled();
    const { text } = await kindling.statement({ run: run.id, path: "all[a]/gate", payload: YES, approver: "ada" });
    const signature = testSignature(ADA, text);
    const send = (more: object) => kindling.deliver({ event: "decided", run: run.id, payload: YES, signature, ...more });
    expect(await send({ path: "all[b]/gate" })).toMatchObject({ code: "signature_mismatch" });
    expect(await send({ to: "all" })).toMatchObject({ status: "delivered", path: "all[a]/gate", others: [{ code: "signature_mismatch" }] });
    expect((await run.settled()).awaits.map(({ path }) => path)).toEqual(["all[b]/gate"]);
  });
});

describe("the words to sign", () => {
  it("are about the payload as the schema makes it, defaults included", async () => {
    const filled = contract("filled", {
      inputs: {},
      define: (g) =>
        g.await("gate", {
          event: "decided",
          schema: z.object({ ok: z.boolean(), note: z.string().trim().default("none") }),
          by: "human",
          assurance: "signed",
          timeout: "1d",
        }),
    });
    const kindling = await openKindling({ contracts: [filled], approvers: [ADA] });
    const run = await kindling.start(filled, {});
    await run.settled();
    const { text, payload } = await kindling.statement({ run: run.id, payload: YES, approver: "ada" });
    expect(payload).toEqual({ ok: true, note: "none" });
    // What is delivered may be what was given: what is recorded is what was signed.
    expect(await kindling.deliver({ event: "decided", run: run.id, payload: YES, signature: testSignature(ADA, text) })).toMatchObject({
      status: "delivered",
    });
  });

  it("cannot be made up for nobody, for nothing, for ever, or for a payload that does not fit or does not stay", async () => {
    const stage = await begin();
    const { kindling, run } = stage;
    const ask = (more: object) => kindling.statement({ run: run.id, payload: YES, approver: "ada", ...more });
    await expect(ask({ approver: "mallory" })).rejects.toMatchObject({ code: "approver_unknown" });
    await expect(ask({ validFor: "8d" })).rejects.toMatchObject({ code: "bad_validity" });
    await expect(ask({ path: "other" })).rejects.toMatchObject({ code: "not_awaiting" });
    await expect(ask({ payload: { ok: "yes" } })).rejects.toMatchObject({ code: "invalid_payload", details: { issues: [{ at: "ok" }] } });
    const counting = contract("counting", {
      inputs: {},
      define: (g) =>
        g.await("gate", { event: "decided", schema: z.number().transform((n) => n + 1), by: "human", assurance: "signed", timeout: "1d" }),
    });
    const other = await openKindling({ contracts: [counting], approvers: [ADA] });
    const counted = await other.start(counting, {});
    await counted.settled();
    await expect(other.statement({ run: counted.id, payload: 1, approver: "ada" })).rejects.toMatchObject({ code: "payload_not_stable" });
  });
});

describe("runToEnd", () => {
  it("signs with a test approver, and says where that is missing", async () => {
    const kindling = await openKindling({ contracts: [gated()], approvers: [testApprover()] });
    expect(await runToEnd(kindling, gated(), { id: "1" }, { decided: YES })).toEqual(YES);
    const without = await openKindling({ contracts: [gated()] });
    await expect(runToEnd(without, gated(), { id: "1" }, { decided: YES })).rejects.toMatchObject({
      code: "answer_refused",
      fix: expect.stringContaining("testApprover()"),
    });
  });
});
