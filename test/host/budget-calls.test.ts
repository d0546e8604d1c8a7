// One call under a budget: what it counts with, however it ends.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, ModelError, type ModelProvider, type PriceTable } from "../../src/index.ts";
import { failures, LONGEST, many, prices, said, slow, talk } from "./budgeted.ts";
import { type AskedModel, model } from "./models.ts";
import { openKindling } from "./open-host.ts";

describe("a call under a budget", () => {
  const failing = (error: ModelError) => model(error);
  const after = async (provider: AskedModel) => {
    const plain = talk(undefined);
    const kindling = await openKindling({ contracts: [plain], models: [provider], prices });
    const run = await kindling.start(plain, { text: "a" }, { budget: { usd: 5 } });
    return (await run.settled()).budgets?.[0];
  };
  const error = (code: ModelError["code"], status?: number) =>
    new ModelError(code, "no", { provider: "scripted", retryable: false, ...(status === undefined ? {} : { status }) });

  it.each([
    ["that the API refuses", error("rate_limited", 429)],
    ["that the API answers with a fault", error("server", 500)],
    ["that is not authorised", error("auth")],
  ])("%s costs nothing", async (_what, thrown) => {
    expect(await after(failing(thrown))).toMatchObject({ spent: { usd: 0, turns: 0 }, reserved: { usd: 0 } });
  });

  it.each([
    ["that is cut off", error("stream_cut")],
    ["that times out", error("timeout")],
  ])("%s counts as what it may have cost, and is told as uncertain", async (_what, thrown) => {
    expect(await after(failing(thrown))).toMatchObject({ spent: { usd: 1, turns: 1 }, uncertain: { usd: 1 }, reserved: { usd: 0 } });
  });

  it("of which nobody tells the tokens counts as what it may have cost", async () => {
    expect(await after(model(said(null)))).toMatchObject({ spent: { usd: 1 }, uncertain: { usd: 1 } });
  });

  it("that costs what its provider says counts with that", async () => {
    expect(await after(model({ ...said(1), costUsd: 0.75 }))).toMatchObject({ spent: { usd: 0.75 }, uncertain: { usd: 0 } });
  });

  it("is refused where it has no price and dollars are capped, unless the budget allows it", async () => {
    const provider = model({ ...said(LONGEST), costUsd: 0.25 });
    const plain = talk(undefined);
    const kindling = await openKindling({ contracts: [plain], models: [provider] });
    const refused = await (await kindling.start(plain, { text: "a" }, { budget: { usd: 5 } })).settled();
    expect(refused.error).toMatchObject({ code: "unpriced", fix: expect.stringContaining('unpriced: "allow"') as unknown });
    expect(provider.requests).toHaveLength(0);
    const allowed = await kindling.start(plain, { text: "a" }, { budget: { usd: 5, unpriced: "allow" } });
    await allowed.result();
    expect((await allowed.get()).budgets?.[0]?.spent).toMatchObject({ usd: 0.25, turns: 1 });
  });

  it("is counted by its provider where the careful estimate leaves no room", async () => {
    const byInput: PriceTable = { ...prices, models: { "scripted:m": { input: 10_000, output: 0 } } };
    const plain = talk(undefined);
    const plainModel = model(said(1));
    const guessing = { ...plainModel, capabilities: () => ({ ...plainModel.capabilities("m"), countsTokens: "no" as const }) };
    const counting = { ...model(said(1)), countTokens: () => Promise.resolve(10) };
    for (const [provider, status] of [
      [counting, "succeeded"],
      [guessing, "failed"],
    ] as const) {
      const kindling = await openKindling({ contracts: [plain], models: [provider], prices: byInput });
      const run = await kindling.start(plain, { text: "a" }, { budget: { usd: 0.2 } });
      expect((await run.settled()).status).toBe(status);
    }
  });

  it("takes room that becomes free while its provider counts, and does not wait for what has passed", async () => {
    const provider = { ...slow(LONGEST / 2), countTokens: () => new Promise<number>((done) => setTimeout(done, 20, 1_000)) };
    const kindling = await openKindling({ contracts: [many], models: [provider], prices });
    const run = await kindling.start(many, { items: ["a", "b"] }, { budget: { usd: 1.6 } });
    await run.settled();
    expect(provider.requests).toHaveLength(2);
  });

  it("that times out and whose provider never comes back holds up nobody", async () => {
    const stuck = contract("stuck", {
      inputs: { items: z.array(z.string()) },
      define: (g, { items }) =>
        g.collection("all", {
          over: items,
          as: "item",
          key: String,
          each: (g, { item }) =>
            g.llm("ask", {
              needs: { item },
              prompt: ({ item }) => item,
              model: "scripted:m",
              maxOutputTokens: LONGEST,
              timeout: 30,
              retry: { attempts: 1 },
            }),
        }),
    });
    const never: ModelProvider = {
      ...model(said(1)),
      stream: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
    };
    const kindling = await openKindling({ contracts: [stuck], models: [never], prices });
    const run = await kindling.start(stuck, { items: ["a", "b"] }, { budget: { usd: 1.2 } });
    const view = await run.settled();
    expect(new Set(failures(view))).toEqual(new Set(["attempt_timed_out", "budget_exhausted"]));
    expect(view.budgets).toMatchObject([{ spent: { usd: 1 }, uncertain: { usd: 1 }, reserved: { usd: 0 } }]);
  });

  it("without a budget above it reserves nothing", async () => {
    const plain = talk(undefined);
    const kindling = await openKindling({ contracts: [plain], models: [slow()], prices });
    const run = await kindling.start(plain, { text: "a" });
    await run.result();
    expect((await run.facts()).filter(({ type }) => type.startsWith("budget."))).toEqual([]);
    expect((await run.get()).budgets).toBeUndefined();
  });
});
