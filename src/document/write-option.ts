// Writes one option of a node by its form, or tells why no document can hold it.

import { isExecutor } from "../graph/executor.ts";
import type { Graph } from "../graph/graph.ts";
import { isHandle } from "../graph/handle.ts";
import { toJson, type JsonObject, type JsonValue } from "../json.ts";
import type { Prompt } from "../model/prompt.ts";
import type { OptionForm, OptionForms } from "../nodes/form.ts";
import { matcherDetail, type Matcher } from "../nodes/matcher.ts";
import { jsonSchemaOf, outputSchemaOf, type Schema } from "../schema.ts";

/** Where an option is written. */
export interface OptionWriter {
  /** Tells what cannot be written: the option's place in its node, why, and what there is instead. */
  readonly refuse: (option: string, message: string, cure: string) => void;
  readonly child: (graph: Graph) => JsonObject;
}

/** Writes the options that were given, by their names. */
export function writeOptions(options: object, forms: OptionForms, writer: OptionWriter, at = ""): JsonObject {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const written = Object.entries(forms).flatMap(([name, form]): [string, JsonValue][] => {
    const value = given[name];
    if (value === undefined) return [];
    const json = writeOption(value, `${at}${name}`, form, writer);
    return json === undefined ? [] : [[name, json]];
  });
  return Object.fromEntries(written);
}

const INSTEAD: Readonly<Partial<Record<OptionForm["type"], string>>> = {
  text: "Give a path, the name of a member or a text in its place.",
  executor: "Make it an executor with defineExecutor.",
  prompt: "Make it a prompt file.",
  duration: "Give a duration, or compute the time in a node and give that as until.",
  schema: "Use a schema of a library that gives its JSON Schema, without transforms.",
};
const ELSE = "Declare the node in a contract written in code, and run that as a child.";

/** One option as JSON. */
function writeOption(value: unknown, at: string, form: OptionForm, writer: OptionWriter): JsonValue | undefined {
  if (form.type === "code" || !holds(value, form)) {
    const is = typeof value === "function" ? "is a function" : "is nothing that a document can hold";
    writer.refuse(at, is, form.type === "code" ? form.cure : cureOf(form));
    return undefined;
  }
  switch (form.type) {
    case "node":
      return isHandle(value) ? value.name : undefined;
    case "executor":
      return isExecutor(value) ? { executor: value.key, version: value.version } : undefined;
    case "store":
      return nameOf(value);
    case "schema":
      // `holds` made sure of it.
      return jsonSchemaOf(value as Schema);
    case "matcher":
      // It was checked as a matcher when the contract was defined.
      return matcherDetail(value as Matcher);
    case "prompt": {
      const { name, text } = value as Prompt;
      return { name, text };
    }
    case "child":
      // Kinds give their children as graphs.
      return writer.child(value as Graph);
    case "list":
      return membersOf(value).map((member, index) => writeOption(member, `${at}[${index}]`, form.of, writer) ?? null);
    case "map": {
      const members = Object.entries({ ...(value as object) }).filter(([, member]) => member !== undefined);
      return Object.fromEntries(members.map(([name, member]) => [name, writeOption(member, `${at}.${name}`, form.of, writer) ?? null]));
    }
    case "object":
      return writeOptions(value as object, form.members, writer, `${at}.`);
    case "either": {
      const fitting = form.of.find((each) => holds(value, each));
      return fitting === undefined ? undefined : writeOption(value, at, fitting, writer);
    }
    default: {
      const json = toJson(value);
      return json.ok ? json.value : undefined;
    }
  }
}

function cureOf(form: OptionForm): string {
  if (form.type === "either") return form.of.map((each) => INSTEAD[each.type]).find((cure) => cure !== undefined) ?? ELSE;
  return INSTEAD[form.type] ?? ELSE;
}

function membersOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** True when a value of the language can be written in a form. */
function holds(value: unknown, form: OptionForm): boolean {
  switch (form.type) {
    case "json":
      return toJson(value).ok;
    case "text":
      return typeof value === "string" && (form.values === undefined || form.values.includes(value));
    case "number":
    case "boolean":
      return typeof value === form.type;
    case "duration":
      return typeof value === "number" || typeof value === "string";
    case "node":
      return isHandle(value);
    case "executor":
      return isExecutor(value);
    case "store":
      return nameOf(value) !== undefined;
    case "schema":
      return isSchema(value) && jsonSchemaOf(value) !== undefined && outputSchemaOf(value) !== undefined;
    case "prompt":
      // Where another one is kept is code: a document would hold only what stands in for it.
      return isObject(value) && "text" in value && "name" in value && !("resolve" in value);
    case "child":
      return isObject(value) && "nodes" in value && "outputs" in value;
    case "list":
      return Array.isArray(value);
    case "either":
      return form.of.some((each) => holds(value, each));
    case "object":
      return isObject(value) && Object.entries(form.members).every(([name, member]) => member.optional === true || name in value);
    case "map":
    case "matcher":
      return isObject(value);
    case "code":
      return false;
  }
}

/** The name of a store or a history. */
function nameOf(value: unknown): string | undefined {
  return isObject(value) && "name" in value && typeof value.name === "string" ? value.name : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" || typeof value === "function" ? value !== null && "~standard" in value : false;
}
