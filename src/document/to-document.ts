// `toDocument`: a contract as JSON, or one error with everything about it that JSON cannot hold.

import type { AnyContract } from "../graph/contract.ts";
import { DefinitionError } from "../graph/finding.ts";
import type { Graph, InputDefinition, NodeDefinition } from "../graph/graph.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { COMMON_FORMS } from "../nodes/form.ts";
import { KIND_FORMS } from "../nodes/forms.ts";
import { jsonSchemaOf, outputSchemaOf } from "../schema.ts";
import { boundedJson } from "./bounds.ts";
import { LANGUAGE_VERSION } from "./contract-form.ts";
import { findingsOf, type Report } from "./report.ts";
import { writeOptions } from "./write-option.ts";

/** A contract as a document: JSON that `fromDocument` reads, and that the published JSON Schema describes. */
export type ContractDocument = JsonObject & {
  readonly kindling: typeof LANGUAGE_VERSION;
  readonly name: string;
  readonly version: string;
  readonly nodes: readonly JsonObject[];
};

/**
 * Writes a contract as a document. Read again with the same executors and contracts, it has the same plan.
 * @throws DefinitionError `not_portable` for every function that is no executor and every schema without a JSON Schema, with its node and option
 */
export function toDocument(contract: AnyContract): ContractDocument {
  const { graph, name } = contract;
  const findings = findingsOf(name);
  const { report } = findings;
  refuseCode(graph, report);
  const first = guardsOf(graph);
  const document = {
    kindling: LANGUAGE_VERSION,
    name,
    version: graph.version,
    ...(graph.description === undefined ? {} : { description: graph.description }),
    inputs: Object.fromEntries(graph.inputs.map((input) => [input.name, writeInput(input, report)])),
    ...(graph.correlate.length === 0 ? {} : { correlate: graph.correlate }),
    ...(graph.early === undefined ? {} : { early: { keepFor: graph.early.keepForMs } }),
    ...(graph.budget === undefined ? {} : { budget: { ...graph.budget } }),
    ...(graph.mcp.expose ? { mcp: { expose: true } } : {}),
    ...(first.length === 0 ? {} : { guards: Object.fromEntries(first.map((node) => [node.name, writeGuard(node, report)])) }),
    ...writeSchedule(graph, report),
    ...writeStart(graph, report),
    ...(graph.migrations.length === 0 ? {} : { migrate: graph.migrations.map(({ from, nodes, changed }) => ({ from, nodes, changed })) }),
    ...writeGraph(graph, first, "", report),
  } satisfies JsonObject;
  const bounded = findings.isEmpty()
    ? boundedJson(document, (_code, at, message, hint) => report("not_portable", at, message, hint))
    : undefined;
  if (bounded === undefined) throw new DefinitionError(name, findings.all());
  return document;
}

/** What of a contract besides its nodes is code. */
function refuseCode({ present, exits }: Graph, report: Report): void {
  const cure = "Leave it out, and do it where the contract is run.";
  if (Object.keys(present).length > 0) report("not_portable", "present", "holds functions", cure);
  for (const exit of Object.keys(exits)) report("not_portable", exit, "is a function", cure);
}

function writeInput({ name, schema, hasDefault }: InputDefinition, report: Report): JsonObject {
  const json = jsonSchemaOf(schema);
  if (json === undefined || outputSchemaOf(schema) === undefined) {
    report(
      "not_portable",
      `inputs.${name}`,
      "has a schema without a JSON Schema",
      "Use one of a library that gives it, without transforms.",
      name,
    );
    return {};
  }
  return { schema: json, ...(hasDefault && !("default" in json) ? { optional: true } : {}) };
}

function writeSchedule({ schedule }: Graph, report: Report): JsonObject {
  if (schedule === undefined) return {};
  const { when, missed, fixedInputs } = schedule;
  if (fixedInputs === undefined) report("not_portable", "schedule.inputs", "is a function", "Give fixed inputs.");
  const rhythm: JsonObject =
    when.type === "every"
      ? { every: when.everyMs }
      : { cron: when.cron, ...(when.timezone === undefined ? {} : { timezone: when.timezone }) };
  // They were given as the contract's inputs are: what is not JSON is told by the bounds.
  return { schedule: { ...rhythm, inputs: (fixedInputs ?? {}) as JsonObject, missed } };
}

