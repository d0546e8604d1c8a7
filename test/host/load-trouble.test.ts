// Load when a provider is in trouble: pauses it asks for and the breaker; and what becomes of calls that wait.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type WatchEvent } from "../../src/index.ts";
import { manualClock } from "../../src/testing.ts";
import { asking, fault, heldModel, items, laneOf } from "./asking.ts";
import { model } from "./models.ts";
import { nextTurn, openKindling, temporaryLedger, until } from "./open-host.ts";

const MINUTE = 60_000;

describe("a pause that a provider asks for", () => {
  it("holds all calls to the model and none to others, and costs no place meanwhile", async () => {
    const clock = manualClock();
    const { provider, calls, texts } = heldModel();
    const other = model("ok", "other");
    const contracts = [asking({ retry: { attempts: 3 } }), asking({ name: "elsewhere", model: "other:y" })];
    const kindling = await openKindling({ contracts, models: [provider, other], clock, limits: { calls: 2, perResource: 2 } });
    const run = await kindling.start("asking", { items: items("a", 4) });
    const events = watched(run.watch());
    await until(() => calls.length === 2);
    calls[0]?.answer(fault("rate_limited", 30_000));
    await until(async () => (await laneOf(kindling, "model", "scripted:x")).heldUntil !== null);
    calls[1]?.answer();
    await until(async () => (await laneOf(kindling, "model", "scripted:x")).waiting === 2);
    // Two attempts wait, and both places of the whole are free for others.
    expect(await laneOf(kindling, "calls", "calls")).toMatchObject({ inUse: 0 });
    await (await kindling.start("elsewhere", { items: items("b", 5) })).result();
    expect(texts()).toEqual(["a0", "a1"]);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "queued",
        path: "each[a2]/ask",
        lane: "scripted:x",
        reason: "retry_after",
        until: clock.now() + 30_000,
      }),
    );
    clock.advance(29_999);
    await nextTurn(10);
    expect(calls).toHaveLength(2);
    clock.advance(1);
    await until(() => calls.length === 4);
    for (const call of calls) call.answer();
    await until(() => calls.length === 5);
    // The one that was told is tried again as its node says.
    expect(texts()[4]).toBe("a0");
    calls[4]?.answer();
    await run.result();
  });
});

