// Reads one option of a node by its form: checked now, made into what the language takes once the nodes it names are there.

import { toMilliseconds, type Duration } from "../graph/duration.ts";
import type { Executor } from "../graph/executor.ts";
import type { AnyContract } from "../graph/contract.ts";
import type { Node } from "../graph/node.ts";
import { KindlingError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { parsePrompt } from "../model/prompt.ts";
import type { OptionForm, OptionForms } from "../nodes/form.ts";
import type { ChildDefinition } from "../nodes/child.ts";
import { meant, type Report } from "./report.ts";
import { readSchema, type KnownSchemas } from "./read-schema.ts";

/** What a document may name besides its own nodes. */
export interface Known {
  readonly executors: ReadonlyMap<string, readonly Executor<never, unknown>[]>;
  readonly contracts: ReadonlyMap<string, AnyContract>;
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
    if (form === undefined) report("bad_document", `${at}.${name}`, "is not known here", () => meant(name, [...others, ...Object.keys(forms)]));
    else made.set(name, readOption(value, `${at}.${name}`, form, reader, name));
  }
  for (const [name, form] of Object.entries(forms))
    if (form.optional !== true && !Object.hasOwn(json, name)) report("bad_document", at, `has no "${name}", which must be there`, () => meant(name, Object.keys(json)));
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
      reader.refer(String(json), at);
      return (handleOf) => handleOf(String(json));
    case "list": {
      const members = listOf(json).map((member, index) => readOption(member, `${at}[${index}]`, form.of, reader, part));
      return (handleOf) => members.map((member) => member(handleOf)).filter((member) => member !== undefined);
    }
    case "map": {
      const members = Object.entries(objectOf(json)).map(([name, member]) => [name, readOption(member, `${at}.${name}`, form.of, reader, name)] as const);
      return (handleOf) => presentMembers(members, handleOf);
    }
    case "object": {
      // A child in it is called as the object is: a case by its name, not by the name of the member that holds it.
      const members = [...readOptions(objectOf(json), at, form.members, { ...reader, child: (inside, place) => reader.child(inside, place, part) })];
      const needed = Object.entries(form.members).flatMap(([name, member]) => (member.optional === true ? [] : [name]));
      return (handleOf) => {
        const object = presentMembers(members, handleOf);
        return needed.every((name) => Object.hasOwn(object, name)) ? object : undefined;
      };
    }
    case "either":
      return readOption(json, at, form.of.find((each) => fits(json, each)) ?? form, reader, part);
    case "executor":
      return constant(readExecutor(objectOf(json), at, reader));
    case "schema":
      return constant(readSchema(json, at, report, reader.known.schemas));
    case "matcher":
      return constant(readMatcher(objectOf(json), at, report));
    case "prompt":
      return constant(readPrompt(objectOf(json), at, report));
    case "child":
      return constant(readChild(objectOf(json), at, reader, part));
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

function listOf(json: JsonValue): readonly JsonValue[] {
  return Array.isArray(json) ? json : [];
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
      return isJsonObject(json) && Object.entries(form.members).every(([name, member]) => member.optional === true || Object.hasOwn(json, name));
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

const DESCRIBED: Readonly<Record<OptionForm["type"], string>> = {
  json: "a JSON value",
  text: "a text",
  number: "a number",
  boolean: "true or false",
  duration: 'milliseconds, or a number with ms, s, m, h, d or w, such as "3d"',
  node: "the name of a node",
  executor: 'an executor: { "executor": "key", "version": "1" }',
  schema: 'a JSON Schema: { "type": "string" }',
  matcher: 'a matcher: { "eq": "a" }, { "in": ["a"] }, { "matches": "^a" } or { "min": 1, "max": 9 }',
  prompt: 'a prompt: { "name": "draft", "text": "…" }',
  child: 'a child: { "nodes": […], "outputs": … } or { "contract": "name" }',
  list: "a list",
  map: "an object",
  object: "an object",
  either: "one of its forms",
  code: "left out",
};

function described(form: OptionForm): string {
  if (form.type === "either") return form.of.map(described).join(", or ");
  if (form.type === "text" && form.values !== undefined) return form.values.map((each) => `"${each}"`).join(" or ");
  if (form.type === "object") return `an object with ${Object.keys(form.members).join(", ")}`;
  return DESCRIBED[form.type];
}

/** A value for messages, cut after 80 characters. */
export function shown(json: JsonValue): string {
  const text = JSON.stringify(json);
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

function readExecutor(json: JsonObject, at: string, { report, known }: OptionReader): unknown {
  const { executor: key, version, ...rest } = json;
  for (const name of Object.keys(rest)) report("bad_document", `${at}.${name}`, "is not known here", "An executor has a key and a version.");
  if (typeof key !== "string" || (version !== undefined && typeof version !== "string")) {
    report("bad_document", at, `is ${shown(json)}`, `It must be ${DESCRIBED.executor}.`);
    return undefined;
  }
  const versions = known.executors.get(key) ?? [];
  const found = version === undefined ? versions : versions.filter((each) => each.version === version);
  const [executor] = found;
  if (found.length === 1) return executor;
  const there = versions.map((each) => `"${each.version}"`).join(", ");
  if (versions.length === 0) report("unknown_executor", at, `names the executor "${key}", and there is none`, () => meant(key, known.executors.keys()));
  else if (version === undefined) report("unknown_executor", at, `names the executor "${key}", of which there are the versions ${there}`, "Say which version.");
  else report("unknown_executor", at, `names version "${version}" of the executor "${key}", and there is ${there}`, "Take that version, or hand in the other.");
  return undefined;
}

function readMatcher(json: JsonObject, at: string, report: Report): unknown {
  const { matches, ...rest } = json;
  if (!isJsonObject(matches)) return json;
  const { source, flags } = matches;
  try {
    if (typeof source === "string" && typeof flags === "string") return { ...rest, matches: new RegExp(source, flags) };
    report("bad_matcher", `${at}.matches`, `is ${shown(matches)}`, 'Give text, or { "source": "^a", "flags": "i" }.');
  } catch (error) {
    report("bad_matcher", `${at}.matches`, `is no regular expression: ${error instanceof Error ? error.message : shown(matches)}`, "Give one as JavaScript has them.");
  }
  return undefined;
}

function readPrompt(json: JsonObject, at: string, report: Report): unknown {
  const { name, text, ...rest } = json;
  for (const other of Object.keys(rest)) report("bad_document", `${at}.${other}`, "is not known here", "A prompt has a name and a text.");
  if (typeof name !== "string" || typeof text !== "string" || name === "") {
    report("bad_document", at, `is ${shown(json)}`, `It must be ${DESCRIBED.prompt}.`);
    return undefined;
  }
  try {
    return parsePrompt(text, { name, file: `${at}.text` });
  } catch (error) {
    const message = error instanceof KindlingError ? error.message : "it cannot be parsed";
    report("bad_document", `${at}.text`, `is no prompt: ${message}`, "Write it as a prompt file: a header between lines of ---, then the text.");
    return undefined;
  }
}

function readChild(json: JsonObject, at: string, reader: OptionReader, part: string): unknown {
  if (!("contract" in json)) return reader.child(json, at, part);
  const { contract: name, version, ...rest } = json;
  const { report, known } = reader;
  for (const other of Object.keys(rest)) report("bad_document", `${at}.${other}`, "is not known here", "A contract as a child has a name and a version.");
  if (typeof name !== "string" || (version !== undefined && typeof version !== "string")) {
    report("bad_document", at, `is ${shown(json)}`, `It must be ${DESCRIBED.child}.`);
    return undefined;
  }
  const contract = known.contracts.get(name);
  if (contract === undefined) report("bad_child", at, `names the contract "${name}", and there is none`, () => meant(name, known.contracts.keys()));
  else if (version !== undefined && contract.version !== version)
    report("bad_child", at, `names version "${version}" of the contract "${name}", and there is "${contract.version}"`, "Take that version, or hand in the other.");
  else return contract;
  return undefined;
}
