// Whether every value of one JSON Schema fits another. Only what is sure is told: where a schema says more than is understood here, nothing is found.
// Knows no graphs.

import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { describeShapes } from "./describe-shape.ts";
import {
  followed,
  isApart,
  isEmpty,
  overlap,
  shapesOf,
  wholes,
  type ListShape,
  type NumberShape,
  type ObjectShape,
  type Range,
  type Shape,
  type TextShape,
} from "./shape.ts";

/** A place where a value of the source may be what the target refuses. */
export interface Misfit {
  /** The place inside the value, `order.total`; empty for the value itself. */
  readonly at: string;
  /** What the source gives there, in words: `text or null`. */
  readonly gives: string;
  /** What the target takes there. */
  readonly takes: string;
}

/** What comparing two schemas found. `never` is true when no value of the source fits at all. */
export interface Comparison {
  readonly misfits: readonly Misfit[];
  readonly never: boolean;
}

/** Where values of the source surely do not fit the target; empty when all fit, and also when that cannot be known. */
export function misfits(source: JsonObject, target: JsonObject): readonly Misfit[] {
  return compareSchemas(source, target).misfits;
}

/** The same, and whether any value fits. References of the source point into `sourceRoot`. */
export function compareSchemas(source: JsonObject, target: JsonObject, sourceRoot: JsonObject = source): Comparison {
  return compare({ sourceRoot, targetRoot: target, known: new Map() }, source, target);
}

interface Comparing {
  readonly sourceRoot: JsonObject;
  readonly targetRoot: JsonObject;
  /** What was compared already; a pair that is being compared counts as fitting, so that recursive schemas come to an end. */
  readonly known: Map<JsonObject, Map<JsonObject, Comparison>>;
}

type Schema = JsonValue | undefined;

const FITS: Comparison = Object.freeze({ misfits: [], never: false });

function compare(comparing: Comparing, from: Schema, to: Schema): Comparison {
  const source = followed({ schema: from, root: comparing.sourceRoot });
  const target = followed({ schema: to, root: comparing.targetRoot });
  if (!isJsonObject(source) || !isJsonObject(target)) return compareShapes(comparing, source, target);
  const known = comparing.known.get(source) ?? new Map<JsonObject, Comparison>();
  comparing.known.set(source, known);
  const before = known.get(target);
  if (before !== undefined) return before;
  known.set(target, FITS);
  const comparison = compareShapes(comparing, source, target);
  known.set(target, comparison);
  return comparison;
}

/** Every shape of the source is one the target takes; shapes that are refused as a whole are told together. */
function compareShapes(comparing: Comparing, source: Schema, target: Schema): Comparison {
  const given = shapesOf({ schema: source, root: comparing.sourceRoot });
  const taken = shapesOf({ schema: target, root: comparing.targetRoot });
  if (given === undefined || taken === undefined || given.length === 0) return FITS;
  const compared = given.map((shape) => ({ shape, result: compareShape(comparing, shape, taken) }));
  const wrong = compared.filter(({ result }) => result !== FITS);
  if (wrong.length === 0) return FITS;
  const whole = wrong.filter(({ result }) => result.misfits.length === 0).map(({ shape }) => shape);
  const here = whole.length === 0 ? [] : [{ at: "", ...inWords(comparing, whole, taken) }];
  const inside = wrong.flatMap(({ result }) => result.misfits);
  return { misfits: [...here, ...distinct(inside)], never: wrong.length === given.length && wrong.every(({ result }) => result.never) };
}

function inWords({ sourceRoot, targetRoot }: Comparing, given: readonly Shape[], taken: readonly Shape[]): Pick<Misfit, "gives" | "takes"> {
  return { gives: describeShapes(given, sourceRoot), takes: describeShapes(taken, targetRoot) };
}

function distinct(misfits: readonly Misfit[]): readonly Misfit[] {
  return [...new Map(misfits.map((misfit) => [`${misfit.at} ${misfit.gives} ${misfit.takes}`, misfit])).values()];
}

/** The shape itself is refused: all of it, or some of it. Who compares the schemas says so in words. */
const NEVER: Comparison = Object.freeze({ misfits: [], never: true });
const NOT_ALWAYS: Comparison = Object.freeze({ misfits: [], never: false });

/**
 * One shape against all that the target takes. With several ways to fit, a value that one of them refuses may fit another: something is sure only when all
 * but one refuse every value.
 */
function compareShape(comparing: Comparing, shape: Shape, taken: readonly Shape[]): Comparison {
  const listed = taken.filter((each) => each.type === "value").map(({ value }) => value);
  const others = taken.flatMap((each) => (each.type === "value" ? [] : [{ each, result: compareToShape(comparing, shape, each) }]));
  const results = [...(listed.length === 0 ? [] : [compareToValues(shape, listed)]), ...others.map(({ result }) => result)];
  if (results.includes(FITS)) return FITS;
  const partly = results.filter((result) => !result.never);
  const [only] = partly;
  if (only !== undefined) return partly.length === 1 && shape.exact ? only : FITS;
  // The alternative that was meant is the one that is no other by its own words: what is wrong is told inside of it.
  const meant = others.filter(({ each }) => !isApart(shape, each));
  const [told] = meant;
  return told !== undefined && meant.length === 1 && told.result.misfits.length > 0 ? told.result : NEVER;
}

function compareToValues(shape: Shape, values: readonly (string | number | boolean | null)[]): Comparison {
  switch (shape.type) {
    case "value":
      return values.includes(shape.value) ? FITS : NEVER;
    case "text": {
      if (!values.some((value) => typeof value === "string" && isWithin(lengthOf(value), shape.range))) return NEVER;
      // From one character on there are more texts than anybody lists.
      return shape.range.max >= 1 ? NOT_ALWAYS : FITS;
    }
    case "number": {
      const fitting = values.filter((value) => typeof value === "number" && isNumberOf(shape, value));
      return fitting.length === 0 ? NEVER : countOf(shape) > fitting.length ? NOT_ALWAYS : FITS;
    }
    default:
      return NEVER;
  }
}

