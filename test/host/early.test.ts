// Events that come before their await has opened: kept in the root run, taken once by the await they are for.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type DeliverRequest } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { factsOf, heldLedger, ledgerWith, logOf } from "./ledgers.ts";
import { containing, nextTurn, openKindling } from "./open-host.ts";

const Amount = z.object({ amount: z.number(), note: z.string().default("none") });

const twoSteps = contract("two-steps", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define(g, { id }) {
    const begin = g.await("begin", { event: "begin", schema: z.boolean(), show: { id } });
    const paid = g.await("paid", { event: "paid", schema: Amount, show: { begin } });
    return { paid };
  },
});

const inChild = contract("in-child", {
  inputs: { id: z.string(), langs: z.array(z.string()) },
  correlate: ["id"],
  define(g, { id, langs }) {
    const begin = g.await("begin", { event: "begin", schema: z.boolean(), show: { id } });
    return g.collection("posts", {
      over: langs,
      as: "lang",
      key: (lang) => lang,
      with: { begin },
      each(inner, { lang }) {
        const first = inner.await("first", { event: "first", schema: z.number(), show: { lang } });
        return inner.await("second", { event: "second", schema: z.number(), show: { first } });
      },
    });
  },
});

const sameEvent = contract("same-event", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define(g, { id }) {
    const begin = g.await("begin", { event: "begin", schema: z.boolean(), show: { id } });
    const text = g.await("text", { event: "said", schema: z.string(), show: { begin } });
    const number = g.await("number", { event: "said", schema: z.number(), show: { begin } });
    return { text, number };
  },
});

const begin: DeliverRequest = { event: "begin", correlation: { id: "1" }, payload: true };
const paid = (more: Partial<DeliverRequest> = {}): DeliverRequest => ({
  event: "paid",
  correlation: { id: "1" },
  payload: { amount: 7 },
  ...more,
});

