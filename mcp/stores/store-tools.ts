// All tools about stores. There are none where no store is enabled.

import type { Tool } from "../tool.ts";
import type { EnabledStores } from "./enabled-stores.ts";
import { getFactHistory } from "./get-fact-history.ts";
import { getFact } from "./get-fact.ts";
import { listFactActivity } from "./list-fact-activity.ts";
import { listStores } from "./list-stores.ts";
import { queryFacts } from "./query-facts.ts";
import { traceFact } from "./trace-fact.ts";

/** The tools, in the order an agent meets them. */
export function storeTools(stores: EnabledStores): readonly Tool[] {
  if (stores.all.length === 0) return [];
  return [listStores, getFact, queryFacts, getFactHistory, traceFact, listFactActivity].map((make) => make(stores));
}
