// Budgets: what a call may cost at most is reserved before it is made, so however many want to call at once, no more is spent than may be.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Budget, contract, memoryLedger } from "../../src/index.ts";
import { ended, failures, hundred, LONGEST, many, prices, said, slow, talk } from "./budgeted.ts";
import { ledgerWith, logOf } from "./ledgers.ts";
import { model } from "./models.ts";
import { openBareHost, openKindling, temporaryLedger } from "./open-host.ts";

describe("a hundred calls at once under a cap for ten", () => {
  it("are ten where each costs what it may cost", async () => {
    const provider = slow();
    const kindling = await openKindling({ contracts: [many], models: [provider], prices });
    const view = await ended(kindling, { usd: 10 });
    expect(provider.requests).toHaveLength(10);
    expect(failures(view)).toEqual(Array.from({ length: 90 }, () => "budget_exhausted"));
    expect(view.budgets).toMatchObject([{ path: "", spent: { usd: 10, turns: 10 }, reserved: { usd: 0 }, left: { usd: 0 } }]);
  });

  it("wait for those in flight where these may cost less, and never are more than the cap allows at once", async () => {
    const provider = slow(LONGEST / 2);
    const kindling = await openKindling({ contracts: [many], models: [provider], prices });
    const view = await ended(kindling, { usd: 10 });
    // Nineteen cost $9.50, and one more may cost a dollar.
    expect(provider.requests).toHaveLength(19);
    expect(provider.most()).toBeLessThanOrEqual(10);
    expect(view.spending.knownUsd).toBeCloseTo(9.5, 9);
    expect(view.budgets?.[0]?.left.usd).toBeCloseTo(0.5, 9);
  });

  it("are as many as the requests or the tokens that may be used", async () => {
    for (const [budget, calls] of [
      [{ turns: 7 }, 7],
      [{ tokens: 0 }, 0],
      [{ tokens: 550 }, 4],
    ] as const) {
      const provider = slow();
      const kindling = await openKindling({ contracts: [many], models: [provider] });
      await ended(kindling, budget);
      expect(provider.requests, JSON.stringify(budget)).toHaveLength(calls);
    }
  });

  it("stay within it after a crash at any commit, counting every call that may have been made", async () => {
    const place = memoryLedger();
    const small = { items: hundred.items.slice(0, 8) };
    const first = await openKindling({ contracts: [many], models: [slow(LONGEST / 2)], ledger: place, prices });
    const run = await first.start(many, small, { budget: { usd: 3 } });
    await run.settled();
    await first.close();
    const log = await logOf(place);
    for (let commits = 1; commits <= log.entries.length; commits++) {
      const facts = log.entries.slice(0, commits).flatMap(({ facts }) => facts);
      const cutOff =
        facts.filter(({ type }) => type === "model.requested").length - facts.filter(({ type }) => type === "model.replied").length;
      const provider = slow(LONGEST / 2);
      const kindling = await openKindling({ contracts: [many], models: [provider], ledger: await ledgerWith(log, commits), prices });
      const view = await (await kindling.run(run.id)).settled();
      // Whoever was cut off may have cost a dollar; all others cost half of one.
      expect(view.spending.knownUsd + cutOff, `cut after ${commits}`).toBeLessThanOrEqual(3 + 1e-9);
      const [budget] = view.budgets ?? [];
      expect((budget?.spent.usd ?? 0) + (budget?.reserved.usd ?? 0), `cut after ${commits}`).toBeLessThanOrEqual(3 + 1e-9);
      expect(budget?.spent.usd ?? 0, `cut after ${commits}`).toBeGreaterThanOrEqual(view.spending.knownUsd - 1e-9);
      await kindling.close();
    }
  });
});

describe("a child that was brought back by itself", () => {
  const later = contract("later", {
    inputs: { text: z.string() },
    define: (g, { text }) =>
      g.compose("part", {
        needs: { text },
        child: (g, { text }) => {
          const go = g.await("go", { event: "go", schema: z.string() });
          return g.llm("ask", {
            needs: { go, text },
            prompt: ({ text }) => text,
            model: "scripted:m",
            maxOutputTokens: LONGEST,
            retry: { attempts: 1 },
          });
        },
      }),
  });

  it("reserves with the run around it before it calls, also when it is cut off right then", async () => {
    const place = memoryLedger();
    const first = await openKindling({ contracts: [later], models: [slow()], ledger: place, prices });
    const { id } = await first.start(later, { text: "a" }, { budget: { usd: 1 } });
    await (await first.run(id)).settled();
    await first.close();
    const second = await openKindling({ contracts: [later], models: [slow()], ledger: place, prices });
    await second.deliver({ event: "go", run: id, payload: "now" });
    await (await second.run(id)).result();
    await second.close();
    const log = await logOf(place);
    for (let commits = 1; commits <= log.entries.length; commits++) {
      const facts = log.entries.slice(0, commits).flatMap(({ facts }) => facts);
      const [requested, replied] = ["model.requested", "model.replied"].map((kind) => facts.filter(({ type }) => type === kind).length);
      const provider = slow();
      const kindling = await openKindling({ contracts: [later], models: [provider], ledger: await ledgerWith(log, commits), prices });
      if (!facts.some(({ type }) => type === "await.opened")) await expect.poll(async () => (await kindling.inbox()).length).toBe(1);
      if (!facts.some(({ type }) => type === "event.delivered")) await kindling.deliver({ event: "go", run: id, payload: "now" });
      const { status } = await (await kindling.run(id)).settled();
      expect(provider.requests.length + (requested ?? 0), `cut after ${commits}`).toBe(1);
      expect(status, `cut after ${commits}`).toBe(requested === replied ? "succeeded" : "failed");
      await kindling.close();
    }
  });
});