describe("the breaker", () => {
  it("opens after faults in a row, lets one call try it out after a pause, and closes when that is answered", async () => {
    const clock = manualClock();
    const { provider, calls } = heldModel();
    const contracts = [asking({ retry: { attempts: 1 } })];
    const limits = { breaker: { faults: 3, pause: "10s" } } as const;
    const kindling = await openKindling({ contracts, models: [provider], clock, limits });
    const breaker = async () => (await laneOf(kindling, "model", "scripted:x")).breaker;
    const start = (name: string, count: number) => kindling.start("asking", { items: items(name, count) });
    const codes = async (run: Awaited<ReturnType<typeof start>>) => {
      await run.settled();
      return (await run.facts()).flatMap((fact) => (fact.type === "node.failed" && fact.path.endsWith("ask") ? fact.error.code : []));
    };

    const first = await start("a", 3);
    await until(() => calls.length === 3);
    for (const call of calls) call.answer(fault("overloaded"));
    expect(await codes(first)).toEqual(["overloaded", "overloaded", "overloaded"]);
    expect(await breaker()).toEqual({ state: "open", faults: 3, until: clock.now() + 10_000 });

    const refused = await start("b", 5);
    expect(await codes(refused)).toEqual(Array.from({ length: 5 }, () => "circuit_open"));
    const failed = (await refused.facts()).find(({ type }) => type === "node.failed");
    expect(failed).toMatchObject({
      error: {
        message: "scripted:x is not called for 10.0 s: 3 calls in a row failed by faults of the provider",
        retryable: true,
        details: { retryAfterMs: 10_000 },
      },
    });
    expect(calls).toHaveLength(3);

    clock.advance(10_000);
    const tried = await start("c", 3);
    await until(() => calls.length === 4);
    await nextTurn(10);
    expect((await breaker())?.state).toBe("half-open");
    calls[3]?.answer(fault("server"));
    expect((await codes(tried)).toSorted()).toEqual(["circuit_open", "circuit_open", "server"]);
    // It failed again: twice as long.
    expect(await breaker()).toMatchObject({ state: "open", until: clock.now() + 20_000 });

    clock.advance(20_000);
    const again = await start("d", 1);
    await until(() => calls.length === 5);
    calls[4]?.answer();
    expect(await codes(again)).toEqual([]);
    expect(await breaker()).toEqual({ state: "closed", faults: 0, until: null });
    await start("e", 4);
    await until(() => calls.length === 9);
  });

  it("sends away the calls that wait when it opens, and counts no refusals and no answers as faults", async () => {
    const clock = manualClock();
    const { provider, calls } = heldModel();
    const contracts = [asking({ retry: { attempts: 1 } })];
    const models = { scripted: { concurrency: 4, requestsPerMinute: 4 } };
    const kindling = await openKindling({ contracts, models: [provider], clock, limits: { models, breaker: { faults: 2 } } });
    const run = await kindling.start("asking", { items: items("a", 8) });
    await until(() => calls.length === 4);
    calls[0]?.answer(fault("overloaded"));
    await nextTurn(10);
    calls[1]?.answer();
    await nextTurn(10);
    calls[2]?.answer(fault("overloaded"));
    await nextTurn(10);
    expect((await laneOf(kindling, "model", "scripted:x")).breaker).toMatchObject({ state: "closed", faults: 1 });
    calls[3]?.answer(fault("overloaded"));
    await run.settled();
    expect((await run.facts()).filter((fact) => fact.type === "node.failed" && fact.error.code === "circuit_open")).toHaveLength(4);
    expect(clock.pending).toEqual([]);
  });

  it("is tried out by the next call when the one that did was called off", async () => {
    const clock = manualClock();
    const { provider, calls } = heldModel();
    const contracts = [asking({ retry: { attempts: 1 } })];
    const kindling = await openKindling({ contracts, models: [provider], clock, limits: { breaker: { faults: 1, pause: "5s" } } });
    await kindling.start("asking", { items: ["a"] });
    await until(() => calls.length === 1);
    calls[0]?.answer(fault("server"));
    await until(async () => (await laneOf(kindling, "model", "scripted:x")).breaker?.state === "open");
    clock.advance(5_000);
    const probe = await kindling.start("asking", { items: ["b"] });
    await until(() => calls.length === 2);
    await probe.cancel();
    calls[1]?.answer();
    await until(async () => (await laneOf(kindling, "model", "scripted:x")).breaker?.state === "open");
    await kindling.start("asking", { items: ["c"] });
    await until(() => calls.length === 3);
  });
});

describe("a node with another model to ask", () => {
  const chain = contract("chain", {
    inputs: { items: z.array(z.string()) },
    define: (g, { items }) =>
      g.collection("each", {
        over: items,
        as: "item",
        key: (item) => item,
        concurrency: 100,
        each: (inner, { item }) =>
          inner.llm("ask", { needs: { item }, prompt: ({ item }) => item, models: ["first:x", "second:x"], maxOutputTokens: 100 }),
      }),
  });

  it("waits for no pause that the first one's provider asked for, also when it waits in line already", async () => {
    const clock = manualClock();
    const { provider, calls } = heldModel("first");
    const second = model("from the second", "second");
    const models = { first: { concurrency: 4, requestsPerMinute: 2 } };
    const kindling = await openKindling({ contracts: [chain], models: [provider, second], clock, limits: { models } });
    const run = await kindling.start("chain", { items: items("a", 6) });
    await until(async () => (await laneOf(kindling, "provider", "first")).waiting === 2);
    calls[0]?.answer(fault("rate_limited", 30_000));
    await until(() => second.asked.length === 5);
    calls[1]?.answer("from the first");
    await run.result();
    expect(calls.map(({ text }) => text)).toEqual(["a0", "a1"]);
    expect(second.asked.toSorted()).toEqual(["a0", "a2", "a3", "a4", "a5"]);
    expect(clock.pending).toEqual([]);
  });

  it("asks it at once while the breaker of the first is open, and nothing is on record of a call that was not made", async () => {
    const clock = manualClock();
    const { provider, calls } = heldModel("first");
    const second = model("from the second", "second");
    const kindling = await openKindling({ contracts: [chain], models: [provider, second], clock, limits: { breaker: { faults: 1 } } });
    const first = await kindling.start("chain", { items: ["a"] });
    await until(() => calls.length === 1);
    calls[0]?.answer(fault("overloaded"));
    await first.result();
    const run = await kindling.start("chain", { items: ["b"] });
    await run.result();
    expect(calls).toHaveLength(1);
    const facts = (await run.facts()).filter(({ path }) => path === "each[b]/ask");
    expect(facts.flatMap((fact) => (fact.type === "model.requested" ? [fact.model] : []))).toEqual(["second:x"]);
    expect(facts.flatMap((fact) => (fact.type === "model.failed" ? [fact.error.code] : []))).toEqual(["circuit_open"]);
  });
});

