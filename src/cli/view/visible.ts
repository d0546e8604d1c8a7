// Text from outside as the command line prints it: what a terminal would obey, or a reader could not see, stands there as its code point.

import { visible } from "../../index.ts";

export { HIDDEN_MARK, visible } from "../../index.ts";

/** A copy of JSON-like data with every text in it made visible, keys included. */
export function visibleCopy<T>(value: T): T {
  // The copy has the shape of the original: only the characters of its texts change.
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value === "string") return visible(value);
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [visible(key), copy(member)]));
  return value;
}
