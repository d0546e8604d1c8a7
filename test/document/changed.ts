// A document with one thing in it changed.

import type { JsonObject } from "kindling";

/** The JSON of a text with one of its values exchanged, taken away or joined by another. */
export function changed(text: string, place: number, value: unknown, how: string): unknown {
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const walk = (holder: object): void => {
    for (const [key, member] of Object.entries(holder)) {
      places.push({ holder: holder as Record<string, unknown>, key });
      if (typeof member === "object" && member !== null) walk(member as object);
    }
  };
  const root = JSON.parse(text) as JsonObject;
  walk(root);
  const { holder, key } = places[place % places.length] ?? { holder: {}, key: "" };
  if (how === "delete") delete holder[key];
  else holder[how === "add" ? `${key}x` : key] = value;
  return root;
}