describe("an early event", () => {
  it("is kept and taken when its await opens, checked like any other", async () => {
    const kindling = await openKindling({ contracts: [twoSteps] });
    const run = await kindling.start(twoSteps, { id: "1" });
    expect(await kindling.deliver(paid({ payload: { amount: 7, extra: 1 } }))).toMatchObject({ status: "buffered", run: run.id });
    await kindling.deliver(begin);
    expect(await run.result()).toEqual({ paid: { amount: 7, note: "none" } });
  });

  it("that does not fit is refused at once", async () => {
    const kindling = await openKindling({ contracts: [twoSteps] });
    await kindling.start(twoSteps, { id: "1" });
    expect(await kindling.deliver(paid({ payload: { amount: "7" } }))).toMatchObject({
      status: "refused",
      code: "invalid_payload",
      issues: [{ at: "amount" }],
    });
  });

  it("is a duplicate when it comes again, before and after it was taken, with an id or without", async () => {
    for (const deliveryId of [undefined, "d1"]) {
      const kindling = await openKindling({ contracts: [twoSteps] });
      const run = await kindling.start(twoSteps, { id: "1" });
      const request = paid(deliveryId === undefined ? {} : { deliveryId });
      expect(await kindling.deliver(request)).toMatchObject({ status: "buffered" });
      expect(await kindling.deliver(request)).toMatchObject({ status: "duplicate" });
      await kindling.deliver(begin);
      await run.result();
      expect(await kindling.deliver(request)).toMatchObject({ status: "duplicate" });
    }
  });

  it("with the id of another payload is a conflict, before and after it was taken", async () => {
    const kindling = await openKindling({ contracts: [twoSteps] });
    const run = await kindling.start(twoSteps, { id: "1" });
    await kindling.deliver(paid({ deliveryId: "d1" }));
    expect(await kindling.deliver(paid({ deliveryId: "d1", payload: { amount: 8 } }))).toMatchObject({ code: "delivery_conflict" });
    await kindling.deliver(begin);
    await run.result();
    expect(await kindling.deliver(paid({ deliveryId: "d1", payload: { amount: 8 } }))).toMatchObject({ code: "delivery_conflict" });
  });

  it("is taken by the await whose schema it fits, when several wait for the same event", async () => {
    const kindling = await openKindling({ contracts: [sameEvent] });
    const run = await kindling.start(sameEvent, { id: "1" });
    await kindling.deliver({ event: "said", correlation: { id: "1" }, payload: 42 });
    await kindling.deliver({ event: "said", correlation: { id: "1" }, payload: "hello" });
    await kindling.deliver(begin);
    expect(await run.result()).toEqual({ text: "hello", number: 42 });
  });

  it("for a path is taken by the await at that path only", async () => {
    const twice = contract("twice", {
      inputs: { id: z.string() },
      correlate: ["id"],
      define(g, { id }) {
        const begin = g.await("begin", { event: "begin", schema: z.boolean(), show: { id } });
        return {
          a: g.await("a", { event: "said", schema: z.string(), show: { begin } }),
          b: g.await("b", { event: "said", schema: z.string(), show: { begin } }),
        };
      },
    });
    const kindling = await openKindling({ contracts: [twice] });
    const run = await kindling.start(twice, { id: "1" });
    await kindling.deliver({ event: "said", run: run.id, path: "b", payload: "for b" });
    await kindling.deliver(begin);
    expect((await run.settled()).awaits.map(({ path }) => path)).toEqual(["a"]);
  });

  it("finds the item it is for by the item's key", async () => {
    const kindling = await openKindling({ contracts: [inChild] });
    const run = await kindling.start(inChild, { id: "1", langs: ["en", "de"] });
    await kindling.deliver({ event: "first", correlation: { id: "1", lang: "de" }, payload: 1 });
    await kindling.deliver(begin);
    expect((await run.settled()).awaits.map(({ path }) => path).sort()).toEqual(["posts[de]/second", "posts[en]/first"]);
  });

  it("is taken by a child whose root has left memory", async () => {
    const kindling = await openKindling({ contracts: [inChild] });
    const run = await kindling.start(inChild, { id: "1", langs: ["en"] });
    await kindling.deliver(begin);
    await run.settled();
    await kindling.deliver({ event: "second", correlation: { id: "1", lang: "en" }, payload: 2 });
    await nextTurn(3);
    await kindling.deliver({ event: "first", correlation: { id: "1", lang: "en" }, payload: 1 });
    expect(await run.result()).toMatchObject({ items: [{ key: "en", value: 2 }] });
  });

  it("is never taken twice, wherever the process dies after the child took it", async () => {
    const place = memoryLedger();
    const first = await openKindling({ contracts: [inChild], ledger: place });
    const run = await first.start(inChild, { id: "1", langs: ["en", "de"] });
    await first.deliver({ event: "first", correlation: { id: "1" }, payload: 1, deliveryId: "d1" });
    await first.deliver(begin);
    await run.settled();
    await first.close();
    const log = await logOf(place);
    for (let commits = 2; commits <= log.entries.length; commits++) {
      const cut = await ledgerWith(log, commits);
      const kindling = await openKindling({ contracts: [inChild], ledger: cut });
      const again = await kindling.run(run.id);
      if ((await again.settled()).awaits.some(({ event }) => event === "begin")) await kindling.deliver(begin);
      await again.settled();
      const taken = (await factsOf(cut)).filter((fact) => fact.type === "event.delivered" && fact.deliveryId === "d1");
      const wasKept = log.entries.slice(0, commits).some(({ facts }) => facts.some(({ type }) => type === "event.buffered"));
      expect(taken, `cut after ${commits}`).toHaveLength(wasKept ? 1 : 0);
      await kindling.close();
    }
  });

  it("under one id is taken by each of two runs it was sent to", async () => {
    const kindling = await openKindling({ contracts: [inChild] });
    for (const id of ["1", "2"]) {
      const run = await kindling.start(inChild, { id, langs: ["en"] });
      await kindling.deliver({ event: "first", correlation: { id }, payload: 1, deliveryId: "d1" });
      await kindling.deliver({ ...begin, correlation: { id } });
      expect(
        (await run.settled()).awaits.map(({ path }) => path),
        `run ${id}`,
      ).toEqual(["posts[en]/second"]);
    }
  });

  it("for a run is kept although an ended run with the same keys was answered the same way", async () => {
    const kindling = await openKindling({ contracts: [twoSteps] });
    const before = await kindling.start(twoSteps, { id: "1" });
    await kindling.deliver(begin);
    await kindling.deliver(paid());
    await before.result();
    const run = await kindling.start(twoSteps, { id: "1" });
    expect(await kindling.deliver(paid())).toMatchObject({ status: "buffered", run: run.id });
    await kindling.deliver(begin);
    expect(await run.result()).toMatchObject({ paid: { amount: 7 } });
  });

  it("that comes while its await is open and not yet durable answers it", async () => {
    const open = contract("open", {
      inputs: { id: z.string() },
      correlate: ["id"],
      define(g, { id }) {
        const slow = g.compute("slow", { needs: { id }, run: async ({ id }) => id });
        return g.compose("part", {
          needs: { slow },
          child: (inner, { slow }) => inner.await("go", { event: "go", schema: z.number(), show: { slow } }),
        });
      },
    });
    const held = heldLedger();
    const kindling = await openKindling({ contracts: [open], ledger: held });
    const run = await kindling.start(open, { id: "1" });
    held.hold();
    const other = kindling.start(open, { id: "2" }).catch(() => undefined);
    await nextTurn(3);
    held.release();
    await other;
    for (const id of ["1", "2"])
      expect(await kindling.deliver({ event: "go", correlation: { id }, payload: 1 })).toMatchObject({ status: containing("ed") });
    expect(await run.result({ signal: AbortSignal.timeout(20_000) })).toBe(1);
  });

  it("beyond a hundred kept ones is refused", async () => {
    const kindling = await openKindling({ contracts: [twoSteps] });
    await kindling.start(twoSteps, { id: "1" });
    for (let index = 0; index < 100; index++) await kindling.deliver(paid({ deliveryId: `d${index}` }));
    expect(await kindling.deliver(paid({ deliveryId: "one too many" }))).toMatchObject({ code: "too_many_early_events" });
  });

  it("for a gate is refused when the sender may not decide it", async () => {
    const gated = contract("gated", {
      inputs: { id: z.string() },
      correlate: ["id"],
      define(g, { id }) {
        const begin = g.await("begin", { event: "begin", schema: z.boolean(), show: { id } });
        return g.await("gate", { event: "decided", schema: z.boolean(), show: { begin }, by: "human", roles: ["editor"], timeout: "1d" });
      },
    });
    const kindling = await openKindling({ contracts: [gated] });
    await kindling.start(gated, { id: "1" });
    const decided: DeliverRequest = { event: "decided", correlation: { id: "1" }, payload: true };
    expect(await kindling.deliver(decided)).toMatchObject({ code: "human_decision_required" });
    expect(await kindling.deliver({ ...decided, actor: { id: "eve", assurance: "outOfBand" } })).toMatchObject({ code: "role_required" });
  });
});

describe("an event for every match", () => {
  it("is kept in each run that has not come to its await yet", async () => {
    const kindling = await openKindling({ contracts: [twoSteps] });
    const runs = [await kindling.start(twoSteps, { id: "1" }), await kindling.start(twoSteps, { id: "1" })];
    expect(await kindling.deliver(paid())).toMatchObject({ code: "ambiguous_correlation" });
    expect(await kindling.deliver(paid({ to: "all" }))).toMatchObject({ status: "buffered", others: [{ status: "buffered" }] });
    await kindling.deliver({ ...begin, to: "all" });
    for (const run of runs) expect(await run.result()).toMatchObject({ paid: { amount: 7 } });
  });
});
