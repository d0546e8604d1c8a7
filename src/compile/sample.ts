// Values that a JSON Schema accepts, as far as it is understood: small ones, to ask a schema whether it says of itself what is true.

import type { JsonValue } from "../json.ts";
import { shapesOf, wholes, type Place, type Range, type Shape } from "./shape.ts";

const DEPTH_LIMIT = 6;
/** How many different values are made; several alternatives take turns. */
const VARIANTS = 6;
const TEXTS = ["1", "text", "", "true"];

/** Some values of a schema. They may break what no shape shows: patterns, formats, conditions. */
export function samplesOf(place: Place): readonly JsonValue[] {
  return Array.from({ length: VARIANTS }, (_, variant) => sampleOf(place, variant, 0)).flatMap((sample) =>
    sample === undefined ? [] : [sample.value],
  );
}

function sampleOf(place: Place, variant: number, depth: number): { readonly value: JsonValue } | undefined {
  const shapes = depth > DEPTH_LIMIT ? [] : (shapesOf(place) ?? []);
  const shape = shapes[variant % Math.max(1, shapes.length)];
  return shape === undefined ? undefined : { value: valueOf(shape, place, Math.floor(variant / shapes.length), depth) };
}

function valueOf(shape: Shape, place: Place, variant: number, depth: number): JsonValue {
  const inside = (schema: JsonValue | undefined): JsonValue => sampleOf({ schema, root: place.root }, variant, depth + 1)?.value ?? null;
  switch (shape.type) {
    case "value":
      return shape.value;
    case "number":
      return numberIn(shape.integer ? wholes(shape.range) : shape.range);
    case "text":
      return (TEXTS[variant % TEXTS.length] ?? "").padEnd(shape.range.min, "1").slice(0, shape.range.max);
    case "list": {
      const length = Math.min(Math.max(shape.range.min, shape.first.length, 1), shape.range.max, LENGTH_LIMIT);
      return Array.from({ length }, (_, index) => inside(shape.first[index] ?? shape.items));
    }
    case "object":
      return Object.fromEntries([...shape.properties].map(([name, schema]) => [name, inside(schema)]));
  }
}

const LENGTH_LIMIT = 16;

function numberIn({ min, max }: Range): number {
  if (min <= 1 && max >= 1) return 1;
  return Number.isFinite(min) && Number.isFinite(max) ? (min + max) / 2 : Number.isFinite(min) ? min + 1 : max - 1;
}
