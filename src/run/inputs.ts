// The inputs of a run against their schemas: everything wrong is told at once.

import type { Graph, InputDefinition } from "../graph/graph.ts";
import { asError } from "../errors.ts";
import { didYouMean } from "../graph/nearest.ts";
import { toJson, type JsonObject, type JsonValue } from "../json.ts";
import { check, type Checked, type Issue } from "../schema.ts";

/** Checks inputs and fills in defaults; at once when the schemas do. What a child is given beyond its inputs (`extra: "ignore"`) is left out. */
export function checkInputs(graph: Graph, given: unknown, extra: "ignore" | "refuse"): Checked<JsonObject> | Promise<Checked<JsonObject>> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return {
      ok: false,
      issues: [{ at: "", message: `inputs must be an object with ${graph.inputs.map(({ name }) => `"${name}"`).join(", ")}` }],
    };
  }
  const members = membersOf(given);
  if (members instanceof Error) return { ok: false, issues: [{ at: "", message: `inputs cannot be read: ${members.message}` }] };
  const results = graph.inputs.map((input) => checkOne(input, members.get(input.name), extra === "ignore"));
  const names = graph.inputs.map(({ name }) => name);
  const unknown = extra === "ignore" ? [] : [...members.keys()].filter((name) => !names.includes(name));
  const strangers = unknown.map((name): Issue => ({ at: name, message: `no such input. ${didYouMean(name, names)}` }));
  const checked = results.flatMap((result) => (result instanceof Promise ? [] : [result]));
  if (checked.length === results.length) return gather(graph, checked, strangers);
  return Promise.all(results.map((result) => Promise.resolve(result))).then((all) => gather(graph, all, strangers));
}

/** The members by name. Looking at what a caller gave may throw. */
function membersOf(given: object): ReadonlyMap<string, unknown> | Error {
  try {
    return new Map<string, unknown>(Object.entries(given));
  } catch (error) {
    return asError(error);
  }
}

/** One input. What a parent has no value for is null; a child whose input may be left out takes that as left out, unless it means something to it. */
function checkOne({ schema, hasDefault }: InputDefinition, value: unknown, isChild: boolean): Checked<unknown> | Promise<Checked<unknown>> {
  const checked = check(schema, value);
  if (!isChild || value !== null || !hasDefault) return checked;
  const orLeftOut = (result: Checked<unknown>) => (result.ok ? result : check(schema, undefined));
  return checked instanceof Promise ? checked.then(orLeftOut) : orLeftOut(checked);
}

function gather(graph: Graph, checked: readonly Checked<unknown>[], strangers: readonly Issue[]): Checked<JsonObject> {
  const issues: Issue[] = [...strangers];
  const inputs: Record<string, JsonValue> = {};
  for (const [index, { name }] of graph.inputs.entries()) {
    const result = checked[index];
    if (result === undefined) continue;
    if (!result.ok) {
      for (const { at, message } of result.issues)
        issues.push({ at: at === "" ? name : at.startsWith("[") ? `${name}${at}` : `${name}.${at}`, message });
      continue;
    }
    if (result.value === undefined) continue;
    const json = toJson(result.value);
    if (json.ok) inputs[name] = json.value;
    else issues.push({ at: `${name}${json.problem.at.slice(1)}`, message: json.problem.message });
  }
  return issues.length === 0 ? { ok: true, value: Object.freeze(inputs) } : { ok: false, issues };
}

/** The same for some of the inputs: the others are as they were. Nothing that is not given is filled in. */
export async function checkSomeInputs(graph: Graph, given: unknown): Promise<Checked<JsonObject>> {
  const names = typeof given === "object" && given !== null ? Object.keys(given) : [];
  const known = graph.inputs.map(({ name }) => name);
  const strangers = names
    .filter((name) => !known.includes(name))
    .map((name) => ({ at: name, message: `no such input. ${didYouMean(name, known)}` }));
  const checked = await checkInputs({ ...graph, inputs: graph.inputs.filter(({ name }) => names.includes(name)) }, given, "ignore");
  if (strangers.length === 0) return checked;
  return { ok: false, issues: [...strangers, ...(checked.ok ? [] : checked.issues)] };
}
