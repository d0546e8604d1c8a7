// Reads one option of a node by its form: checked now, made into what the language takes once the nodes it names are there.

import { toMilliseconds, type Duration } from "../graph/duration.ts";
import type { Node } from "../graph/node.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { OptionForm, OptionForms } from "../nodes/form.ts";
import type { ChildDefinition } from "../nodes/child.ts";
import { describedAs, readContract, readExecutor, readMatcher, readPrompt, readStore, shown, type Named } from "./read-reference.ts";
import { readSchema, type KnownSchemas } from "./read-schema.ts";
import { meant, type Report } from "./report.ts";

/** What a document may name besides its own nodes, and the schemas that were read of it. */
export interface Known extends Named {
  readonly schemas: KnownSchemas;
}

/** The handle of a node that is there. */
export type HandleOf = (name: string) => Node<unknown>;
/** An option as the language takes it. */
export type Made = (handleOf: HandleOf) => unknown;

/** Where an option is read. */
export interface OptionReader {
  readonly report: Report;
  readonly known: Known;
  /** Remembers that a node is named here. */
  readonly refer: (name: string, at: string) => void;
  /** Reads a child written in place; `part` is its case, or the option it is. */
  readonly child: (json: JsonObject, at: string, part: string) => ChildDefinition;
}

/** Reads options of an object; `others` are the names in it that are read elsewhere. */
export function readOptions(
  json: JsonObject,
  at: string,
  forms: OptionForms,
  reader: OptionReader,
  others: readonly string[] = [],
): ReadonlyMap<string, Made> {
  const { report } = reader;
  const made = new Map<string, Made>();
  for (const [name, value] of Object.entries(json)) {
    const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
    if (others.includes(name)) continue;
    if (form === undefined)
      report("bad_document", `${at}.${name}`, "is not known here", () => meant(name, [...others, ...Object.keys(forms)]));
    else made.set(name, readOption(value, `${at}.${name}`, form, reader, name));
  }
  for (const [name, form] of Object.entries(forms))
    if (form.optional !== true && !Object.hasOwn(json, name))
      report("bad_document", at, `has no "${name}", which must be there`, () => meant(name, Object.keys(json)));
  return made;
}

const NOTHING: Made = () => undefined;

/** Reads one option; `part` is the name of a child that it may be. */
export function readOption(json: JsonValue, at: string, form: OptionForm, reader: OptionReader, part: string): Made {
  const { report } = reader;
  const wrong = (): Made => {
    report("bad_document", at, `is ${shown(json)}`, `It must be ${described(form)}.`);
    return NOTHING;
  };
  if (!fits(json, form)) {
    if (form.type !== "code") return wrong();
    report("bad_document", at, "is code, which no document can hold", form.cure);
    return NOTHING;
  }
  switch (form.type) {
    case "node":
      // It is a text: that is what fits.
      reader.refer(json as string, at);
      return (handleOf) => handleOf(json as string);
    case "list": {
      const members = listOf(json).map((member, index) => readOption(member, `${at}[${index}]`, form.of, reader, part));
      return (handleOf) => members.map((member) => member(handleOf)).filter((member) => member !== undefined);
    }
    case "map": {
      const members = Object.entries(objectOf(json)).map(
        ([name, member]) => [name, readOption(member, `${at}.${name}`, form.of, reader, name)] as const,
      );
      return (handleOf) => presentMembers(members, handleOf);
    }
    case "object": {
      // A child in it is called as the object is: a case by its name, not by the name of the member that holds it.
      const members = [
        ...readOptions(objectOf(json), at, form.members, { ...reader, child: (inside, place) => reader.child(inside, place, part) }),
      ];
      const needed = Object.entries(form.members).flatMap(([name, member]) => (member.optional === true ? [] : [name]));
      return (handleOf) => {
        const object = presentMembers(members, handleOf);
        return needed.every((name) => Object.hasOwn(object, name)) ? object : undefined;
      };
    }
    case "either":
      return readOption(json, at, form.of.find((each) => fits(json, each)) ?? form, reader, part);
    case "executor":
      return constant(readExecutor(objectOf(json), at, reader.known, report));
    case "store":
      return constant(readStore(json as string, at, reader.known, report));
    case "schema":
      return constant(readSchema(json, at, report, reader.known.schemas));
    case "matcher":
      return constant(readMatcher(objectOf(json), at, report));
    case "prompt":
      return constant(readPrompt(objectOf(json), at, report));
    case "child":
      return constant(
        "contract" in objectOf(json) ? readContract(objectOf(json), at, reader.known, report) : reader.child(objectOf(json), at, part),
      );
    default:
      return constant(json);
  }
}

/** The members that could be read: of others a finding was told. */
function presentMembers(members: readonly (readonly [string, Made])[], handleOf: HandleOf): object {
  return Object.fromEntries(members.map(([name, member]) => [name, member(handleOf)] as const).filter(([, value]) => value !== undefined));
}

function constant(value: unknown): Made {
  return () => value;
}

/** The members of a list; of anything else there are none. */
export function listOf(json: JsonValue): readonly JsonValue[] {
  return isList(json) ? json : [];
}

function isList(json: JsonValue): json is readonly JsonValue[] {
  return Array.isArray(json);
}

function objectOf(json: JsonValue): JsonObject {
  return isJsonObject(json) ? json : {};
}

/** True when a value has the look of what a form takes; the rest is told when it is read. */
export function fits(json: JsonValue, form: OptionForm): boolean {
  switch (form.type) {
    case "json":
      return true;
    case "text":
      return typeof json === "string" && (form.values === undefined || form.values.includes(json));
    case "node":
    case "store":
      return typeof json === "string";
    case "number":
    case "boolean":
      return typeof json === form.type;
    case "duration":
      return (typeof json === "number" || typeof json === "string") && toMilliseconds(json as Duration) !== undefined;
    case "list":
      return Array.isArray(json);
    case "either":
      return form.of.some((each) => fits(json, each));
    case "object":
      return (
        isJsonObject(json) && Object.entries(form.members).every(([name, member]) => member.optional === true || Object.hasOwn(json, name))
      );
    case "child":
      return isJsonObject(json) && ("nodes" in json || "contract" in json);
    case "code":
      return false;
    case "map":
    case "executor":
    case "schema":
    case "matcher":
    case "prompt":
      return isJsonObject(json);
  }
}

function described(form: OptionForm): string {
  if (form.type === "either") return form.of.map(described).join(", or ");
  if (form.type === "text" && form.values !== undefined) return form.values.map((each) => `"${each}"`).join(" or ");
  if (form.type === "object") return `an object with ${Object.keys(form.members).join(", ")}`;
  return describedAs(form.type);
}
