// Shapes in words, for messages: `text`, `"a" or "b"`, `list of whole number`, `{ name, size? }`.

import type { JsonObject, JsonValue } from "../json.ts";
import { shapesOf, type Range, type Shape } from "./shape.ts";

const CHOICES_SHOWN = 6;
const NAMES_SHOWN = 8;
const DEPTH_SHOWN = 2;

/** What a value of one of these shapes is; `root` is the document their references point into. */
export function describeShapes(shapes: readonly Shape[] | undefined, root: JsonObject, depth = 0): string {
  if (shapes === undefined) return "anything";
  const words = [...new Set(shapes.map((shape) => describeShape(shape, root, depth)))];
  if (words.length === 0) return "nothing";
  return words.length <= CHOICES_SHOWN ? words.join(" or ") : `${words.slice(0, CHOICES_SHOWN).join(" or ")} or others`;
}

function describeShape(shape: Shape, root: JsonObject, depth: number): string {
  switch (shape.type) {
    case "value":
      return JSON.stringify(shape.value);
    case "text":
      return withSize("text", shape.range, "character");
    case "number":
      return withRange(shape.integer ? "whole number" : "number", shape.range);
    case "list": {
      const items = shape.first.length === 0 ? shape.items : undefined;
      const inside = items === undefined || items === false || depth >= DEPTH_SHOWN ? "" : ` of ${inner(items, root, depth)}`;
      return withSize("list", shape.range, "item") + inside;
    }
    case "object": {
      const required = [...shape.required].filter((name) => !shape.properties.has(name));
      const names = [...shape.properties.keys()].map((name) => (shape.required.has(name) ? name : `${name}?`));
      const all = [...names, ...required];
      const shown = all.length > NAMES_SHOWN ? [...all.slice(0, NAMES_SHOWN), "…"] : all;
      return shown.length === 0 ? "object" : `{ ${shown.join(", ")} }`;
    }
  }
}

function inner(schema: JsonValue, root: JsonObject, depth: number): string {
  const words = describeShapes(shapesOf({ schema, root }), root, depth + 1);
  return words.includes(" or ") ? `(${words})` : words;
}

function withSize(noun: string, { min, max }: Range, unit: string): string {
  if (min === 0 && max === Number.POSITIVE_INFINITY) return noun;
  const most = max === Number.POSITIVE_INFINITY ? undefined : max;
  const count = most === undefined ? `at least ${min}` : min === most ? `${min}` : min === 0 ? `at most ${most}` : `${min} to ${most}`;
  return `${noun} of ${count} ${unit}${count === "1" || count.endsWith(" 1") ? "" : "s"}`;
}

function withRange(noun: string, { min, max, openMin, openMax }: Range): string {
  // Schemas of whole numbers often carry the limits of what a number can hold exactly: those say nothing to a reader.
  const from = min <= Number.MIN_SAFE_INTEGER ? "" : ` ${openMin ? "above" : "from"} ${min}`;
  const to = max >= Number.MAX_SAFE_INTEGER ? "" : ` ${openMax ? "below" : "up to"} ${max}`;
  return noun + from + to;
}
