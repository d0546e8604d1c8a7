// An input that a contract takes, for an agent to begin with. Made of the inputs' JSON Schemas, and then checked by the inputs themselves: a wrong example is worse than none.

import { type AnyContract, isJsonObject, type JsonObject, type JsonValue } from "../src/index.ts";
import { exampleValue } from "./example-value.ts";
import { sizeOf } from "./shorten.ts";

const SIZE_LIMIT = 2_000;

/** What a schema of any library offers for checking a value. */
type Checked = AnyContract["graph"]["inputs"][number]["schema"];

/** An input that the contract takes; undefined where none could be made that fits. Inputs that may be left out are in it where their schema says a default or examples. */
export async function exampleInput({ graph }: AnyContract, inputSchema: JsonObject): Promise<JsonObject | undefined> {
  const { properties } = inputSchema;
  const members: [name: string, value: JsonValue][] = [];
  for (const { name, schema, hasDefault } of graph.inputs) {
    const member = memberOf(properties, name);
    if (hasDefault && member["default"] === undefined && member["examples"] === undefined) continue;
    const value = exampleValue(member, name, inputSchema);
    if (value !== undefined && (await isTaken(schema, value))) members.push([name, value]);
    else if (!hasDefault) return undefined;
  }
  const input = Object.fromEntries(members);
  return sizeOf(input) > SIZE_LIMIT ? undefined : input;
}

function memberOf(properties: JsonValue | undefined, name: string): JsonObject {
  const member = isJsonObject(properties) ? properties[name] : undefined;
  return isJsonObject(member) ? member : {};
}

/** A schema whose own code fails on what is made up takes it no more than one that refuses it. */
async function isTaken(schema: Checked, value: JsonValue): Promise<boolean> {
  try {
    return (await schema["~standard"].validate(value)).issues === undefined;
  } catch {
    // What it throws is about a value that nobody gave.
    return false;
  }
}
