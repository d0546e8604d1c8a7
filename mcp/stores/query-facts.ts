// `query_facts`: values that an index finds, in its order, in pages.

import * as z from "zod";
import type { IndexRange, IndexValue } from "../../src/index.ts";
import { Refusal } from "../failure.ts";
import { defineTool, type Tool } from "../tool.ts";
import type { EnabledStores } from "./enabled-stores.ts";
import { FactShape, shapesOf } from "./fact-shape.ts";
import { BeginningArgument, Cursor, IndexArgument, Limit, storeArgument } from "./store-arguments.ts";
import { answered } from "./store-refusal.ts";

/** The tool. */
export function queryFacts(stores: EnabledStores): Tool {
  return defineTool({
    name: "query_facts",
    title: "Query a store",
    description:
      "Values of a store that an index finds: under a value, from one to another, texts that begin alike, or all in order. limit is required.",
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    input: z.strictObject({
      store: storeArgument(stores),
      index: z.string().min(1).max(64).describe("From list_stores"),
      value: IndexArgument.optional().describe("Exactly this value"),
      from: IndexArgument.optional().describe("From here on"),
      to: IndexArgument.optional().describe("Up to here"),
      starts_with: BeginningArgument.optional().describe("Texts that begin so"),
      descending: z.boolean().default(false).describe("In the other order"),
      limit: Limit,
      cursor: Cursor,
    }),
    shownOutput: ["facts"],
    output: z.object({
      facts: z.array(FactShape),
      next_cursor: z.string().optional().describe("Pass it as cursor for the next page; left out when there is none"),
    }),
    call: async ({ store: name, index, value, from, to, starts_with: startsWith, descending, limit, cursor }) => {
      const store = stores.find(name);
      if (store instanceof Refusal) return store;
      if (store.kind === "history")
        return new Refusal("invalid_arguments", `${name} is a history and has no indexes.`, "Use get_fact_history, with the part as key.");
      const isPart = from !== undefined || to !== undefined;
      if ([value !== undefined, isPart, startsWith !== undefined].filter(Boolean).length > 1)
        return new Refusal(
          "invalid_arguments",
          "Several parts of the index were asked for at once.",
          "Give value, or from and to, or starts_with.",
        );
      const part: IndexRange = {
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(startsWith === undefined ? {} : { startsWith }),
      };
      const wanted: IndexValue | IndexRange = value === undefined ? part : value;
      const { handle } = store;
      return answered("query_facts", async () => {
        const order = descending ? "descending" : "ascending";
        const page = await handle.query(index, wanted, { order, limit, ...(cursor === undefined ? {} : { cursor }) });
        const facts = await shapesOf(page.items, stores);
        return { facts, ...(page.cursor === undefined ? {} : { next_cursor: page.cursor }) };
      });
    },
  });
}
