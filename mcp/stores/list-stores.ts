// `list_stores`: which stores and histories an agent may read, what their values look like, and by what they are found.

import * as z from "zod";
import { shorten, RESULT_LIMIT } from "../shorten.ts";
import { defineTool, type Tool } from "../tool.ts";
import type { EnabledStores } from "./enabled-stores.ts";

const COUNTED_KEYS = 1_000;

/** A store as the tool tells it. */
const StoreShape = z.object({
  store: z.string(),
  kind: z.enum(["store", "history"]).describe("store: what is there now, by key; history: what happened, in parts"),
  indexes: z.array(z.string()).describe("For query_facts"),
  keys: z.string().describe("How many keys or parts there are"),
  value_schema: z.unknown().optional().describe("JSON Schema of its values"),
});

/** The tool. */
export function listStores(stores: EnabledStores): Tool {
  return defineTool({
    name: "list_stores",
    title: "List stores",
    description:
      "Facts of the application that you may read: stores (by key) and histories (events), with indexes and the schema of values.",
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    input: z.strictObject({}),
    shownOutput: ["stores"],
    output: z.object({ stores: z.array(StoreShape) }),
    call: async () => ({
      stores: await Promise.all(
        stores.all.map(async ({ kind, name, indexes, schema }) => {
          const { present, isWhole } = await stores.kindling.recordedStore({ kind, name }).size(COUNTED_KEYS);
          const told =
            schema === undefined ? {} : { value_schema: shorten(schema, Math.floor(RESULT_LIMIT / 2 / stores.all.length)).value };
          return { store: name, kind, indexes: [...indexes], keys: `${present}${isWhole ? "" : "+"}`, ...told };
        }),
      ),
    }),
  });
}
