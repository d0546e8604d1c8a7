// Load: requests and tokens per minute, and the turns of root runs.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { manualClock } from "../../src/testing.ts";
import { asking, heldModel, items, laneOf } from "./asking.ts";
import { model } from "./models.ts";
import { nextTurn, openKindling, until } from "./open-host.ts";

const MINUTE = 60_000;

describe("requests per minute", () => {
  it("are exact over the boundary of a minute, and count from when each call began", async () => {
    const clock = manualClock();
    const times: number[] = [];
    const began = clock.now();
    const provider = model(() => {
      times.push(clock.now() - began);
      return "ok";
    });
    const contracts = [asking()];
    const kindling = await openKindling({
      contracts,
      models: [provider],
      clock,
      limits: { models: { scripted: { requestsPerMinute: 3 } } },
    });
    await kindling.start("asking", { items: items("a", 2) });
    await until(() => times.length === 2);
    clock.advance(20_000);
    const run = await kindling.start("asking", { items: items("b", 6) });
    await until(() => times.length === 3);
    await nextTurn(10);
    clock.advance(39_999);
    await nextTurn(10);
    expect(times).toEqual([0, 0, 20_000]);
    clock.advance(1);
    await until(() => times.length === 5);
    await nextTurn(10);
    clock.advance(19_999);
    await nextTurn(10);
    expect(times).toEqual([0, 0, 20_000, MINUTE, MINUTE]);
    clock.advance(1);
    await until(() => times.length === 6);
    clock.advance(MINUTE);
    await run.result();
    expect(times).toEqual([0, 0, 20_000, MINUTE, MINUTE, 80_000, 140_000, 140_000]);
  });

  it("of a model count beside those of its provider", async () => {
    const clock = manualClock();
    const [x, y] = [asking({ name: "x" }), asking({ name: "y", model: "scripted:y" })];
    const provider = model("ok");
    const models = { scripted: { requestsPerMinute: 5 }, "scripted:x": { requestsPerMinute: 2 } };
    const kindling = await openKindling({ contracts: [x, y], models: [provider], clock, limits: { models } });
    await kindling.start("x", { items: items("x", 4) });
    await kindling.start("y", { items: items("y", 4) });
    await until(() => provider.asked.length === 5);
    await nextTurn(10);
    expect(provider.asked.toSorted()).toEqual(["x0", "x1", "y0", "y1", "y2"]);
    expect(await laneOf(kindling, "provider", "scripted")).toMatchObject({ requests: { used: 5, limit: 5 } });
    clock.advance(MINUTE);
    await until(() => provider.asked.length === 8);
  });

  it("are shared by providers with the same key, and the lower number counts", async () => {
    const clock = manualClock();
    const [a, b] = [heldModel("a", "key-1"), heldModel("b", "key-1")];
    const contracts = [asking({ name: "one", model: "a:x" }), asking({ name: "two", model: "b:x" })];
    const models = { a: { requestsPerMinute: 10 }, b: { requestsPerMinute: 3 } };
    const kindling = await openKindling({ contracts, models: [a.provider, b.provider], clock, limits: { models } });
    await kindling.start("one", { items: items("a", 2) });
    await kindling.start("two", { items: items("b", 2) });
    await until(() => a.calls.length + b.calls.length === 3);
    await nextTurn(10);
    expect(a.calls.length + b.calls.length).toBe(3);
    expect(await laneOf(kindling, "provider", "a + b")).toMatchObject({ requests: { used: 3, limit: 3 } });
  });
});