function compareToShape(comparing: Comparing, shape: Shape, target: Exclude<Shape, { readonly type: "value" }>): Comparison {
  if (shape.type === "value") return isValueOf(target, shape.value) ? FITS : NEVER;
  if (shape.type === "number" && target.type === "number") return compareNumbers(shape, target);
  if (shape.type === "text" && target.type === "text") return compareRanges(shape.range, target.range);
  if (shape.type === "list" && target.type === "list") return compareLists(comparing, shape, target);
  if (shape.type === "object" && target.type === "object") return compareObjects(comparing, shape, target);
  return NEVER;
}

function compareNumbers(shape: NumberShape, target: NumberShape): Comparison {
  if (isEmpty(overlap(shape.range, target.range))) return NEVER;
  if (!target.integer || shape.integer) return FITS;
  if (shape.range.min < shape.range.max) return NOT_ALWAYS;
  return Number.isInteger(shape.range.min) ? FITS : NEVER;
}

/** Bounds that are only narrower are not told: most authors give them to one side. */
function compareRanges(range: Range, target: Range): Comparison {
  return isEmpty(overlap(range, target)) ? NEVER : FITS;
}

function compareLists(comparing: Comparing, shape: ListShape, target: ListShape): Comparison {
  if (isEmpty(overlap(shape.range, target.range))) return NEVER;
  const places = Math.min(Math.max(shape.first.length, target.first.length), shape.range.max, target.range.max);
  const parts = Array.from({ length: places }, (_, index) =>
    under(`[${index}]`, compare(comparing, itemAt(shape, index), itemAt(target, index)), shape.range.min > index),
  );
  if (shape.range.max > places && target.range.max > places)
    parts.push(under("[]", compare(comparing, shape.items, target.items), shape.range.min > places));
  return together(parts);
}

function itemAt({ first, items }: ListShape, index: number): Schema {
  return index < first.length ? first[index] : items;
}

function compareObjects(comparing: Comparing, shape: ObjectShape, target: ObjectShape): Comparison {
  const missing = [...target.required]
    .filter((name) => !shape.required.has(name))
    .map((name) => compareMissing(comparing, name, shape, target));
  const declared = [...shape.properties].map(([name, schema]) => {
    const taken = target.properties.get(name) ?? target.rest;
    const compared = taken === false ? notTaken(comparing, schema) : compare(comparing, schema, taken);
    return under(name, compared, shape.required.has(name));
  });
  const rest =
    shape.rest === undefined || shape.rest === false || target.rest === undefined ? FITS : restOf(comparing, shape.rest, target.rest);
  return together([...missing, ...declared, rest]);
}

/** A property that must be there and need not be, or never is. */
function compareMissing({ sourceRoot, targetRoot }: Comparing, name: string, shape: ObjectShape, target: ObjectShape): Comparison {
  const schema = shape.properties.get(name);
  const takes = describeShapes(shapesOf({ schema: target.properties.get(name), root: targetRoot }), targetRoot);
  if (schema === undefined) {
    const never = shape.rest === false;
    return { misfits: [{ at: name, gives: never ? "nothing" : "perhaps nothing", takes }], never };
  }
  return {
    misfits: [{ at: name, gives: `${describeShapes(shapesOf({ schema, root: sourceRoot }), sourceRoot)} or nothing`, takes }],
    never: false,
  };
}

function notTaken({ sourceRoot }: Comparing, schema: JsonValue): Comparison {
  const shapes = shapesOf({ schema, root: sourceRoot });
  if (shapes?.length === 0) return FITS;
  return { misfits: [{ at: "", gives: describeShapes(shapes, sourceRoot), takes: "no such property" }], never: true };
}

function restOf(comparing: Comparing, source: JsonValue, target: JsonValue): Comparison {
  return under("*", target === false ? notTaken(comparing, source) : compare(comparing, source, target), false);
}

/** What was found inside a part of the value. Where the part need not be there, a value without it may fit. */
function under(name: string, { misfits, never }: Comparison, isSure: boolean): Comparison {
  if (misfits.length === 0) return FITS;
  const at = misfits.map((misfit) => ({
    ...misfit,
    at: misfit.at === "" || misfit.at.startsWith("[") ? name + misfit.at : `${name}.${misfit.at}`,
  }));
  return { misfits: at, never: never && isSure };
}

function together(parts: readonly Comparison[]): Comparison {
  const found = parts.flatMap((part) => part.misfits);
  return found.length === 0 ? FITS : { misfits: found, never: parts.some((part) => part.never) };
}

function isValueOf(target: NumberShape | TextShape | ListShape | ObjectShape, value: string | number | boolean | null): boolean {
  if (target.type === "number") return typeof value === "number" && isNumberOf(target, value);
  return target.type === "text" && typeof value === "string" && isWithin(lengthOf(value), target.range);
}

/** JSON Schema counts characters as code points. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

function isNumberOf({ integer, range }: NumberShape, value: number): boolean {
  return isWithin(value, range) && (!integer || Number.isInteger(value));
}

function isWithin(value: number, { min, max, openMin, openMax }: Range): boolean {
  return (openMin ? value > min : value >= min) && (openMax ? value < max : value <= max);
}

/** How many numbers a shape holds. */
function countOf({ integer, range }: NumberShape): number {
  if (!integer) return range.min === range.max ? 1 : Number.POSITIVE_INFINITY;
  const { min, max } = wholes(range);
  return max - min + 1;
}
