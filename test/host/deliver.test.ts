// Delivering to awaits that are open: which one it is for, who may answer, and that an answer counts once.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { containing, nextTurn, openKindling } from "./open-host.ts";
import { items, review, started, yes } from "./reviews.ts";

describe("an event finds its await", () => {
  it("by a subset of the correlation keys", async () => {
    const kindling = await started();
    expect(await kindling.deliver(yes())).toMatchObject({ status: "delivered", path: "decision" });
  });

  it("by exact values of all keys it gives", async () => {
    const kindling = await started();
    expect(await kindling.deliver(yes({ correlation: { requestId: "a", region: "us" } }))).toMatchObject({
      status: "refused",
      code: "run_not_found",
    });
    expect(await kindling.deliver(yes({ correlation: { requestId: "a", region: "eu" } }))).toMatchObject({ status: "delivered" });
  });

  it("by the key of a collection's item", async () => {
    const kindling = await started();
    const run = await kindling.start(items, { requestId: "i", langs: ["en", "de"] });
    expect(await kindling.deliver({ event: "post.checked", correlation: { requestId: "i", lang: "de" }, payload: "gut" })).toMatchObject({
      status: "delivered",
      path: "posts[de]/check",
    });
    expect((await run.settled()).awaits.map(({ path }) => path)).toEqual(["posts[en]/check"]);
  });

  it("by a key of the child's own contract", async () => {
    const inner = contract("inner", {
      inputs: { ticket: z.string() },
      correlate: ["ticket"],
      define: (g) => g.await("closed", { event: "ticket.closed", schema: z.string() }),
    });
    const outer = contract("outer", {
      inputs: { id: z.string() },
      correlate: ["id"],
      define(g, { id }) {
        const ticket = g.compute("ticket", { needs: { id }, run: ({ id }) => `T-${id}` });
        return g.compose("part", { needs: { ticket }, child: inner });
      },
    });
    const kindling = await openKindling({ contracts: [outer] });
    const run = await kindling.start(outer, { id: "1" });
    expect(await kindling.deliver({ event: "ticket.closed", correlation: { ticket: "T-1" }, payload: "done" })).toMatchObject({
      status: "delivered",
    });
    expect(await run.result()).toBe("done");
  });

  it("or says that several match, with the candidates", async () => {
    const kindling = await started();
    const run = await kindling.start(items, { requestId: "i", langs: ["en", "de"] });
    const delivery = await kindling.deliver({ event: "post.checked", correlation: { requestId: "i" }, payload: "ok" });
    expect(delivery).toMatchObject({
      status: "refused",
      code: "ambiguous_correlation",
      candidates: [
        { run: run.id, path: "posts[en]/check", correlation: { requestId: "i", lang: "en" } },
        { run: run.id, path: "posts[de]/check", correlation: { requestId: "i", lang: "de" } },
      ],
    });
  });

  it("or goes to every match when it is for all", async () => {
    const kindling = await started();
    const run = await kindling.start(items, { requestId: "i", langs: ["en", "de"] });
    const delivery = await kindling.deliver({
      event: "post.checked",
      correlation: { requestId: "i" },
      payload: "ok",
      to: "all",
      deliveryId: "d1",
    });
    expect(delivery).toMatchObject({ status: "delivered", others: [{ status: "delivered" }] });
    expect(await run.result()).toMatchObject({ items: [{ status: "succeeded" }, { status: "succeeded" }] });
  });

  it("and a repeat for all completes what a crash left out", async () => {
    const kindling = await started();
    const run = await kindling.start(items, { requestId: "i", langs: ["en", "de", "fr"] });
    await kindling.deliver({ event: "post.checked", correlation: { requestId: "i", lang: "de" }, payload: "ok", deliveryId: "d1" });
    expect(
      await kindling.deliver({ event: "post.checked", correlation: { requestId: "i" }, payload: "ok", to: "all", deliveryId: "d1" }),
    ).toMatchObject({ status: "delivered" });
    expect(await run.result()).toMatchObject({ items: [{ status: "succeeded" }, { status: "succeeded" }, { status: "succeeded" }] });
    expect(
      await kindling.deliver({ event: "post.checked", correlation: { requestId: "i" }, payload: "ok", to: "all", deliveryId: "d1" }),
    ).toMatchObject({ status: "duplicate" });
  });

  it("also when one of several for all refuses it: the others still get it", async () => {
    const gated = contract("gated", {
      inputs: { requestId: z.string() },
      correlate: ["requestId"],
      define: (g, { requestId }) =>
        g.await("gate", {
          event: "draft.reviewed",
          schema: z.object({ ok: z.boolean() }),
          show: { requestId },
          by: "human",
          timeout: "1d",
        }),
    });
    const kindling = await openKindling({ contracts: [gated, review] });
    await kindling.start(gated, { requestId: "a" });
    const open = await kindling.start(review, { requestId: "a" });
    expect(await kindling.deliver(yes({ to: "all" }))).toMatchObject({
      status: "delivered",
      run: open.id,
      others: [{ status: "refused", code: "human_decision_required" }],
    });
  });
});

describe("a delivery is refused, and the await stays open,", () => {
  it("when nobody awaits the event: the nearest name is told", async () => {
    const kindling = await started();
    expect(await kindling.deliver(yes({ event: "draft.reviewd" }))).toMatchObject({
      status: "refused",
      code: "unknown_event",
      fix: containing('"draft.reviewed"'),
    });
  });

  it("when its payload does not fit: every issue is told, and a right one is taken afterwards", async () => {
    const kindling = await started();
    expect(await kindling.deliver(yes({ payload: { ok: "maybe" } }))).toMatchObject({
      status: "refused",
      code: "invalid_payload",
      issues: [{ at: "ok" }],
    });
    expect(await kindling.deliver(yes({ payload: new Date() }))).toMatchObject({ status: "refused", code: "invalid_payload" });
    expect(await kindling.deliver(yes())).toMatchObject({ status: "delivered" });
  });

  it("when there is no such run, or it says nothing about which", async () => {
    const kindling = await started();
    expect(await kindling.deliver(yes({ correlation: { requestId: "b" } }))).toMatchObject({ code: "run_not_found" });
    expect(await kindling.deliver(yes({ correlation: {} }))).toMatchObject({ code: "run_not_found" });
    expect(await kindling.deliver({ event: "draft.reviewed", run: "run_none", payload: { ok: true } })).toMatchObject({
      code: "run_not_found",
    });
  });

  it("when the run was cancelled, also while its payload was being checked", async () => {
    const gate = Promise.withResolvers<void>();
    const slow = contract("slow", {
      inputs: { id: z.string() },
      correlate: ["id"],
      define: (g, { id }) => g.await("go", { event: "go", schema: z.number().refine(() => gate.promise.then(() => true)), show: { id } }),
    });
    const kindling = await openKindling({ contracts: [slow] });
    const run = await kindling.start(slow, { id: "1" });
    const delivery = kindling.deliver({ event: "go", correlation: { id: "1" }, payload: 1 });
    await nextTurn();
    await run.cancel();
    gate.resolve();
    expect(await delivery).toMatchObject({ status: "refused", code: "run_ended" });
    expect(await kindling.deliver({ event: "go", correlation: { id: "1" }, payload: 1 })).toMatchObject({
      status: "refused",
      code: "run_ended",
    });
  });
});
