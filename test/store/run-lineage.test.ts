// Lineage over runs: from what a run recorded to what it had read, through nodes, children, forks and conversations; and from a fact to all that followed from it.

import { contract, defineHistory, defineStore, type FactLineage } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";

const prices = defineStore("prices", { schema: z.number() });
const quotes = defineStore("quotes", { schema: z.object({ item: z.string(), usd: z.number() }) });
const sent = defineHistory("sent", { schema: z.string() });

const ids = ({ facts }: FactLineage): readonly string[] => facts.map(({ id }) => id).toSorted();

const priceOf = contract("price-of", {
  inputs: { item: z.string() },
  define(g, { item }) {
    const price = g.read("price", prices, { key: item });
    return g.map("usd", price, (price) => price * 2);
  },
});

const quote = contract("quote", {
  inputs: { items: z.array(z.string()) },
  define(g, { items }) {
    const priced = g.collection("priced", { over: items, as: "item", key: (item) => item, each: priceOf });
    const total = g.aggregate("total", priced, { sum: (usd) => usd });
    const written = g.write("written", quotes, { needs: { total }, key: "q1", value: ({ total }) => ({ item: "all", usd: total }) });
    const mail = g.branch("mail", {
      needs: { written },
      on: () => "send" as const,
      cases: { send: (g, { written }) => g.append("sent", sent, { needs: { written }, event: ({ written }) => written.id }) },
    });
    return { written, mail };
  },
});

describe("lineage over runs", () => {
  it("goes from what a run recorded to what its children have read, and on to where that came from", async () => {
    const kindling = await openKindling({ contracts: [quote] });
    const offer = await kindling.history(sent).append("an offer came");
    const chair = await kindling.store(prices).write("chair", 5, { causedBy: [offer.id] });
    const table = await kindling.store(prices).write("table", 7);
    await kindling.store(prices).write("lamp", 9);
    const run = await kindling.start(quote, { items: ["chair", "table"] });
    const { written, mail } = await run.result();
    const causes = await kindling.lineage(mail.id);
    expect(ids(causes)).toEqual([mail.id, chair.id, table.id, offer.id].toSorted());
    expect(causes.isWhole).toBe(true);
    expect(ids(await kindling.lineage(written.id))).toEqual([written.id, chair.id, table.id, offer.id].toSorted());
    // Of the run, and of one of its facts.
    expect(ids(await kindling.lineage(run.id))).toEqual([chair.id, table.id, offer.id].toSorted());
    expect(causes.links.filter(({ cause }) => cause === chair.id)).toHaveLength(1);

    const effects = await kindling.lineage(offer.id, { direction: "effects", depth: 50 });
    expect(ids(effects)).toEqual([offer.id, chair.id, written.id, mail.id].toSorted());
    expect(ids(await kindling.lineage(run.id, { direction: "effects" }))).toEqual([written.id, mail.id].toSorted());
    // A copy has the same.
    expect((await kindling.lineage(mail.id)).proof).toBe(causes.proof);
  });

  it("goes through a fork to what was read before it", async () => {
    const note = contract("note", {
      inputs: { item: z.string(), text: z.string() },
      define(g, { item, text }) {
        const price = g.read("price", prices, { key: item });
        const line = g.compute("line", { needs: { price, text }, run: ({ price, text }) => `${text} ${price}` });
        return { said: g.append("said", sent, { event: line, onUpdate: "again" }) };
      },
    });
    const kindling = await openKindling({ contracts: [note] });
    const chair = await kindling.store(prices).write("chair", 5);
    const first = await kindling.start(note, { item: "chair", text: "costs" });
    const { said: before } = await first.result();
    const fork = await kindling.fork(first.id, { inputs: { text: "now costs" } });
    const said = z.object({ said: z.object({ id: z.string() }) }).parse(await fork.result()).said;
    expect((await kindling.fact(said.id))?.causes).toContain(chair.id);
    expect(ids(await kindling.lineage(said.id))).toEqual([said.id, chair.id].toSorted());
    expect(ids(await kindling.lineage(chair.id, { direction: "effects" }))).toEqual([said.id, before.id, chair.id].toSorted());
  });

  it("is what an explanation names", async () => {
    const kindling = await openKindling({ contracts: [quote] });
    const chair = await kindling.store(prices).write("chair", 5);
    const run = await kindling.start(quote, { items: ["chair"] });
    const { written } = await run.result();
    const { text } = await kindling.explain(run.id, "written");
    expect(text).toContain(`recorded ${written.id}`);
    expect((await kindling.explain(run.id, "priced[chair]/price")).text).toContain(`read ${chair.id}`);
    expect((await kindling.explain(run.id)).text).toContain(chair.id);
  });

  it("names where nothing was found, in an explanation", async () => {
    const look = contract("look", {
      inputs: { item: z.string() },
      define: (g, { item }) => ({ price: g.read("price", prices, { key: item, optional: true }) }),
    });
    const kindling = await openKindling({ contracts: [look] });
    const run = await kindling.start(look, { item: "sofa" });
    expect(await run.result()).toEqual({ price: null });
    expect((await kindling.explain(run.id, "price")).text).toContain("found nothing in prices");
    const { text, ...whole } = await kindling.explain(run.id);
    expect(text).toContain("found nothing in prices");
    expect(whole).toMatchObject({ stored: { read: [], recorded: [], nothingOf: ["prices"], more: 0 } });
  });

  it("says of a run whose facts are gone only that it was there", async () => {
    const kindling = await openKindling({ contracts: [quote] });
    await kindling.store(prices).write("chair", 5);
    const run = await kindling.start(quote, { items: ["chair"] });
    const { written } = await run.result();
    await kindling.compact({ retention: [{ keep: 0 }] });
    const lineage = await kindling.lineage(written.id);
    expect(ids(lineage)).toEqual([written.id]);
    expect(lineage.others).toEqual((await kindling.fact(written.id))?.causes);
  });

  it("goes through a run whose facts are gone to what it recorded", async () => {
    const copy = contract("copy", {
      inputs: { item: z.string() },
      define(g, { item }) {
        const price = g.read("price", prices, { key: item });
        return g.write("written", quotes, { needs: { item, price }, key: item, value: ({ item, price }) => ({ item, usd: price }) });
      },
    });
    const kindling = await openKindling({ contracts: [copy] });
    const chair = await kindling.store(prices).write("chair", 5);
    const run = await kindling.start(copy, { item: "chair" });
    const written = await run.result();
    await kindling.compact({ retention: [{ keep: 0 }] });
    const effects = await kindling.lineage(chair.id, { direction: "effects" });
    expect(ids(effects)).toEqual([chair.id, written.id].toSorted());
    expect(effects.others).toEqual([run.id]);
    expect(ids(await kindling.lineage(written.id))).toEqual([chair.id, written.id].toSorted());
  });
});
