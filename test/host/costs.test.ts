// What runs cost: told by the heads of runs at rest, by the facts of all others, and the same either way.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type CostReport, type Kindling, memoryLedger, ModelError, NO_SPENDING, type PriceTable } from "../../src/index.ts";
import { manualClock } from "../../src/testing.ts";
import { ledgerWith, logOf } from "./ledgers.ts";
import { model } from "./models.ts";
import { openKindling } from "./open-host.ts";

const DAY_MS = 86_400_000;
const prices: PriceTable = {
  asOf: "2026-11-21",
  source: "made up",
  models: { "scripted:a": { input: 1e6, output: 0 }, "scripted:b": { input: 2e6, output: 0 } },
};

/** A reply that used one token of input. */
const one = {
  content: [{ type: "text" as const, text: "x" }],
  usage: { input: 1, output: 1, cacheRead: null, cacheWrite: null, reasoning: null },
};

const post = contract("post", {
  inputs: { text: z.string() },
  define: (g, needs) => g.llm("write", { needs, prompt: ({ text }) => text, model: "scripted:b" }),
});

const press = contract("press", {
  inputs: { topics: z.array(z.string()), wait: z.boolean().default(false), fail: z.boolean().default(false) },
  define(g, { topics, wait, fail }) {
    const draft = g.llm("draft", { needs: { topics }, prompt: ({ topics }) => topics.join(), model: "scripted:a" });
    const posts = g.collection("posts", {
      over: topics,
      as: "topic",
      key: (topic) => topic,
      each: (g, { topic }) => ({ post: g.compose("post", { needs: { text: topic }, child: post }) }),
    });
    const gate = g.branch("gate", {
      needs: { wait },
      on: ({ wait }) => (wait ? "yes" : "no"),
      cases: { yes: (g) => g.await("go", { event: "go", schema: z.string() }), no: (g) => g.const("none", "none") },
    });
    const end = g.compute("end", {
      needs: { draft, posts, fail },
      run: ({ fail }) => {
        if (fail) throw new Error("no");
        return "done";
      },
    });
    return { gate, end };
  },
});

const steady = ({ looked: _looked, ...report }: CostReport) => report;
const rows = ({ rows }: CostReport) => rows.map(({ key, runs, spending }) => [key, runs, spending.calls, spending.knownUsd]);

async function settle(kindling: Kindling, inputs: { readonly topics: string[]; readonly wait?: boolean; readonly fail?: boolean }) {
  const run = await kindling.start(press, inputs);
  await run.settled();
  return run;
}

