// `list_fact_activity`: what was recorded last in the stores an agent may read, newest first, without values.

import * as z from "zod";
import { Refusal } from "../failure.ts";
import { defineTool, type Tool } from "../tool.ts";
import type { EnabledStores } from "./enabled-stores.ts";
import { FactLine, lineOf } from "./fact-shape.ts";
import { Cursor, Limit, storeArgument } from "./store-arguments.ts";
import { answered } from "./store-refusal.ts";

/** The tool. */
export function listFactActivity(stores: EnabledStores): Tool {
  return defineTool({
    name: "list_fact_activity",
    title: "List recent facts",
    description: "What was recorded last, newest first, without values: in one store, or in all that you may read.",
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    input: z.strictObject({ store: storeArgument(stores).optional(), limit: Limit, cursor: Cursor }),
    shownOutput: ["facts"],
    output: z.object({ facts: z.array(FactLine), next_cursor: z.string().optional() }),
    call: async ({ store: name, limit, cursor }) => {
      const store = name === undefined ? undefined : stores.find(name);
      if (store instanceof Refusal) return store;
      const names = name === undefined ? stores.names : [name];
      return answered("list_fact_activity", async () => {
        const page = await stores.kindling.activity({ stores: names, limit, ...(cursor === undefined ? {} : { cursor }) });
        const facts = await Promise.all(page.items.filter(({ id }) => stores.holds(id)).map((fact) => lineOf(fact, stores)));
        return { facts, ...(page.cursor === undefined ? {} : { next_cursor: page.cursor }) };
      });
    },
  });
}