function writeStart({ start }: Graph, report: Report): JsonObject {
  if (start === undefined) return {};
  const { history, when, members, from } = start;
  if (when !== undefined)
    report("not_portable", "start.when", "is a function", "Keep the events that are meant in a history of their own.");
  if (members === undefined)
    report("not_portable", "start.inputs", "is a function", 'Name members of the event: inputs: { who: "customer" }.');
  return { start: { on: history.name, inputs: { ...members }, from } };
}

/** Nodes and outputs. `path` is where the graph is in its contract; `first` are nodes that stand elsewhere, and for which all others wait. */
function writeGraph(
  graph: Graph,
  first: readonly NodeDefinition[],
  path: string,
  report: Report,
): { readonly nodes: readonly JsonObject[]; readonly outputs: JsonValue } {
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const nodes = graph.nodes.filter((node) => !inputs.has(node.name) && !first.includes(node) && !isMadeByAnother(node));
  return {
    nodes: nodes.map((node) => writeNode(node, isGiven(node) ? 0 : first.length, path, report)),
    outputs: graph.outputs.type === "one" ? graph.outputs.node : graph.outputs.nodes,
  };
}

/** Authors' names have no dots but those of scopes: the output of a composed child has one more, and is there when it is named. */
function isMadeByAnother({ name, scope }: NodeDefinition): boolean {
  return name.slice(scope === "" ? 0 : scope.length + 1).includes(".");
}

function isGiven({ behaviour }: NodeDefinition): boolean {
  return behaviour.work.type === "given";
}

function writeNode(node: NodeDefinition, firstCount: number, path: string, report: Report): JsonObject {
  const { name, kind, after, description, tags } = node;
  const own = after.slice(firstCount);
  return {
    kind,
    name,
    ...writeDeclared(node, path, report),
    ...(own.length === 0 ? {} : { after: own }),
    ...(description === undefined ? {} : { description }),
    ...(tags.length === 0 ? {} : { tags }),
  };
}

function writeDeclared({ name, kind, behaviour }: NodeDefinition, path: string, report: Report): JsonObject {
  const form = KIND_FORMS.get(kind);
  const declared = behaviour.declared?.();
  const place = `${path}${name}`;
  if (form === undefined || declared === undefined) {
    report(
      "not_portable",
      place,
      `is of the kind "${kind}", which stands in no document`,
      "Declare it in a contract written in code, and run that as a child.",
      name,
    );
    return {};
  }
  return writeOptions(declared, form.options, {
    refuse: (option, message, cure) => report("not_portable", `${place}: ${option}`, message, cure, name),
    child: (child) => writeChild(child, place, report),
  });
}

function writeChild(graph: Graph, place: string, report: Report): JsonObject {
  if (!graph.inline) return { contract: graph.name, version: graph.version };
  return writeGraph(graph, [], `${place}/`, report);
}

function writeGuard(node: NodeDefinition, report: Report): JsonValue {
  const { needs: _inputs, ...guard } = writeDeclared(node, "", report);
  return guard;
}

/** The nodes that a contract declared as its guards: they read all inputs, and every other node waits for them. */
function guardsOf({ nodes, inputs }: Graph): readonly NodeDefinition[] {
  const others = nodes.filter((node) => !isGiven(node));
  const [guard] = others;
  const last = others.at(-1);
  if (guard === undefined || last === undefined || !isGuard(guard, inputs)) return [];
  const names = last.after.slice(
    0,
    others.findIndex((node) => !isGuard(node, inputs)),
  );
  const first = others.slice(0, names.length);
  const isFirst = first.every(({ name }, index) => name === names[index]);
  const allWait = others.slice(names.length).every(({ after }) => names.every((name, index) => after[index] === name));
  return isFirst && allWait ? first : [];
}

function isGuard(node: NodeDefinition, inputs: readonly InputDefinition[]): boolean {
  const { guards, options } = KIND_FORMS.get(node.kind) ?? {};
  if (guards === undefined || options === undefined || node.scope !== "" || node.after.length > 0) return false;
  if (node.description !== undefined || node.tags.length > 0) return false;
  const readsInputs = inputs.every(({ name }) => node.needs[name] === name) && Object.keys(node.needs).length === inputs.length;
  const extra = Object.keys(options).filter((option) => option !== "needs" && !guards.includes(option) && !(option in COMMON_FORMS));
  const declared: Readonly<Record<string, unknown>> = { ...node.behaviour.declared?.() };
  return readsInputs && extra.every((option) => declared[option] === undefined);
}
