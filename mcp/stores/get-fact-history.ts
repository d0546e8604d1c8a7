// `get_fact_history`: all that a key of a store was, or what happened in a part of a history; without a key, which there are.

import * as z from "zod";
import { Refusal } from "../failure.ts";
import { defineTool, type Tool } from "../tool.ts";
import type { EnabledStore, EnabledStores } from "./enabled-stores.ts";
import { FactShape, shapesOf } from "./fact-shape.ts";
import { Cursor, KeyArgument, Limit, storeArgument } from "./store-arguments.ts";
import { answered } from "./store-refusal.ts";

/** The tool. */
export function getFactHistory(stores: EnabledStores): Tool {
  return defineTool({
    name: "get_fact_history",
    title: "Read the history of a fact",
    description: "All that a key of a store was, or the events of a part of a history. Without key: the keys or parts there are.",
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    input: z.strictObject({
      store: storeArgument(stores),
      key: KeyArgument.optional(),
      newest_first: z.boolean().default(false).describe("In the other order"),
      limit: Limit,
      cursor: Cursor,
    }),
    shownOutput: ["facts"],
    output: z.object({
      facts: z.array(FactShape).describe("None where keys are told"),
      keys: z.array(z.object({ key: z.string(), facts: z.int(), changed: z.string() })).optional(),
      next_cursor: z.string().optional(),
    }),
    call: async ({ store: name, key, newest_first: newestFirst, limit, cursor }) => {
      const store = stores.find(name);
      if (store instanceof Refusal) return store;
      const part = { newestFirst, limit, ...(cursor === undefined ? {} : { cursor }) };
      return answered("get_fact_history", async () => {
        const isOnePart = store.kind === "history" && store.definition.partitionBy === undefined;
        if (key === undefined && !isOnePart) return keysOf(stores, store, part);
        const page = await factsOf(store, key, part);
        return { facts: await shapesOf(page.items, stores), ...nextOf(page) };
      });
    },
  });
}

interface Part {
  readonly newestFirst: boolean;
  readonly limit: number;
  readonly cursor?: string;
}

function factsOf(store: EnabledStore, key: string | undefined, part: Part) {
  if (store.kind === "store") return store.handle.history(key ?? "", part);
  const isNone = key === undefined || (key === "" && store.definition.partitionBy === undefined);
  return store.handle.read({ ...part, ...(isNone ? {} : { partition: key }) });
}

async function keysOf({ kindling }: EnabledStores, { summary: { kind, name } }: EnabledStore, part: Part) {
  const page = await kindling.recordedStore({ kind, name }).keys(part);
  const keys = page.items.map(({ key, facts, time }) => ({ key, facts, changed: new Date(time).toISOString() }));
  return { facts: [], keys, ...nextOf(page) };
}

function nextOf({ cursor }: { readonly cursor: string | undefined }): { readonly next_cursor?: string } {
  return cursor === undefined ? {} : { next_cursor: cursor };
}
