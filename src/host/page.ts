// Pages of lists: how long one is, and what a cursor of it says.

import { InputError } from "../errors.ts";

const PAGE_DEFAULT = 50;
const PAGE_LIMIT = 1_000;

/** How many items a page has: 1 to 1,000, 50 when nobody says. */
export function pageSize(limit = PAGE_DEFAULT): number {
  return Math.min(Math.max(1, limit), PAGE_LIMIT);
}

/** The position behind which a page begins; undefined for the first one. @throws InputError `bad_cursor` */
export function afterCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const position = Number(cursor);
  if (!Number.isInteger(position) || position < 1)
    throw new InputError("bad_cursor", `"${cursor}" is no cursor`, { fix: "Pass the cursor of the page before." });
  return position;
}
