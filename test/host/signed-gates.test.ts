// Gates that want a signature: decided by whoever has the key, for just this opening of just this await, and by nothing else.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, memoryLedger, type Approver, type DecisionSignature } from "../../src/index.ts";
import { manualClock, testSignature } from "../../src/testing.ts";
import type { DecisionStatement } from "../../src/signing/decision-statement.ts";
import { openKindling } from "./open-host.ts";
import { ADA, altered, begin, BOB, deliver, gated, words, YES } from "./signed-stage.ts";

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
