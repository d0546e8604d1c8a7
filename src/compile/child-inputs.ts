// Whether the values that contracts are given as children surely do not fit their inputs. Asks no kind: what is given where is what forecasts and needs say.

import type { InputDefinition, NodeDefinition, NodeFinding } from "../graph/graph.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { check, jsonSchemaOf, type Schema } from "../schema.ts";
import { feedOf } from "./feed.ts";
import { compareSchemas, type Misfit } from "./fits.ts";
import { samplesOf } from "./sample.ts";
import { followed, type Place } from "./shape.ts";

/** What is known of values before they are there, by node. */
export type KnownSchemas = ReadonlyMap<string, Place>;

const MISFITS_TOLD = 5;

/** What contracts as children of this node are given and surely cannot take. */
export function checkChildTypes(node: NodeDefinition, known: KnownSchemas): NodeFinding[] {
  const { work } = node.behaviour;
  if (work.type !== "children") return [];
  return Object.entries(work.parts).flatMap(([part, child]) => {
    if (child.inline) return [];
    return child.inputs.flatMap((input) => {
      const feed = placeOf(node, input.name, known);
      const found = feed === undefined ? [] : misfitsOf(feed.place, input.schema);
      return feed === undefined || found.length === 0
        ? []
        : [finding(`part "${part}" runs the contract "${child.name}"`, input, feed.from, found)];
    });
  });
}

/** What is known of the inputs of a child written in place. */
export function knownInside(node: NodeDefinition, inputs: readonly string[], known: KnownSchemas): KnownSchemas {
  return new Map(
    inputs.flatMap((input) => {
      const place = isChanging(node, input) ? undefined : placeOf(node, input, known)?.place;
      return place === undefined ? [] : [[input, place] as const];
    }),
  );
}

/** True for an input that is given something else from the second round on. */
function isChanging({ behaviour: { forecast } }: NodeDefinition, input: string): boolean {
  return forecast?.type === "rounds" && forecast.as === input;
}

function placeOf(node: NodeDefinition, input: string, known: KnownSchemas): { readonly from: string; readonly place: Place } | undefined {
  const feed = feedOf(node, input);
  const place = feed === undefined ? undefined : known.get(feed.from);
  if (feed === undefined || place === undefined) return undefined;
  const given = feed.isItem ? itemsOf(place) : place;
  return given === undefined ? undefined : { from: feed.from, place: given };
}

/** What is known of the items of a list, or the members of a record. */
function itemsOf(place: Place): Place | undefined {
  const given = followed(place);
  if (!isJsonObject(given)) return undefined;
  const { const: literal, type, prefixItems, items, properties, additionalProperties: members } = given;
  if (Array.isArray(literal)) return { schema: { enum: literal }, root: place.root };
  if (isJsonObject(literal)) return { schema: { enum: Object.values(literal) }, root: place.root };
  const inside =
    type === "array" && prefixItems === undefined ? items : type === "object" && properties === undefined ? members : undefined;
  return isJsonObject(inside) ? { schema: inside, root: place.root } : undefined;
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
