// Whether what a node's needs give fits the variables of its prompt file. Only what is sure is told: where a schema says more than is understood, nothing is found.

import type { InputDefinition, NodeDefinition, NodeFinding } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { InputType, PromptVariable } from "../model/prompt.ts";
import { check } from "../schema.ts";
import type { KnownSchemas } from "./child-inputs.ts";
import { describeShapes } from "./describe-shape.ts";
import { shapesOf, type Place, type Shape } from "./shape.ts";

/** Compares each place that the prompt reads. `empty` are the nodes whose value may be nothing although their schema does not say so. */
export function checkPromptTypes(
  { needs, behaviour: { prompt } }: NodeDefinition,
  known: KnownSchemas,
  empty: ReadonlySet<string>,
): NodeFinding[] {
  return (prompt?.variables ?? []).flatMap((variable) => {
    const need = Object.hasOwn(needs, variable.name) ? needs[variable.name] : undefined;
    const place = need === undefined ? undefined : known.get(need);
    if (need === undefined || prompt === undefined) return [];
    // A schema that takes anything takes nothing, too, and says nothing by that.
    const isKnown = place !== undefined && shapesOf(place) !== undefined;
    const start = { places: isKnown ? [place] : undefined, mayBeNothing: isKnown && empty.has(need) };
    return findingsOf({ prompt: prompt.name, need, variable }, start);
  });
}

/** Inputs that may be left out, and are nothing then. */
export function emptyInputs(inputs: readonly InputDefinition[]): ReadonlySet<string> {
  return new Set(inputs.filter(({ hasDefault, schema }) => hasDefault && isNothing(check(schema, undefined))).map(({ name }) => name));
}

function isNothing(checked: ReturnType<typeof check>): boolean {
  if (checked instanceof Promise) {
    // What is only known later is not known now, whatever it will be.
    checked.catch(() => undefined);
    return false;
  }
  return checked.ok && (checked.value === undefined || checked.value === null);
}

/** A variable, and the node that fills it. */
interface Filling {
  readonly prompt: string;
  readonly need: string;
  readonly variable: PromptVariable;
}

/** What may stand at a place; undefined where that may be anything. */
interface Reached {
  readonly places: readonly Place[] | undefined;
  readonly mayBeNothing: boolean;
}

function findingsOf(filling: Filling, start: Reached): NodeFinding[] {
  const { path = [], type } = filling.variable;
  let reached = start;
  for (const [depth, key] of path.entries()) {
    const { places } = reached;
    if (places === undefined) break;
    const next = inside(places, key);
    if (next.places?.length === 0) return [unknownPath(filling, depth, places)];
    reached = { places: next.places, mayBeNothing: reached.mayBeNothing || next.mayBeNothing };
  }
  const shapes = allShapes(reached.places ?? [undefined]);
  const mayBeNothing = reached.mayBeNothing || shapes?.some((shape) => isNull(shape) && shape.exact) === true;
  const wrong = shapes?.some((shape) => !isNull(shape) && !isOfType(shape, type)) === true;
  return [
    ...(wrong ? [wrongType(filling, reached.places ?? [])] : []),
    ...(mayBeNothing && !filling.variable.optional ? [mayBeMissing(filling)] : []),
  ];
}

/** One step into all that may stand at a place. */
function inside(places: readonly Place[], key: string): Reached {
  const found: Place[] = [];
  let mayBeNothing = false;
  for (const place of places) {
    const shapes = shapesOf(place);
    if (shapes === undefined) return { places: undefined, mayBeNothing };
    for (const shape of shapes) {
      const part = partOf(shape, key);
      if (part === "unknown") return { places: undefined, mayBeNothing };
      if (part === "none" || !part.isSure) mayBeNothing = true;
      if (part !== "none") found.push({ schema: part.schema, root: place.root });
    }
  }
  return { places: found, mayBeNothing };
}

function partOf(shape: Shape, key: string): "none" | "unknown" | { readonly schema: Place["schema"]; readonly isSure: boolean } {
  if (shape.type === "object") {
    // Where an object is put together from several schemas, another one may require what this one does not.
    if (shape.properties.has(key)) return { schema: shape.properties.get(key), isSure: shape.required.has(key) || !shape.exact };
    if (shape.rest === undefined) return "unknown";
    return shape.rest === false ? "none" : { schema: shape.rest, isSure: false };
  }
  if (shape.type === "list" && /^\d+$/.test(key)) {
    const index = Number(key);
    const schema = index < shape.first.length ? shape.first[index] : shape.items;
    if (index >= shape.range.max || schema === false) return "none";
    return { schema, isSure: shape.range.min > index || !shape.exact };
  }
  return "none";
}

function allShapes(places: readonly (Place | undefined)[]): readonly Shape[] | undefined {
  const shapes = places.map((place) => (place === undefined ? undefined : shapesOf(place)));
  return shapes.includes(undefined) ? undefined : shapes.flatMap((each) => each ?? []);
}

function isNull(shape: Shape): boolean {
  return shape.type === "value" && shape.value === null;
}

function isOfType(shape: Shape, type: InputType): boolean {
  if (type === "json") return true;
  return shape.type === "value" ? typeof shape.value === type : (shape.type === "text" ? "string" : shape.type) === type;
}

function unknownPath({ prompt, need, variable }: Filling, depth: number, places: readonly Place[]): NodeFinding {
  const { path = [], name } = variable;
  const key = path[depth] ?? "";
  const shapes = allShapes(places) ?? [];
  const names = shapes.flatMap((shape) => (shape.type === "object" ? [...shape.properties.keys()] : []));
  const before = [name, ...path.slice(0, depth)].join(".");
  return {
    code: "prompt_path_unknown",
    severity: "error",
    message: `prompt "${prompt}" reads ${written(variable)}, and ${before} has no "${key}": "${need}" gives ${inWords(places)} there`,
    hint: names.length === 0 ? `Read {{${before}}} as a whole, or change what "${need}" gives.` : didYouMean(key, names),
  };
}

function wrongType({ prompt, need, variable }: Filling, places: readonly Place[]): NodeFinding {
  return {
    code: "prompt_variable_type",
    severity: "error",
    message: `prompt "${prompt}" takes ${written(variable)} as a ${variable.type}, and "${need}" gives ${inWords(places)}`,
    hint: `Declare ${variable.name} as json in the prompt, read a part of it, or make a ${variable.type} of it in a node between them.`,
  };
}

function mayBeMissing({ prompt, need, variable }: Filling): NodeFinding {
  return {
    code: "prompt_variable_optional",
    severity: "error",
    message: `prompt "${prompt}" requires ${written(variable)}, and what "${need}" gives may be without it`,
    hint: `Declare it as ${variable.name}: ${variable.type}? in the prompt, which then prints nothing there; or make sure of a value, by a default or in a node between them.`,
  };
}

function written({ name, path = [] }: PromptVariable): string {
  return `{{${[name, ...path].join(".")}}}`;
}

function inWords(places: readonly Place[]): string {
  return [...new Set(places.map((place) => describeShapes(shapesOf(place), place.root)))].join(" or ");
}