describe("a budget that is used up", () => {
  it("says which one it is, how it stands, what the call may need and how to go on; raised, the run goes on", async () => {
    const plain = talk(undefined);
    const provider = slow();
    const kindling = await openKindling({ contracts: [plain], models: [provider], prices });
    const run = await kindling.start(plain, { text: "a" }, { budget: { usd: 0.4 } });
    const failed = await run.settled();
    expect(provider.requests).toHaveLength(0);
    expect(failed.error).toMatchObject({
      code: "budget_exhausted",
      message: `ask: the budget of run ${run.id} leaves no room: $0.00 of $0.40 spent, and this call may need $1.00`,
      fix: `Raise it and go on: kindling retry ${run.id} --budget-usd 1. A call reserves its longest reply: a lower maxOutputTokens needs less.`,
      details: { run: run.id, of: "usd", cap: 0.4, spent: 0, reserved: 0, needed: 1 },
    });
    const raised = await kindling.retry(run.id, { budget: { usd: 1 } });
    expect(raised.status).toBe("running");
    expect(await run.result()).toBe("x");
    expect((await run.get()).budgets).toMatchObject([{ budget: { usd: 1 }, spent: { usd: 1 }, left: { usd: 0 } }]);
  });

  it("of a node is raised in the contract, and turns that were paid are not paid again", async () => {
    const tool = contract("look", {
      description: "looks",
      inputs: { at: z.string() },
      define: (g, { at }) => g.compute("seen", { needs: { at }, run: ({ at }) => at }),
    });
    const calls = (id: string) => ({
      content: [{ type: "tool-call" as const, id, name: "look", input: { at: id } }],
      usage: said(LONGEST).usage,
    });
    let turn = 0;
    const provider = model(() => {
      turn += 1;
      return turn < 4 ? { ...calls(`c${turn}`), stop: { reason: "tool-calls" as const } } : said(LONGEST);
    });
    const agent = (usd: number) => talk({ usd }, { tools: [tool] });
    const place = memoryLedger();
    const first = await openKindling({ contracts: [agent(2), tool], models: [provider], ledger: place, prices });
    const run = await first.start("talk", { text: "a" });
    expect((await run.settled()).error).toMatchObject({
      code: "budget_exhausted",
      fix: expect.stringContaining(`Raise budget.usd of the node, and go on: kindling retry ${run.id}.`) as unknown,
      details: { budget: "ask", spent: 2 },
    });
    expect(provider.requests).toHaveLength(2);
    await first.close();
    const second = await openKindling({ contracts: [agent(4), tool], models: [provider], ledger: place, prices });
    await second.retry(run.id);
    expect(await (await second.run(run.id)).result()).toBe("x");
    expect(provider.requests, "two turns before, two after").toHaveLength(4);
    expect((await second.get(run.id))?.budgets).toMatchObject([{ path: "ask", spent: { usd: 4 } }]);
  });

  it("of a contract holds where it is a child, beside that of the run around it; the tighter one ends it", async () => {
    const inner = contract("inner", {
      budget: { usd: 2 },
      inputs: { items: z.array(z.string()) },
      define: (g, { items }) => g.compose("part", { needs: { items }, child: many }),
    });
    const outer = contract("outer", {
      inputs: { some: z.array(z.string()), others: z.array(z.string()) },
      define: (g, { some, others }) => ({
        left: g.compose("left", { needs: { items: some }, child: inner }),
        right: g.compose("right", { needs: { items: others }, child: inner }),
      }),
    });
    const items = hundred.items.slice(0, 5);
    for (const [usd, calls] of [
      [10, 4],
      [3, 3],
    ] as const) {
      const provider = slow();
      const kindling = await openKindling({ contracts: [outer, inner, many], models: [provider], prices });
      const run = await kindling.start(outer, { some: items, others: items }, { budget: { usd } });
      const view = await run.settled();
      expect(provider.requests, `under $${usd}`).toHaveLength(calls);
      expect(view.budgets?.map(({ path }) => path)).toEqual(["", "left", "right"]);
      expect(view.budgets?.map(({ spent }) => spent.usd).slice(0, 1)).toEqual([calls]);
      await kindling.close();
    }
  });

  it("of a run that was given none begins with what it has spent, once somebody gives it one", async () => {
    const plain = talk(undefined);
    let isDown = true;
    const provider = model(() => (isDown ? { ...said(30), stop: { reason: "refusal" as const } } : said(LONGEST)));
    const kindling = await openKindling({ contracts: [plain], models: [provider], prices });
    const run = await kindling.start(plain, { text: "a" });
    expect((await run.settled()).error?.code).toBe("refused");
    isDown = false;
    await kindling.retry(run.id, { budget: { usd: 1.2 } });
    expect((await run.settled()).error).toMatchObject({ code: "budget_exhausted", details: { spent: 0.3, cap: 1.2 } });
    await kindling.retry(run.id, { budget: { usd: 1.3 } });
    await run.result();
    expect((await run.get()).budgets?.[0]?.spent.usd).toBeCloseTo(1.3, 9);
  });
});

