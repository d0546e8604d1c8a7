// What tests of budgets share: prices that are easy to reckon with, a model that is slow, and contracts that call it.

import { z } from "zod";
import { type Budget, contract, type Kindling, type PriceTable, type RunView } from "../../src/index.ts";
import { type AskedModel, model } from "./models.ts";

/** A token out costs a cent, and tokens in cost nothing: the longest reply of a hundred tokens costs a dollar. */
export const prices: PriceTable = { asOf: "2026-11-21", source: "made up", models: { "scripted:m": { input: 0, output: 10_000 } } };
export const LONGEST = 100;

export const said = (output: number | null) => ({
  content: [{ type: "text" as const, text: "x" }],
  usage: { input: 10, output, cacheRead: null, cacheWrite: null, reasoning: null },
});

/** Replies after a turn of the loop, and knows how many it worked on at once. */
export function slow(output = LONGEST): AskedModel & { readonly most: () => number } {
  let now = 0;
  let most = 0;
  const provider = model(async () => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((done) => setTimeout(done, 1));
    now -= 1;
    return said(output);
  });
  return {
    ...provider,
    get asked() {
      return provider.asked;
    },
    requests: provider.requests,
    most: () => most,
  };
}

export const many = contract("many", {
  inputs: { items: z.array(z.string()) },
  define: (g, { items }) =>
    g.collection("all", {
      over: items,
      as: "item",
      key: (item) => item,
      concurrency: 100,
      each: (g, { item }) =>
        g.llm("ask", {
          needs: { item },
          prompt: ({ item }) => item,
          model: "scripted:m",
          maxOutputTokens: LONGEST,
          retry: { attempts: 1 },
        }),
    }),
});
export const hundred = { items: Array.from({ length: 100 }, (_, index) => `item-${index}`) };

export async function ended(kindling: Kindling, budget?: Budget): Promise<RunView> {
  const run = await kindling.start(many, hundred, budget === undefined ? {} : { budget });
  return run.settled();
}

export const failures = ({ nodes }: RunView) => nodes.flatMap(({ children }) => children.flatMap(({ error }) => error?.code ?? []));

/** One conversation. */
export const talk = (budget: Budget | undefined, more: object = {}) =>
  contract("talk", {
    inputs: { text: z.string() },
    define: (g, needs) =>
      g.llm("ask", {
        needs,
        prompt: ({ text }) => text,
        model: "scripted:m",
        maxOutputTokens: LONGEST,
        retry: { attempts: 1 },
        ...(budget === undefined ? {} : { budget }),
        ...more,
      }),
  });
