// Arguments that several tools about stores take, described once.

import * as z from "zod";
import type { AsOf } from "../../src/index.ts";
import type { EnabledStores } from "./enabled-stores.ts";

/** A store by its name. One that is not enabled is refused by the tool, with a code of its own. */
export function storeArgument(stores: EnabledStores) {
  return z
    .string()
    .min(1)
    .max(64)
    .describe(`One of ${stores.names.join(", ")}`);
}

/** A key, or a part of a history. */
export const KeyArgument = z.string().max(256).describe("Its key");

/** A time. */
export const Moment = z.string().min(1).max(40);

/** A cursor of the page before. */
export const Cursor = z.string().min(1).max(2_000).optional().describe("next_cursor of the page before");

/** How many: always said, since it decides what a question costs. */
export const Limit = z.int().min(1).max(50).describe("Facts at most");

/** The moment of a question. */
export function asOfIn(text: string | undefined): { readonly asOf?: AsOf } {
  return text === undefined ? {} : { asOf: { time: text } };
}