describe("the budget of a run", () => {
  it("goes on with an update, and a fork has one of its own, as large unless it is given another", async () => {
    const plain = talk(undefined);
    const provider = slow();
    const kindling = await openKindling({ contracts: [plain], models: [provider], prices });
    const run = await kindling.start(plain, { text: "a" }, { budget: { usd: 2 } });
    await run.result();
    await run.update({ text: "b" });
    await run.result();
    await run.update({ text: "c" });
    expect((await run.settled()).error?.code).toBe("budget_exhausted");
    const fork = await run.fork({ inputs: { text: "d" } });
    await fork.result();
    expect((await fork.get()).budgets).toMatchObject([{ budget: { usd: 2 }, spent: { usd: 1 } }]);
    const poor = await run.fork({ inputs: { text: "e" }, budget: { usd: 0.5 } });
    expect((await poor.settled()).error?.code).toBe("budget_exhausted");
  });

  it("is the contract's, but for what the start says in its place", async () => {
    const capped = contract("capped", {
      budget: { usd: 0.5, turns: 3 },
      inputs: { text: z.string() },
      define: (g, needs) => g.llm("ask", { needs, prompt: ({ text }) => text, model: "scripted:m", maxOutputTokens: LONGEST }),
    });
    const kindling = await openKindling({ contracts: [capped], models: [slow()], prices });
    expect((await (await kindling.start(capped, { text: "a" })).settled()).error?.code).toBe("budget_exhausted");
    const run = await kindling.start(capped, { text: "a" }, { budget: { usd: 2 } });
    await run.result();
    expect((await run.get()).budgets).toMatchObject([{ budget: { usd: 2, turns: 3 }, left: { usd: 1, turns: 2 } }]);
  });

  it("is kept by the process that writes, whoever starts the run, and by the next one that writes", async () => {
    const place = await temporaryLedger();
    const one = model(() => new Promise(() => {}));
    const other = slow(LONGEST / 2);
    const shared = { contracts: [many], prices, ledger: place, access: "shared" } as const;
    const writer = await openKindling({ ...shared, models: [one] });
    const caller = await openKindling({ ...shared, models: [other] });
    const run = await caller.start(many, { items: ["a", "b", "c", "d"] }, { budget: { usd: 6 } });
    while (one.requests.length < 4) await new Promise((done) => setTimeout(done, 1));
    await writer.close();
    expect(other.requests).toHaveLength(0);
    // Its next call finds nobody who writes, and takes over.
    const next = await caller.start(many, { items: ["x"] }, { budget: { usd: 1 } });
    await next.settled();
    const view = await (await caller.run(run.id)).settled();
    // Four were cut off, and may have cost a dollar each: three more that cost half of one leave too little for another.
    expect(one.requests).toHaveLength(4);
    expect(view.spending).toMatchObject({ calls: 3, knownUsd: 1.5 });
    expect(view.budgets).toMatchObject([{ spent: { usd: 4.5 }, uncertain: { usd: 3 }, reserved: { usd: 1 }, left: { usd: 0.5 } }]);
  });

  it("keeps nothing in memory once the run has ended", async () => {
    const capped = contract("capped", {
      budget: { turns: 4 },
      inputs: { items: z.array(z.string()) },
      define: (g, { items }) => g.compose("part", { needs: { items }, child: many }),
    });
    const host = await openBareHost([capped, many], memoryLedger(), [slow()]);
    const { id } = await host.start({ contract: "capped", inputs: { items: hundred.items.slice(0, 9) } });
    await expect.poll(() => host.ledger.head(id)?.open).toBe(false);
    await expect.poll(() => host.residents.size).toBe(0);
  });

  it.each([
    [{ usd: -1 }, "budget.usd is -1"],
    [{ turns: 1.5 }, "budget.turns is 1.5"],
    [{}, "budget caps nothing"],
    [{ usd: 1, euros: 1 }, "budget.euros is unknown"],
    [{ usd: 1, unpriced: "maybe" }, 'budget.unpriced is "maybe"'],
    ["ten", "budget is string"],
  ])("%j is refused", async (given, message) => {
    // What a caller without types gives.
    const budget = given as Budget;
    const kindling = await openKindling({ contracts: [many], models: [slow()] });
    await expect(kindling.start(many, hundred, { budget })).rejects.toMatchObject({ code: "bad_budget", message });
    expect(() => talk(budget)).toThrow(message);
    expect(() => contract("c", { budget, inputs: {}, define: (g) => g.const("a", 1) })).toThrow(message);
  });
});
