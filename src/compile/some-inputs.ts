// Some of a run's inputs against their schemas: what is given, missing and wrong. A schema that cannot answer at once is not waited for.

import type { Graph, InputDefinition } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import { toJson, type JsonValue } from "../json.ts";
import { check, type Checked, type Issue } from "../schema.ts";

/** Inputs as far as they are given. */
export interface SomeInputs {
  readonly given: readonly string[];
  /** Left out, which they may be. */
  readonly defaulted: readonly string[];
  readonly missing: readonly string[];
  readonly invalid: readonly Issue[];
  /** The inputs without which a run cannot start: those that are missing or invalid. */
  readonly lacking: ReadonlySet<string>;
  /** The values that are known, checked and with defaults filled in. */
  readonly values: ReadonlyMap<string, JsonValue>;
}

/** What one input is. */
type Read =
  | { readonly type: "given" | "defaulted"; readonly value: JsonValue | undefined }
  | { readonly type: "missing" }
  | { readonly type: "invalid"; readonly issues: readonly Issue[] };

/** Reads what there is of a graph's inputs. Names that are no inputs are invalid. */
export function readSomeInputs(graph: Graph, given: unknown): SomeInputs {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    const issue = { at: "", message: "inputs must be an object" };
    const missing = graph.inputs.filter((input) => !input.hasDefault).map(({ name }) => name);
    return { given: [], defaulted: [], missing, invalid: [issue], lacking: new Set(missing), values: new Map() };
  }
  const members = new Map<string, unknown>(Object.entries(given));
  const names = graph.inputs.map(({ name }) => name);
  const reads = graph.inputs.map((input) => ({ name: input.name, read: readInput(input, members.get(input.name)) }));
  const of = (type: Read["type"]) => reads.filter(({ read }) => read.type === type).map(({ name }) => name);
  const strangers = [...members.keys()].filter((name) => !names.includes(name));
  return {
    given: of("given"),
    defaulted: of("defaulted"),
    missing: of("missing"),
    invalid: [
      ...reads.flatMap(({ name, read }) => (read.type === "invalid" ? read.issues.map((issue) => within(name, issue)) : [])),
      ...strangers.map((name) => ({ at: name, message: `no such input. ${didYouMean(name, names)}` })),
    ],
    lacking: new Set([...of("missing"), ...of("invalid")]),
    values: new Map(reads.flatMap(({ name, read }) => ("value" in read && read.value !== undefined ? [[name, read.value] as const] : []))),
  };
}

function readInput({ schema, hasDefault }: InputDefinition, value: unknown): Read {
  if (value === undefined && !hasDefault) return { type: "missing" };
  const type = value === undefined ? "defaulted" : "given";
  const checked = checkNow(schema, value);
  if (checked === undefined) return { type, value: undefined };
  if (!checked.ok) return { type: "invalid", issues: checked.issues };
  if (checked.value === undefined) return { type, value: undefined };
  const json = toJson(checked.value);
  return json.ok
    ? { type, value: json.value }
    : { type: "invalid", issues: [{ at: json.problem.at.slice(1), message: json.problem.message }] };
}

/** The answer of a schema; undefined when it takes its time. */
function checkNow(schema: InputDefinition["schema"], value: unknown): Checked<unknown> | undefined {
  try {
    const checked = check(schema, value);
    if (!(checked instanceof Promise)) return checked;
    checked.catch(() => undefined);
    return undefined;
  } catch (error) {
    return { ok: false, issues: [{ at: "", message: error instanceof Error ? error.message : "its schema threw" }] };
  }
}

function within(name: string, { at, message }: Issue): Issue {
  return { at: at === "" || at.startsWith("[") || at.startsWith(".") ? name + at : `${name}.${at}`, message };
}
