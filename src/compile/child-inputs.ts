// Whether the values that contracts are given as children surely do not fit their inputs. Asks no kind: what is given where is what forecasts and needs say.

import type { Forecast, InputDefinition, NodeDefinition, NodeFinding } from "../graph/graph.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { check, jsonSchemaOf, type Schema } from "../schema.ts";
import { compareSchemas, type Misfit } from "./fits.ts";
import { samplesOf } from "./sample.ts";
import { followed, type Place } from "./shape.ts";

/** What is known of values before they are there, by node. */
export type KnownSchemas = ReadonlyMap<string, Place>;

/** What a child's input is given: which node's value, or the items of it. */
interface Feed {
  readonly from: string;
  readonly place: Place;
}

const MISFITS_TOLD = 5;

/** What contracts as children of this node are given and surely cannot take. */
export function checkChildTypes(node: NodeDefinition, known: KnownSchemas): NodeFinding[] {
  const { work } = node.behaviour;
  if (work.type !== "children") return [];
  return Object.entries(work.parts).flatMap(([part, child]) => {
    if (child.inline) return [];
    return child.inputs.flatMap((input) => {
      const feed = feedOf(node, input.name, known);
      const found = feed === undefined ? [] : misfitsOf(feed.place, input.schema);
      return feed === undefined || found.length === 0
        ? []
        : [finding(`part "${part}" runs the contract "${child.name}"`, input, feed.from, found)];
    });
  });
}

/** What is known of the inputs of a child written in place. */
export function knownInside(node: NodeDefinition, inputs: readonly string[], known: KnownSchemas): KnownSchemas {
  const feeds = inputs.map((input) => [input, feedOf(node, input, known)?.place] as const);
  return new Map(
    feeds.flatMap(([input, place]) => (place === undefined || isLaterToo(node.behaviour.forecast, input) ? [] : [[input, place]])),
  );
}

/** True for an input that is given something else from the second round on. */
function isLaterToo(forecast: Forecast | undefined, input: string): boolean {
  return forecast?.type === "rounds" && forecast.as === input;
}

function feedOf({ needs, behaviour: { forecast } }: NodeDefinition, input: string, known: KnownSchemas): Feed | undefined {
  const isItem = forecast?.type === "items" && forecast.as === input;
  const local = isItem ? forecast.over : forecast?.type === "rounds" && forecast.as === input ? forecast.from : input;
  // The list and the first value are given under another name, or not at all.
  if (
    local === input &&
    ((forecast?.type === "items" && forecast.over === input) || (forecast?.type === "rounds" && forecast.from === input))
  )
    return undefined;
  const from = Object.hasOwn(needs, local) ? needs[local] : undefined;
  const place = from === undefined ? undefined : known.get(from);
  if (from === undefined || place === undefined) return undefined;
  const given = isItem ? itemsOf(place) : place;
  return given === undefined ? undefined : { from, place: given };
}

/** What is known of the items of a list. */
function itemsOf(place: Place): Place | undefined {
  const list = followed(place);
  if (!isJsonObject(list)) return undefined;
  const literal: JsonValue | undefined = list["const"];
  if (Array.isArray(literal)) return { schema: { enum: literal }, root: place.root };
  const isPlain = list["type"] === "array" && list["prefixItems"] === undefined && isJsonObject(list["items"]);
  return isPlain ? { schema: list["items"], root: place.root } : undefined;
}

const targets = new WeakMap<Schema, { readonly json: JsonObject | undefined }>();

function misfitsOf(source: Place, schema: Schema): readonly Misfit[] {
  const target = targets.get(schema) ?? { json: jsonSchemaOf(schema) };
  targets.set(schema, target);
  const { json } = target;
  if (json === undefined || !isJsonObject(source.schema)) return [];
  const { misfits } = compareSchemas(source.schema, json, source.root);
  if (misfits.length === 0) return [];
  // Schemas that convert (z.coerce) or catch take more than their JSON Schema says: a value they take in spite of it shows that nothing is sure.
  const isLenient = samplesOf(source).some(
    (sample) => compareSchemas({ const: sample }, json).misfits.length > 0 && accepts(schema, sample),
  );
  return isLenient ? [] : misfits;
}

function accepts(schema: Schema, value: JsonValue): boolean {
  try {
    const checked = check(schema, value);
    if (!(checked instanceof Promise)) return checked.ok;
    checked.catch(() => undefined);
    // What is only known later may be yes: then nothing is sure now.
    return true;
  } catch {
    // A schema that throws at a value does not take it.
    return false;
  }
}

function finding(child: string, input: InputDefinition, from: string, misfits: readonly Misfit[]): NodeFinding {
  const told = misfits
    .slice(0, MISFITS_TOLD)
    .map(({ at, gives, takes }) => `${placeIn(input.name, at)} is ${gives} in "${from}" and must be ${takes}`);
  const more = misfits.length > MISFITS_TOLD ? `; and ${misfits.length - MISFITS_TOLD} more` : "";
  return {
    code: "child_input_type",
    severity: "error",
    message: `${child}, whose input "${input.name}" cannot take what "${from}" gives: ${told.join("; ")}${more}`,
    hint: `Change one of the two schemas, or turn the one value into the other with g.compute between them.`,
  };
}

function placeIn(input: string, at: string): string {
  return at === "" || at.startsWith("[") ? input + at : `${input}.${at}`;
}
