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

/** Longest key and longest text in an index, in UTF-16 units. */
const TEXT_LIMIT = 256;

/** A key, or a part of a history. */
export const KeyArgument = z.string().max(TEXT_LIMIT).describe("Its key");

/** What may stand in an index. */
export const IndexArgument = z.union([z.string().max(TEXT_LIMIT), z.number(), z.boolean(), z.null()], {
  error: `expected a text of at most ${TEXT_LIMIT} characters, a number, true, false or null`,
});

/** What a text in an index begins with. */
export const BeginningArgument = z.string().max(TEXT_LIMIT);

/** A time. */
export const Moment = z.string().min(1).max(40);

/** Longest cursor: one of an index holds what the last value of the page stands under, and the longest of those texts takes 4,132 characters. */
const CURSOR_LIMIT = 5_000;

/** A cursor of the page before. */
export const Cursor = z.string().min(1).max(CURSOR_LIMIT).optional().describe("next_cursor of the page before");

/** How many: always said, since it decides what a question costs. */
export const Limit = z.int().min(1).max(50).describe("Facts at most");

/** The moment of a question. */
export function asOfIn(text: string | undefined): { readonly asOf?: AsOf } {
  return text === undefined ? {} : { asOf: { time: text } };
}
