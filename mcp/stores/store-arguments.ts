// Arguments that several tools about stores take, described once.

import * as z from "zod";
import { type AsOf, InputError } from "../../src/index.ts";
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

/** A day, or a time with its zone: what was known when must not depend on where the server runs. */
const TIME = /^(?<day>\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/** The moment of a question. @throws InputError `bad_as_of` */
export function asOfIn(text: string | undefined): { readonly asOf?: AsOf } {
  if (text === undefined) return {};
  const time = Date.parse(text);
  const { day = "" } = TIME.exec(text)?.groups ?? {};
  // A day that the month does not have would be taken for one of the next month.
  const noon = new Date(`${day}T12:00Z`);
  if (Number.isNaN(time) || Number.isNaN(noon.getTime()) || noon.toISOString().slice(0, 10) !== day)
    throw new InputError("bad_as_of", "as_of is no time", { fix: "Give ISO 8601 with a time zone." });
  return { asOf: { time } };
}