describe("a call that waits", () => {
  it("leaves the line at once when its run is cancelled, and its turn is somebody else's", async () => {
    const { provider, calls, texts } = heldModel();
    const kindling = await openKindling({ contracts: [asking()], models: [provider], limits: { perResource: 1 } });
    await kindling.start("asking", { items: ["first"] });
    await until(() => calls.length === 1);
    const cancelled = await kindling.start("asking", { items: items("no", 500) });
    await kindling.start("asking", { items: ["last"] });
    await until(async () => (await laneOf(kindling, "attempts", "scripted:x")).waiting === 501);
    await cancelled.cancel();
    expect(await laneOf(kindling, "attempts", "scripted:x")).toMatchObject({ waiting: 1, next: { path: "each[last]/ask" } });
    calls[0]?.answer();
    await until(() => calls.length === 2);
    expect(texts()).toEqual(["first", "last"]);
  });

  it("is never made once the runtime is closed, and keeps no timer", async () => {
    const clock = manualClock();
    const { provider, calls } = heldModel();
    const limits = { models: { scripted: { requestsPerMinute: 1 } } };
    const kindling = await openKindling({ contracts: [asking()], models: [provider], clock, limits });
    await kindling.start("asking", { items: items("a", 40) });
    await until(() => calls.length === 1);
    await until(async () => (await laneOf(kindling, "provider", "scripted")).waiting > 0);
    expect(clock.pending).toEqual([clock.now() + MINUTE]);
    await kindling.close();
    expect(clock.pending).toEqual([]);
    clock.advance(10 * MINUTE);
    await nextTurn(20);
    expect(calls).toHaveLength(1);
  });

  it("costs its node nothing of its timeout", async () => {
    const clock = manualClock();
    const { provider, calls } = heldModel();
    const limits = { models: { scripted: { requestsPerMinute: 1 } } };
    const kindling = await openKindling({ contracts: [asking({ timeout: "30s" })], models: [provider], clock, limits });
    const run = await kindling.start("asking", { items: items("a", 2) });
    await until(() => calls.length === 1);
    calls[0]?.answer();
    await until(async () => {
      const { inUse, waiting } = await laneOf(kindling, "provider", "scripted");
      return inUse === 0 && waiting === 1;
    });
    clock.advance(MINUTE);
    await until(() => calls.length === 2);
    clock.advance(29_000);
    calls[1]?.answer();
    await run.result();
    expect((await run.facts()).filter(({ type }) => type === "node.failed")).toEqual([]);
  });

  it("before its next try has no place: others have it", async () => {
    const clock = manualClock();
    const { provider, calls } = heldModel();
    const kindling = await openKindling({ contracts: [asking()], models: [provider], clock, limits: { calls: 1 } });
    await kindling.start("asking", { items: ["a"] });
    await until(() => calls.length === 1);
    calls[0]?.answer(fault("server"));
    await kindling.start("asking", { items: ["b"] });
    await until(() => calls.length === 2);
    expect(calls[1]?.text).toBe("b");
  });
});

describe("asking for the load", () => {
  it("through another process's door gives that of the one that writes", async () => {
    const { provider, calls } = heldModel();
    const place = await temporaryLedger();
    const options = { contracts: [asking()], models: [provider], ledger: place, limits: { perResource: 2 } };
    const writer = await openKindling(options);
    const other = await openKindling({ ...options, access: "read" });
    await writer.start("asking", { items: items("a", 5) });
    await until(() => calls.length === 2);
    expect(await laneOf(other, "attempts", "scripted:x")).toMatchObject({
      inUse: 2,
      limit: 2,
      waiting: 3,
      next: { reason: "concurrency" },
    });
    await writer.close();
    expect((await other.load()).lanes).toEqual([]);
  });
});

function watched(events: AsyncIterable<WatchEvent>): readonly WatchEvent[] {
  const seen: WatchEvent[] = [];
  void (async () => {
    for await (const event of events) seen.push(event);
  })();
  return seen;
}
