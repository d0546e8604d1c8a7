// `get_fact`: what a key of a store says, now or then.

import * as z from "zod";
import { Refusal } from "../failure.ts";
import { defineTool, type Tool } from "../tool.ts";
import type { EnabledStores } from "./enabled-stores.ts";
import { FactShape, shapeOf, valueBudget } from "./fact-shape.ts";
import { asOfIn, KeyArgument, Moment, storeArgument } from "./store-arguments.ts";
import { answered, factNotFound } from "./store-refusal.ts";

/** The tool. */
export function getFact(stores: EnabledStores): Tool {
  return defineTool({
    name: "get_fact",
    title: "Get a fact",
    description: "What a key of a store says now, or said as_of a time of recording; valid_at: as it held in the world then.",
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    input: z.strictObject({
      store: storeArgument(stores),
      key: KeyArgument,
      as_of: Moment.optional().describe("As it was recorded then"),
      valid_at: Moment.optional().describe("As it held then"),
    }),
    shownOutput: ["fact"],
    output: z.object({ fact: FactShape }),
    call: async ({ store: name, key, as_of, valid_at }) => {
      const store = stores.find(name);
      if (store instanceof Refusal) return store;
      if (store.kind === "history")
        return new Refusal(
          "invalid_arguments",
          `${name} is a history and has no keys with values.`,
          "Use get_fact_history, with the part as key.",
        );
      const { handle } = store;
      return answered("get_fact", async () => {
        const fact = await handle.get(key, { ...asOfIn(as_of), ...(valid_at === undefined ? {} : { validAt: valid_at }) });
        return fact === undefined ? factNotFound() : { fact: await shapeOf(fact, stores, valueBudget(1)) };
      });
    },
  });
}
