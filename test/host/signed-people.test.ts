// Who signs decisions, when, for what, and the words they sign.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { manualClock, runToEnd, testApprover, testSignature } from "../../src/testing.ts";
import { openKindling } from "./open-host.ts";
import { ADA, begin, BOB, deliver, gated, words, YES } from "./signed-stage.ts";

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