describe("what runs cost", () => {
  it("is told by contract, model, run and node, the dearest first, from the heads of runs at rest", async () => {
    const kindling = await openKindling({ contracts: [press, post], models: [model(one)], prices });
    const first = await settle(kindling, { topics: ["a", "b"] });
    const second = await settle(kindling, { topics: ["c"], wait: true });
    const third = await settle(kindling, { topics: ["d"], fail: true });
    const report = await kindling.cost();
    expect(rows(report)).toEqual([
      ["post", 3, 4, 8],
      ["press", 3, 3, 3],
    ]);
    expect(report).toMatchObject({
      by: "contract",
      total: { ...NO_SPENDING, calls: 7, inputTokens: 7, outputTokens: 7, knownUsd: 11 },
      runs: { all: 3, asking: 3 },
      lost: { runs: 1, spending: { knownUsd: 3 } },
      discarded: NO_SPENDING,
      unpriced: [],
      doubts: [],
    });
    expect(report.looked.streams, "no facts are read").toBe(0);
    expect(rows(await kindling.cost({ by: "model" }))).toEqual([
      ["scripted:b", 3, 4, 8],
      ["scripted:a", 3, 3, 3],
    ]);
    const byRun = await kindling.cost({ by: "run" });
    expect(rows(byRun)).toEqual([
      [first.id, 1, 3, 5],
      [third.id, 1, 2, 3],
      [second.id, 1, 2, 3],
    ]);
    expect(byRun.rows.map(({ run }) => run?.status)).toEqual(["succeeded", "failed", "waiting"]);
    expect(rows(await kindling.cost({ by: "node" }))).toEqual([
      ["press posts[*]/post/write", 3, 4, 8],
      ["press draft", 3, 3, 3],
    ]);
    expect(rows(await kindling.cost({ run: first.id, by: "contract" }))).toEqual([
      ["post", 1, 2, 4],
      ["press", 1, 1, 1],
    ]);
    expect(rows(await kindling.cost({ contract: "post" })), "no run of it was started").toEqual([]);
  });

  it("is told by day, and since a time", async () => {
    const clock = manualClock(Date.UTC(2026, 10, 20, 23));
    const kindling = await openKindling({ contracts: [press, post], models: [model(one)], prices, clock });
    await settle(kindling, { topics: ["a"] });
    clock.advance(2 * DAY_MS);
    await settle(kindling, { topics: [] });
    expect(rows(await kindling.cost({ by: "day" }))).toEqual([
      ["2026-11-20", 1, 2, 3],
      ["2026-11-22", 1, 1, 1],
    ]);
    expect(rows(await kindling.cost({ since: clock.now() - DAY_MS }))).toEqual([["press", 1, 1, 1]]);
    expect((await kindling.cost({ since: clock.now() + 1 })).runs).toEqual({ all: 0, asking: 0 });
  });

  it("names the models without a price, and prices that are old", async () => {
    const clock = manualClock(Date.UTC(2027, 5, 1));
    const known = { ...prices, models: { "scripted:a": { input: 1e6, output: 0 } } };
    const kindling = await openKindling({ contracts: [press, post], models: [model(one)], prices: known, clock });
    await settle(kindling, { topics: ["a", "b"] });
    const report = await kindling.cost();
    expect(report.total).toMatchObject({ calls: 3, knownUsd: 1, unpricedCalls: 2 });
    expect(report.unpriced).toEqual([{ model: "scripted:b", calls: 2, hasPriceNow: false }]);
    expect(report.doubts).toMatchObject([{ model: "scripted:a", ageDays: 192 }]);
  });

  it("tells what was spent on runs that failed, the reply that made one fail among it", async () => {
    const asks = contract("asks", { inputs: {}, define: (g) => g.llm("ask", { needs: {}, prompt: () => "?", model: "scripted:a" }) });
    const provider = model({ ...one, stop: { reason: "refusal" } });
    const kindling = await openKindling({ contracts: [asks], models: [provider], prices });
    await (await kindling.start(asks, {})).settled();
    const { total, lost } = await kindling.cost();
    expect(total).toMatchObject({ calls: 1, knownUsd: 1 });
    expect(lost).toEqual({ runs: 1, spending: total });
  });

  it("is the same whether heads tell it or, after a crash at any commit, facts do", async () => {
    const place = memoryLedger();
    const clock = manualClock();
    const kindling = await openKindling({ contracts: [press, post], models: [model(one)], prices, ledger: place, clock });
    await settle(kindling, { topics: ["a", "b"], wait: true });
    const whole = steady(await kindling.cost({ by: "model" }));
    await kindling.close();
    const log = await logOf(place);
    for (let commits = 1; commits <= log.entries.length; commits++) {
      const cut = await ledgerWith(log, commits);
      await using reader = await openKindling({ contracts: [press, post], ledger: cut, access: "read", clock });
      const replies = log.entries.slice(0, commits).flatMap(({ facts }) => facts.filter(({ type }) => type === "model.replied"));
      const { total } = await reader.cost();
      expect(total.calls, `cut after ${commits}`).toBe(replies.length);
    }
    // As an edition left it that noted nothing in heads.
    const unnoted = log.entries.map(({ head, ...entry }) => {
      if (head === undefined) return entry;
      const { spent: _spent, ...note } = head.note;
      return { ...entry, head: { ...head, note, keys: head.keys.filter((key) => key !== "spent") } };
    });
    await using reader = await openKindling({
      contracts: [press, post],
      ledger: await ledgerWith({ ...log, entries: unnoted }),
      access: "read",
      clock,
      prices,
    });
    const { looked, ...told } = await reader.cost({ by: "model" });
    expect(told).toEqual(whole);
    expect(looked.streams).toBeGreaterThan(0);
  });

  it("of a run that was compacted stays known as a sum", async () => {
    const clock = manualClock();
    const kindling = await openKindling({ contracts: [press, post], models: [model(one)], prices, clock });
    const run = await settle(kindling, { topics: ["a"] });
    clock.advance(DAY_MS);
    await kindling.compact({ retention: [{ keep: 0 }] });
    const report = await kindling.cost();
    expect(report.compacted).toBe(1);
    expect(rows(report)).toEqual([["press", 1, 2, 3]]);
    expect(rows(await kindling.cost({ by: "node" }))).toEqual([["press (compacted)", 1, 2, 3]]);
    expect(rows(await kindling.cost({ run: run.id, by: "run" }))).toEqual([[run.id, 1, 2, 3]]);
  });

  it("of an unknown run, or by something unknown, is refused", async () => {
    const kindling = await openKindling({
      contracts: [press],
      models: [model(new ModelError("auth", "no", { provider: "x", retryable: false }))],
    });
    await expect(kindling.cost({ run: "run_none" })).rejects.toMatchObject({ code: "run_not_found" });
    // @ts-expect-error There is no such grouping.
    await expect(kindling.cost({ by: "week" })).rejects.toMatchObject({ code: "bad_option", message: 'costs are not summed up by "week"' });
    const aborted = AbortSignal.abort(new Error("enough"));
    await settle(kindling, { topics: [] });
    await expect(kindling.cost({ signal: aborted })).rejects.toThrow("enough");
  });
});
