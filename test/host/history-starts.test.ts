// Events of histories that start runs and answer awaits: once, in order, whoever recorded them, and whatever becomes of the process.

import { contract, DefinitionError, defineHistory, fileLedger, type Kindling, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { manualClock } from "../../src/testing.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { ledgerWith, logOf } from "./ledgers.ts";
import { openKindling, until } from "./open-host.ts";

const calls = defineHistory("calls", {
  schema: z.object({ customer: z.string(), minutes: z.number() }),
  partitionBy: ({ customer }) => customer,
});
const other = defineHistory("other", { schema: z.string() });

const review = contract("review", {
  inputs: { customer: z.string(), minutes: z.number().max(100) },
  start: { on: calls, when: ({ minutes }) => minutes > 5, inputs: ({ customer, minutes }) => ({ customer, minutes }) },
  define: (g, { customer, minutes }) =>
    g.compute("text", { needs: { customer, minutes }, run: ({ customer, minutes }) => `${customer} ${minutes}` }),
});

const resultsOf = async (kindling: Kindling, name: string): Promise<readonly unknown[]> => {
  const { items } = await kindling.list({ contract: name });
  return Promise.all(items.toReversed().map(async ({ id }) => (await kindling.run(id)).result()));
};
const countOf = async (kindling: Kindling, name: string): Promise<number> => (await kindling.list({ contract: name })).items.length;

describe("a history that starts runs", () => {
  it("starts one for each event that is meant, with the event as its cause", async () => {
    const kindling = await openKindling({ contracts: [review] });
    const history = kindling.history(calls);
    const first = await history.append({ customer: "ada", minutes: 7 });
    await history.append({ customer: "bob", minutes: 3 });
    await kindling.history(other).append("nothing");
    await history.append({ customer: "eve", minutes: 9 });
    await until(async () => (await countOf(kindling, "review")) === 2);
    expect(await resultsOf(kindling, "review")).toEqual(["ada 7", "eve 9"]);
    const run = (await kindling.list({ contract: "review" })).items.at(-1)?.id ?? "";
    expect((await kindling.facts(run))[0]).toMatchObject({ type: "run.started", from: first.id, actor: { id: "history:calls" } });
    expect((await kindling.lineage(run)).facts.map(({ id }) => id)).toEqual([first.id]);
    expect((await kindling.lineage(first.id, { direction: "effects" })).others).toContain(`${run}:1`);
  });

  it("has started its run when the runtime has settled, which waits no longer than its caller", async () => {
    const place = fileLedger(await temporaryFolder());
    await using kindling = await openKindling({ contracts: [review], ledger: place });
    await using other = await openKindling({ contracts: [review], ledger: place, access: "shared" });
    for (const each of [kindling, other]) {
      const before = await countOf(kindling, "review");
      await each.history(calls).append({ customer: "ada", minutes: 7 });
      await each.settle();
      expect(await countOf(each, "review")).toBe(before + 1);
    }
    await expect(kindling.settle({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });

  it("is told which event it is and when it was recorded, and may choose by that", async () => {
    const named = contract("named", {
      inputs: { event: z.string(), customer: z.string() },
      start: { on: calls, when: (_, { number }) => number > 1, inputs: ({ customer }, { id }) => ({ event: id, customer }) },
      define: (g, { event, customer }) =>
        g.compute("text", { needs: { event, customer }, run: ({ event, customer }) => [event, customer] }),
    });
    const kindling = await openKindling({ contracts: [named] });
    await kindling.history(calls).append({ customer: "ada", minutes: 1 });
    const second = await kindling.history(calls).append({ customer: "ada", minutes: 2 });
    await until(async () => (await countOf(kindling, "named")) === 1);
    expect(await resultsOf(kindling, "named")).toEqual([[second.id, "ada"]]);
  });

  it("takes members of the event as inputs, and may leave out what was there before", async () => {
    const fresh = contract("fresh", {
      inputs: { who: z.string() },
      start: { on: calls, inputs: { who: "customer" }, from: "now" },
      define: (g, { who }) => g.map("name", who, (who) => who),
    });
    const place = memoryLedger();
    const before = await openKindling({ contracts: [], ledger: place });
    await before.history(calls).append({ customer: "old", minutes: 1 });
    await before.close();
    const first = await openKindling({ contracts: [fresh, review], ledger: place });
    await first.history(calls).append({ customer: "ada", minutes: 1 });
    await until(async () => (await countOf(first, "fresh")) === 1);
    expect(await resultsOf(first, "fresh")).toEqual(["ada"]);
    await first.close();
    // Recorded while nobody had the contract: it counts, since the contract was known before.
    const between = await openKindling({ contracts: [], ledger: place });
    await between.history(calls).append({ customer: "eve", minutes: 1 });
    await between.close();
    const second = await openKindling({ contracts: [fresh], ledger: place });
    await until(async () => (await countOf(second, "fresh")) === 2);
    expect(await resultsOf(second, "fresh")).toEqual(["ada", "eve"]);
  });

  it("starts runs for what was recorded before this process, by another one, and meanwhile", async () => {
    const place = fileLedger(await temporaryFolder());
    const before = await openKindling({ contracts: [], ledger: place });
    await before.history(calls).append({ customer: "ada", minutes: 7 });
    await before.close();
    const own = await openKindling({ contracts: [review], ledger: place, access: "shared" });
    const guest = await openKindling({ contracts: [], ledger: place, access: "shared" });
    await guest.history(calls).append({ customer: "bob", minutes: 8 });
    await until(async () => (await countOf(own, "review")) === 2);
    expect(await resultsOf(own, "review")).toEqual(["ada 7", "bob 8"]);
  });

  it("starts each once, wherever the process dies", async () => {
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [review], ledger: place });
    for (const minutes of [6, 7, 8]) await kindling.history(calls).append({ customer: "ada", minutes });
    await until(async () => (await countOf(kindling, "review")) === 3);
    await kindling.close();
    const log = await logOf(place);
    const begun = log.entries.findIndex(({ run }) => run.startsWith("history:"));
    for (let commits = begun + 1; commits <= log.entries.length; commits++) {
      const again = await openKindling({ contracts: [review], ledger: await ledgerWith(log, commits) });
      const events = (await again.history(calls).read({ partition: "ada" })).items.length;
      await until(async () => (await countOf(again, "review")) === events);
      expect(await resultsOf(again, "review"), `after ${commits} commits`).toEqual(["ada 6", "ada 7", "ada 8"].slice(0, events));
      await again.close();
    }
  });

  it("tells of an event that nothing can be made of, once, and goes on with the next", async () => {
    const shaky = contract("shaky", {
      inputs: { customer: z.string(), minutes: z.number() },
      start: {
        on: calls,
        when({ customer }) {
          if (customer === "when") throw new Error("no such customer");
          return true;
        },
        inputs({ customer, minutes }) {
          if (customer === "inputs") throw new Error("no inputs, password=hunter2hunter2");
          return { customer, minutes };
        },
      },
      define: (g, { customer }) => g.map("name", customer, (customer) => customer),
    });
    const place = memoryLedger();
    const logged: string[] = [];
    const kindling = await openKindling({ contracts: [shaky, review], ledger: place, onLog: ({ message }) => void logged.push(message) });
    const ids: string[] = [];
    for (const customer of ["when", "inputs", "ada"]) ids.push((await kindling.history(calls).append({ customer, minutes: 200 })).id);
    await until(async () => (await countOf(kindling, "shaky")) === 1);
    await until(async () => (await kindling.deadLetters()).length === 5);
    expect((await kindling.deadLetters({ contract: "shaky" })).map(({ what, event, error }) => [what, event, error.message])).toEqual([
      ["start", ids[0], "start.when threw: no such customer"],
      ["start", ids[1], expect.stringMatching(/^start\.inputs threw: no inputs, password=(?!hunter)/)],
    ]);
    expect((await kindling.deadLetters({ contract: "review" })).map(({ error }) => error.code)).toEqual(Array(3).fill("invalid_inputs"));
    expect(logged.filter((message) => message.includes("no such customer"))).toHaveLength(1);
    await kindling.close();
    const again = await openKindling({ contracts: [shaky, review], ledger: place });
    await again.history(calls).append({ customer: "eve", minutes: 1 });
    await until(async () => (await countOf(again, "shaky")) === 2);
    expect(await again.deadLetters()).toHaveLength(5);
  });
});

describe("a history that answers awaits", () => {
  const payments = defineHistory("payments", { schema: z.object({ order: z.string(), usd: z.number(), state: z.enum(["paid", "open"]) }) });
  const order = contract("order", {
    inputs: { id: z.string() },
    correlate: ["id"],
    define(g, { id }) {
      const ready = g.await("ready", { event: "ready", schema: z.null() });
      const paid = g.await("paid", {
        on: payments,
        when: ({ state }) => state === "paid",
        correlate: { id: "order" },
        after: [ready],
        timeout: "1d",
      });
      return { usd: g.map("usd", paid, ({ usd }) => usd), id };
    },
  });
  const ready = (kindling: Kindling, id: string) => kindling.deliver({ event: "ready", correlation: { id }, payload: null });

  it("answers the run whose event it is, also where it comes before the await has opened, and once", async () => {
    const kindling = await openKindling({ contracts: [order] });
    const [one, two] = [await kindling.start(order, { id: "o1" }), await kindling.start(order, { id: "o2" })];
    await ready(kindling, "o1");
    const history = kindling.history(payments);
    await history.append({ order: "o1", usd: 1, state: "open" });
    await history.append({ order: "nobody", usd: 1, state: "paid" });
    const early = await history.append({ order: "o2", usd: 2, state: "paid" });
    const paid = await history.append({ order: "o1", usd: 10, state: "paid" });
    await history.append({ order: "o1", usd: 11, state: "paid" });
    expect(await one.result()).toEqual({ usd: 10, id: "o1" });
    await until(async () => (await kindling.facts(two.id)).some(({ type }) => type === "event.buffered"));
    await ready(kindling, "o2");
    expect(await two.result()).toEqual({ usd: 2, id: "o2" });
    expect((await kindling.lineage(one.id)).facts.map(({ id }) => id)).toEqual([paid.id]);
    expect((await kindling.lineage(early.id, { direction: "effects" })).others.some((id) => id.startsWith(two.id))).toBe(true);
    expect(await kindling.deadLetters()).toEqual([]);
  });

  it("answers over a restart, and its deadline stays", async () => {
    const place = memoryLedger();
    const clock = manualClock();
    const first = await openKindling({ contracts: [order], ledger: place, clock });
    const [paid, late] = [await first.start(order, { id: "o1" }), await first.start(order, { id: "o2" })];
    for (const id of ["o1", "o2"]) await ready(first, id);
    await first.close();
    const nobody = await openKindling({ contracts: [], ledger: place, clock });
    await nobody.history(payments).append({ order: "o1", usd: 10, state: "paid" });
    await nobody.close();
    const second = await openKindling({ contracts: [order], ledger: place, clock });
    expect(await (await second.run(paid.id)).result()).toEqual({ usd: 10, id: "o1" });
    clock.advance(2 * 24 * 3_600_000);
    await expect((await second.run(late.id)).result()).rejects.toMatchObject({ details: { error: { code: "await_timed_out" } } });
  });

  it("is answered by nobody else", async () => {
    const kindling = await openKindling({ contracts: [order] });
    const run = await kindling.start(order, { id: "o1" });
    await ready(kindling, "o1");
    await run.settled();
    const [open] = (await run.get()).awaits;
    expect(open?.event).toMatch(/^history:payments#[0-9a-f]{8}$/);
    const payload = { order: "o1", usd: 1, state: "paid" };
    expect(await kindling.deliver({ event: open?.event ?? "", run: run.id, payload })).toMatchObject({
      status: "refused",
      code: "unknown_event",
      message: expect.stringContaining("payments"),
    });
  });

  it("takes no options that only a delivery could fill, and no `when` that is no function", () => {
    const findings = (options: object): readonly string[] => {
      try {
        const on = { on: payments, correlate: { id: "order" as const }, ...options };
        contract("odd", { inputs: { id: z.string() }, correlate: ["id"], define: (g) => g.await("paid", on) });
      } catch (error) {
        if (error instanceof DefinitionError) return error.findings.map(({ code, message }) => `${code} ${message}`);
      }
      return [];
    };
    expect(findings({ by: "human" })).toEqual(["bad_option by means nothing to an await of a history"]);
    expect(findings({ when: "paid" })).toEqual(["bad_option when is no function"]);
    expect(findings({ when: () => true })).toEqual([]);
    expect(findings({ correlate: { id: "ordre" } })).toEqual(['bad_option correlate has "ordre" for "id", and events have no such member']);
    const start = { on: payments, inputs: { id: "ordre" as "order" } };
    expect(() => contract("odd", { inputs: { id: z.string() }, start, define: (_g, { id }) => id })).toThrow(
      'start.inputs has "ordre" for "id", and events have no such member',
    );
  });
});
