// Stores and histories in documents: named, resolved from what the reader hands in, and told where they are not there.

import { contract, createRuntime, defineHistory, defineStore, DefinitionError, memoryLedger, planOf } from "kindling";
import { documentSchema, fromDocument, toDocument } from "kindling/document";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { until } from "../host/open-host.ts";

const stock = defineStore("stock", { schema: z.number(), indexes: { count: (count) => count } });
const sales = defineHistory("sales", { schema: z.object({ item: z.string() }), partitionBy: ({ item }) => item });
const orders = defineHistory("orders", { schema: z.object({ item: z.string() }) });
const STORES = [stock, sales, orders];

const sell = contract("sell", {
  inputs: { item: z.string() },
  correlate: ["item"],
  start: { on: orders, inputs: { item: "item" } },
  define(g, { item }) {
    const before = g.read("before", stock, { key: item, optional: true });
    const one = g.const("one", 1);
    const alike = g.query("alike", stock, { index: "count", is: one, limit: 5, fact: true });
    const sold = g.events("sold", sales, { partition: item, limit: 3, newestFirst: true });
    const written = g.write("written", stock, { key: item, value: one, expect: before, takeBack: true });
    const confirmed = g.await("confirmed", { on: sales, correlate: { item: "item" }, after: [written], timeout: "1d" });
    const gone = g.remove("gone", stock, { key: item, after: [confirmed] });
    const noted = g.append("noted", orders, { event: confirmed, onUpdate: "again", after: [gone] });
    return { before, alike, sold, written, gone, noted };
  },
});

it("a contract with stores has the same plan after a document, and runs", async () => {
  const document = toDocument(sell);
  const read = fromDocument(JSON.parse(JSON.stringify(document)), { stores: STORES });
  expect(toDocument(read)).toEqual(document);
  expect(planOf(read.graph).hash).toBe(planOf(sell.graph).hash);
  expect(document).toMatchObject({ start: { on: "orders", inputs: { item: "item" } } });
  const kindling = await createRuntime({ contracts: [read], stores: STORES, ledger: memoryLedger() });
  onTestFinished(() => kindling.close());
  const order = await kindling.history(orders).append({ item: "chair" });
  await until(async () => (await kindling.list({ status: "waiting" })).items.length === 1);
  const [run] = (await kindling.list()).items;
  expect((await kindling.store(stock).get("chair"))?.value).toBe(1);
  await kindling.history(sales).append({ item: "chair" });
  expect(await (await kindling.run(run?.id ?? "")).result()).toMatchObject({
    before: null,
    sold: [],
    written: { number: 1 },
    gone: { number: 2 },
  });
  expect((await kindling.lineage(run?.id ?? "")).facts.map(({ id }) => id)).toContain(order.id);
});

it("a store that is not there is told with the one that was meant, and what does not fit it too", () => {
  const findings = (nodes: readonly object[]) => {
    try {
      fromDocument({ kindling: 1, name: "x", inputs: { id: { schema: { type: "string" } } }, nodes, outputs: "a" }, { stores: STORES });
      return [];
    } catch (error) {
      return error instanceof DefinitionError
        ? error.findings.map(({ code, message, hint }) => `${code}: ${message} ${hint}`)
        : [String(error)];
    }
  };
  expect(findings([{ kind: "read", name: "a", store: "stok", key: "id" }])).toEqual([
    'unknown_store: $.nodes[0].store names the store "stok", and there is none Did you mean "stock"?',
  ]);
  expect(findings([{ kind: "write", name: "a", act: "append", store: "stock", event: "id" }])).toEqual([
    expect.stringContaining("stock is a store, and append wants a history"),
  ]);
  expect(findings([{ kind: "write", name: "a", act: "write", store: "sales", key: "id", value: "id" }])).toEqual([
    expect.stringContaining("sales is a history, and write wants a store"),
  ]);
  expect(findings([{ kind: "read", name: "a", store: "stock" }])).toEqual([expect.stringContaining("key is missing")]);
  expect(findings([{ kind: "read", name: "a", store: "sales", key: "id" }])).toEqual([
    expect.stringContaining("partition is missing"),
    expect.stringContaining("key means nothing to g.events"),
    expect.stringContaining("limit is missing"),
  ]);
  expect(findings([{ kind: "read", name: "a", store: "stock", key: "id", limit: 5 }])).toEqual([
    expect.stringContaining("limit means nothing to g.read"),
  ]);
  expect(findings([{ kind: "read", name: "a", store: "sales", partition: "id", limit: 5, asOf: { position: 1 } }])).toEqual([
    expect.stringContaining("asOf means nothing to g.events"),
  ]);
  expect(findings([{ kind: "write", name: "a", act: "append", store: "sales", event: "id", takeBack: true }])).toEqual([
    expect.stringContaining("takeBack means nothing to g.append"),
  ]);
  expect(findings([{ kind: "await", name: "a" }])).toEqual([
    expect.stringContaining("event is missing"),
    expect.stringContaining("schema is missing"),
  ]);
  expect(JSON.stringify(documentSchema())).toContain("A store or a history.");
});
