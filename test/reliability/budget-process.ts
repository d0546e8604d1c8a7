// A run under a budget that works until it is killed: `node budget-process.ts <folder>`. Every call that is made is noted in a file before anything else happens in it, and its reply before anybody is given it.

import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { contract, createRuntime, fileLedger, type ModelProvider, type PriceTable } from "../../src/index.ts";

/** A token out costs a cent: a reply may cost a dollar, and costs half of one. */
export const PRICES: PriceTable = { asOf: "2026-11-21", source: "made up", models: { "noted:m": { input: 0, output: 10_000 } } };
export const CAP_USD = 40;
export const CALLS_FILE = "calls.txt";
export const KEY = "the-run";

/** Two hundred calls, eight at once. */
export const spender = contract("spender", {
  inputs: { items: z.array(z.number()) },
  define: (g, { items }) =>
    g.collection("all", {
      over: items,
      as: "item",
      key: (item) => `${item}`,
      concurrency: 8,
      each: (g, { item }) =>
        g.llm("ask", { needs: { item }, prompt: ({ item }) => `${item}`, model: "noted:m", maxOutputTokens: 100, retry: { attempts: 1 } }),
    }),
});

const [folder] = process.argv.slice(2);
if (folder !== undefined && process.argv[1] === import.meta.filename) {
  const noted: ModelProvider = {
    id: "noted",
    readiness: () => ({ ready: true }),
    capabilities: () => ({ structuredOutput: "none", tools: "no", files: [], reasoning: "no" }),
    async *stream(request) {
      appendFileSync(join(folder, CALLS_FILE), "call\n");
      await pause(15);
      appendFileSync(join(folder, CALLS_FILE), "reply\n");
      yield {
        type: "finish",
        reply: {
          content: [{ type: "text", text: "x" }],
          stop: { reason: "stop" },
          usage: { input: 5, output: 50, cacheRead: null, cacheWrite: null, reasoning: null },
          model: request.model,
          warnings: [],
        },
      };
    },
  };
  await using kindling = await createRuntime({
    contracts: [spender],
    models: [noted],
    ledger: fileLedger(join(folder, "ledger")),
    prices: PRICES,
  });
  const items = Array.from({ length: 200 }, (_, index) => index);
  const run = await kindling.start(spender, { items }, { idempotencyKey: KEY, budget: { usd: CAP_USD } });
  await run.settled();
}