describe("tokens per minute", () => {
  it("are reserved before a call, input and longest output, and corrected by the usage of its reply", async () => {
    const clock = manualClock();
    const { provider, calls } = heldModel();
    const kindling = await openKindling({
      contracts: [asking()],
      models: [provider],
      clock,
      limits: { models: { scripted: { tokensPerMinute: 300 } } },
    });
    // 100 characters are about 25 tokens, and the reply may have 100 more.
    const run = await kindling.start("asking", { items: items("a".repeat(99), 6) });
    await until(() => calls.length === 2);
    await nextTurn(10);
    expect(calls).toHaveLength(2);
    expect(await laneOf(kindling, "provider", "scripted")).toMatchObject({
      tokens: { used: 250, limit: 300 },
      next: { reason: "tokens_per_minute" },
    });
    const usage = { input: 20, output: 10, cacheRead: null, cacheWrite: null, reasoning: null };
    for (const call of calls) call.answer({ content: [{ type: "text", text: "ok" }], usage });
    // 60 of 300 are used: one more fits.
    await until(() => calls.length === 3);
    await nextTurn(10);
    expect(await laneOf(kindling, "provider", "scripted")).toMatchObject({ tokens: { used: 185 } });
    calls[2]?.answer({ content: [{ type: "text", text: "ok" }], usage });
    await until(() => calls.length === 4);
    clock.advance(MINUTE);
    await until(() => calls.length === 6);
    for (const call of calls) call.answer();
    await run.result();
  });

  it("of a request that can never fit are refused, with what to change", async () => {
    const { provider, calls } = heldModel();
    const contracts = [asking()];
    const kindling = await openKindling({ contracts, models: [provider], limits: { models: { "scripted:x": { tokensPerMinute: 100 } } } });
    const run = await kindling.start("asking", { items: ["a long question"] });
    await run.settled();
    expect((await run.facts()).find(({ type }) => type === "node.failed")).toMatchObject({
      error: {
        code: "over_limit",
        message: "the call may take 104 tokens, maxOutputTokens of 100 included, and scripted:x is limited to 100 in a minute",
        retryable: false,
      },
    });
    expect(calls).toEqual([]);
  });
});

describe("root runs", () => {
  it("take turns: three calls of one do not wait for a thousand of another", async () => {
    const { provider, calls, texts } = heldModel();
    const kindling = await openKindling({ contracts: [asking()], models: [provider], limits: { perResource: 2 } });
    await kindling.start("asking", { items: items("many", 1_000) });
    await until(() => calls.length === 2);
    const few = await kindling.start("asking", { items: items("few", 3) });
    await until(async () => (await laneOf(kindling, "attempts", "scripted:x")).runs.length === 2);
    expect((await laneOf(kindling, "attempts", "scripted:x")).runs.map(({ waiting }) => waiting)).toEqual([998, 3]);
    for (let done = 0; (await few.get()).status === "running"; done++) {
      await until(() => calls.length > done);
      calls[done]?.answer();
      await nextTurn(2);
    }
    // In turns, and within a run in the order in which they became ready.
    expect(texts().slice(0, 8)).toEqual(["many0", "many1", "many2", "few0", "many3", "few1", "many4", "few2"]);
  });

  it("take turns for calls that ask no model as well, per resource and in all", async () => {
    const asked: string[] = [];
    let gate = Promise.withResolvers<void>();
    const look = (name: string, resource?: string) =>
      contract(name, {
        inputs: { items: z.array(z.string()) },
        define: (g, { items }) =>
          g.collection("each", {
            over: items,
            as: "item",
            key: (item) => item,
            concurrency: 1_000,
            each: (inner, { item }) =>
              inner.lookup("look", {
                needs: { item },
                ...(resource === undefined ? {} : { resource }),
                run: async ({ item }) => {
                  asked.push(item);
                  await gate.promise;
                  return item;
                },
              }),
          }),
      });
    for (const [limits, resource] of [
      [{ perResource: 1 }, "crm"],
      [{ calls: 1 }, undefined],
    ] as const) {
      asked.length = 0;
      gate = Promise.withResolvers();
      const kindling = await openKindling({ contracts: [look("look", resource)], limits });
      const many = await kindling.start("look", { items: items("many", 50) });
      await until(() => asked.length === 1);
      const few = await kindling.start("look", { items: ["few"] });
      await until(async () => (await kindling.load()).lanes.some(({ runs }) => runs.length === 2));
      gate.resolve();
      await few.result();
      await many.result();
      expect(asked.slice(0, 4)).toEqual(["many0", "many1", "few", "many2"]);
    }
  });
});
