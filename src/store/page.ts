// Parts of lists: how much, in which order, from where on. A cursor knows the list and the ledger that it belongs to, and is refused everywhere else.

import { InputError } from "../errors.ts";
import { type JsonValue, parseJson } from "../json.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { assertOptions } from "../graph/given.ts";
import { sha256 } from "../sha256.ts";

/** Which part of a list. */
export interface PageOptions {
  /** 1 to 1,000; 100 when left out. */
  readonly limit?: number;
  /** Of the part before: of the same list in the same order, of the same ledger. */
  readonly cursor?: string;
  readonly newestFirst?: boolean;
}

/** A part as it is looked for. */
export interface Part {
  readonly limit: number;
  readonly newestFirst: boolean;
  readonly after: { readonly after?: number };
  /** What its cursors belong to. */
  readonly question: string;
}

const LIMIT = 100;
const LIMIT_MOST = 1_000;
const QUESTION_DIGITS = 16;

/** @param list what tells it from all other lists @throws InputError `bad_limit`, `bad_cursor` */
export function pageOf(options: PageOptions, ledger: Pick<Ledger, "id">, list: readonly unknown[]): Part {
  assertOptions("a part of a list", options);
  const { limit, cursor, newestFirst = false } = options;
  const question = questionOf(ledger, [...list, newestFirst]);
  const part = { limit: limitOf(limit), newestFirst, after: {}, question };
  if (cursor === undefined) return part;
  const [after] = placeIn(cursor, question);
  if (typeof after !== "number") throw noCursor();
  return { ...part, after: { after } };
}

/** The cursor of what stands behind a part; undefined where there is nothing. @param found one more than the part, where there is one @param last where the last one of the part stands */
export function nextOf({ limit, question }: Part, found: readonly unknown[], last: number | undefined): string | undefined {
  return found.length > limit && last !== undefined ? cursorOf([last], question) : undefined;
}

/** @throws InputError `bad_limit` */
export function limitOf(limit = LIMIT): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MOST) return limit;
  throw new InputError("bad_limit", `limit is ${limit}`, { fix: `Give a whole number from 1 to ${LIMIT_MOST}.` });
}

/** What cursors belong to: a question to a ledger. */
export function questionOf({ id }: Pick<Ledger, "id">, parts: readonly unknown[]): string {
  return sha256(JSON.stringify([id, ...parts])).slice(0, QUESTION_DIGITS);
}

/** A place in the answer to a question, as callers hand it back. */
export function cursorOf(place: readonly JsonValue[], question: string): string {
  return Buffer.from(JSON.stringify([question, ...place])).toString("base64url");
}

/** The place in a cursor. @throws InputError `bad_cursor` */
export function placeIn(cursor: unknown, question: string): readonly unknown[] {
  const parts = typeof cursor === "string" ? parseJson(Buffer.from(cursor, "base64url").toString("utf8")) : undefined;
  const list: readonly unknown[] = Array.isArray(parts) ? parts : [];
  const [of, ...place] = list;
  if (typeof of !== "string") throw noCursor();
  if (of === question) return place;
  throw new InputError("bad_cursor", "the cursor belongs to another question, or to another ledger", {
    fix: "Ask for the same, in the same order, as for the page before; only limit may differ.",
  });
}

/** What is no cursor at all. */
export function noCursor(): InputError {
  return new InputError("bad_cursor", "the cursor is none of a page", { fix: "Pass cursor of the page before as it is." });
}
