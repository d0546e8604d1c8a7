// A delivery counts once, and an acknowledged one is durable.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type DeliverRequest } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { factsOf, heldLedger } from "./ledgers.ts";
import { nextTurn, openKindling, temporaryLedger, until } from "./open-host.ts";
import { inTurn, items, review, started, yes } from "./reviews.ts";

describe("a delivery counts once:", () => {
  it("the same one again is a duplicate, with an id of its own or without", async () => {
    for (const deliveryId of [undefined, "d1"]) {
      const kindling = await started();
      const request = yes(deliveryId === undefined ? {} : { deliveryId });
      const first = await kindling.deliver(request);
      expect(first).toMatchObject({ status: "delivered" });
      expect(await kindling.deliver(request)).toEqual({ ...first, status: "duplicate" });
    }
  });

  it("the same id with another payload is a conflict", async () => {
    const kindling = await started();
    await kindling.deliver(yes({ deliveryId: "d1" }));
    expect(await kindling.deliver(yes({ deliveryId: "d1", payload: { ok: false } }))).toMatchObject({
      status: "refused",
      code: "delivery_conflict",
    });
  });

  it("another one for a decided await is told so", async () => {
    const kindling = await started();
    await kindling.deliver(yes({ deliveryId: "d1" }));
    expect(await kindling.deliver(yes({ deliveryId: "d2" }))).toMatchObject({ status: "refused", code: "already_decided" });
    expect(await kindling.deliver(yes({ payload: { ok: false } }))).toMatchObject({ status: "refused", code: "already_decided" });
  });

  it("another one for an item that is decided is told so, while other items still wait", async () => {
    const kindling = await started();
    const run = await kindling.start(items, { requestId: "i", langs: ["en", "de"] });
    for (const request of [{ correlation: { requestId: "i", lang: "de" } }, { run: run.id, path: "posts[de]/check" }]) {
      await kindling.deliver({ event: "post.checked", ...request, payload: "ok" });
      await run.settled();
      expect(await kindling.deliver({ event: "post.checked", ...request, payload: "other" })).toMatchObject({
        status: "refused",
        code: "already_decided",
      });
    }
  });

  it("an id that one await has taken is not given to the next one that waits for the same event (G5)", async () => {
    const kindling = await started();
    const run = await kindling.start(inTurn, { requestId: "t", langs: [] });
    const go: DeliverRequest = { event: "go", correlation: { requestId: "t" }, payload: 1, deliveryId: "d1" };
    expect(await kindling.deliver(go)).toMatchObject({ status: "delivered", path: "first/go" });
    await run.settled();
    expect(await kindling.deliver(go)).toMatchObject({ status: "duplicate", path: "first/go" });
    expect(await kindling.deliver({ ...go, payload: 2 })).toMatchObject({ status: "refused", code: "delivery_conflict" });
    expect((await run.settled()).awaits.map(({ path }) => path)).toEqual(["second/go"]);
  });

  it("64 deliverers with one id make one delivery, and all are told the same id", async () => {
    const place = await temporaryLedger();
    const kindling = await openKindling({ contracts: [review], ledger: place });
    await kindling.start(review, { requestId: "a" });
    const deliveries = await Promise.all(Array.from({ length: 64 }, () => kindling.deliver(yes({ deliveryId: "d1" }))));
    expect(deliveries.filter(({ status }) => status === "delivered")).toHaveLength(1);
    expect(deliveries.filter(({ status }) => status === "duplicate")).toHaveLength(63);
    expect((await factsOf(place)).filter(({ type }) => type === "event.delivered")).toHaveLength(1);
  });

  it("64 deliverers with different ids and payloads make one delivery, the others are told that it is decided", async () => {
    const kindling = await started();
    const deliveries = await Promise.all(
      Array.from({ length: 64 }, (_, index) => kindling.deliver(yes({ deliveryId: `d${index}`, payload: { ok: index % 2 === 0 } }))),
    );
    expect(deliveries.filter(({ status }) => status === "delivered")).toHaveLength(1);
    expect(deliveries.filter((each) => each.status === "refused" && each.code === "already_decided")).toHaveLength(63);
  });

  it("to two awaits of one run at the same time, with a slow check between, both are taken", async () => {
    const gates: PromiseWithResolvers<void>[] = [];
    const slow = z.number().refine(() => {
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      return gate.promise.then(() => true);
    });
    const three = contract("three", {
      inputs: { id: z.string() },
      correlate: ["id"],
      define: (g, { id }) => ({
        a: g.await("a", { event: "a", schema: slow, show: { id } }),
        b: g.await("b", { event: "b", schema: z.number(), show: { id } }),
        c: g.await("c", { event: "c", schema: z.number(), show: { id } }),
      }),
    });
    const kindling = await openKindling({ contracts: [three] });
    const run = await kindling.start(three, { id: "1" });
    const first = kindling.deliver({ event: "a", correlation: { id: "1" }, payload: 1 });
    await until(() => gates.length >= 1);
    await kindling.deliver({ event: "b", correlation: { id: "1" }, payload: 2 });
    await nextTurn(3);
    await kindling.deliver({ event: "c", correlation: { id: "1" }, payload: 3 });
    await nextTurn(3);
    for (const gate of gates) gate.resolve();
    expect(await first).toMatchObject({ status: "delivered" });
    expect(await run.result()).toEqual({ a: 1, b: 2, c: 3 });
  });
});

describe("an acknowledged delivery is durable (R3):", () => {
  it("it is not acknowledged before its commit is", async () => {
    const held = heldLedger();
    const kindling = await openKindling({ contracts: [review], ledger: held });
    await kindling.start(review, { requestId: "a" });
    held.hold();
    let acknowledged = false;
    const delivery = kindling.deliver(yes()).then(() => (acknowledged = true));
    await nextTurn(5);
    expect(acknowledged).toBe(false);
    held.release();
    await delivery;
    expect((await factsOf(held)).some(({ type }) => type === "event.delivered")).toBe(true);
  });

  it("one that the closing of the runtime overtakes is not acknowledged", async () => {
    const gate = Promise.withResolvers<void>();
    const slow = contract("slow", {
      inputs: { id: z.string() },
      correlate: ["id"],
      define: (g, { id }) => g.await("go", { event: "go", schema: z.number().refine(() => gate.promise.then(() => true)), show: { id } }),
    });
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [slow], ledger: place });
    await kindling.start(slow, { id: "1" });
    const delivery = kindling.deliver({ event: "go", correlation: { id: "1" }, payload: 1 });
    await nextTurn();
    await kindling.close();
    gate.resolve();
    await expect(delivery).rejects.toMatchObject({ code: "host_closed" });
    expect((await factsOf(place)).filter(({ type }) => type === "event.delivered")).toEqual([]);
  });
});
