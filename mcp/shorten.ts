// Cutting JSON to a size while it stays JSON of the same form, with a note wherever something was left out. Knows nothing of tools.

import { isJsonObject, type JsonObject, type JsonValue } from "../src/index.ts";

/** Characters of the JSON text of one result; longer ones are cut. Clients keep results of this size in view. */
export const RESULT_LIMIT = 40_000;

/** The smallest budget that `shorten` can keep. */
export const SMALLEST_BUDGET = 80;

/** Room for a note about what is missing. */
const NOTE_SIZE = 40;
/** A member of a list or an object gets at least this, however many there are. */
const SMALLEST_SHARE = 40;
/** An item of a list gets at least this, where the list has it: the first ones whole tell more than a little of each. */
const ITEM_SHARE = 200;
const NOTE_KEY = "…";

/** Characters of a value's JSON text. */
export function sizeOf(value: unknown): number {
  return (JSON.stringify(value) ?? "").length;
}

/** A value whose JSON text has at most `budget` characters (at least `SMALLEST_BUDGET`), with notes where something was cut. */
export function shorten(value: JsonValue, budget: number): { readonly value: JsonValue; readonly isCut: boolean } {
  if (sizeOf(value) <= budget) return { value, isCut: false };
  return { value: cut(value, Math.max(budget, SMALLEST_BUDGET)), isCut: true };
}

/** A text of at most `limit` characters; one that was cut ends with a note. */
export function shortenText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const note = `… (${text.length} characters)`;
  // `toWellFormed` replaces half of a pair that the cut may have left.
  return `${text.slice(0, Math.max(0, limit - note.length))}${note}`.toWellFormed();
}

function cut(value: JsonValue, budget: number): JsonValue {
  if (sizeOf(value) <= budget) return value;
  if (typeof value === "string") return cutString(value, budget);
  if (isJsonObject(value)) return cutObject(value, budget);
  // What is neither string, object nor list is never longer than the smallest share.
  return Array.isArray(value) ? cutList(value, budget) : value;
}

function cutString(text: string, budget: number): string {
  let limit = Math.min(text.length - 1, budget - 2);
  // Escapes make the JSON text longer than the string: `\u0000` takes six characters, so this ends after a few rounds.
  for (;;) {
    const short = shortenText(text, limit);
    const over = sizeOf(short) - budget;
    if (over <= 0 || limit <= 0) return short;
    limit -= Math.max(1, Math.ceil(over / 6));
  }
}

function cutList(list: readonly JsonValue[], budget: number): JsonValue {
  const kept: JsonValue[] = [];
  let left = budget - 2 - NOTE_SIZE;
  for (const [index, item] of list.entries()) {
    const share = Math.max(Math.min(ITEM_SHARE, left), Math.floor(left / (list.length - index)));
    const isWhole = sizeOf(item) < share;
    // The end of the room is not for a bit of one more.
    if (left < SMALLEST_SHARE || (!isWhole && share < ITEM_SHARE && kept.length > 0)) return [...kept, `… ${list.length - index} more`];
    const short = cut(item, share - 1);
    kept.push(short);
    left -= sizeOf(short) + 1;
  }
  return kept;
}

function cutObject(object: JsonObject, budget: number): JsonObject {
  const kept: Record<string, JsonValue> = {};
  const members = Object.entries(object);
  let left = budget - 2 - NOTE_SIZE;
  for (const [index, [key, member]] of members.entries()) {
    const keySize = sizeOf(key) + 2;
    const share = Math.max(SMALLEST_SHARE, Math.floor(left / (members.length - index)) - keySize);
    if (left < share + keySize) return { ...kept, [NOTE_KEY]: `${members.length - index} more` };
    const short = cut(member, share);
    kept[key] = short;
    left -= sizeOf(short) + keySize;
  }
  return kept;
}
