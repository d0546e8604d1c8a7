// `fromDocument`: a contract out of JSON, by the same `contract()` that authors call; or one error with everything that is wrong.

import { contract } from "../dsl/contract.ts";
import { ANYTHING } from "../dsl/graph-builder.ts";
import type { AnyContract, Contract } from "../graph/contract.ts";
import type { Executor } from "../graph/executor.ts";
import { DefinitionError, type Finding } from "../graph/finding.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Schema } from "../schema.ts";
import type { AnyStore } from "../store/store.ts";
import { boundedJson } from "./bounds.ts";
import { CONTRACT_FORMS, LANGUAGE_VERSION } from "./contract-form.ts";
import { declareGraph } from "./declare-graph.ts";
import { readGraph, type ReadGraph } from "./read-graph.ts";
import { readOptions, type Known } from "./read-option.ts";
import { findingsOf, type Report } from "./report.ts";

/** What a document may name. */
export interface DocumentSources {
  /** The code it may run, by key and version. */
  readonly executors?: readonly Executor<never, unknown>[];
  /** The contracts it may run as children, by name. */
  readonly contracts?: readonly AnyContract[];
  /** The stores and histories it may read and write, by name. */
  readonly stores?: readonly AnyStore[];
}

/** A contract that was read: what goes in and comes out is known when it runs, by its schemas. */
export type ReadContract = Contract<Readonly<Record<string, unknown>>, unknown>;

/**
 * Reads a contract from a document, as `toDocument` writes them; nodes may be listed in any order.
 * @throws DefinitionError for whatever JSON is given, with every finding: what is unknown, missing, of a wrong type, in a cycle or too large, each with its place
 */
export function fromDocument(document: unknown, { executors = [], contracts = [], stores = [] }: DocumentSources = {}): ReadContract {
  const name = nameOf(document);
  const findings = findingsOf(name);
  const { report } = findings;
  const json = boundedJson(document, report);
  if (json === undefined) throw new DefinitionError(name, findings.all());
  if (!isJsonObject(json)) {
    report("bad_document", "$", "is no object", 'A document is { "kindling": 1, "name": …, "inputs": …, "nodes": …, "outputs": … }.');
    throw new DefinitionError(name, findings.all());
  }
  const known: Known = {
    executors: Map.groupBy(new Set(executors), ({ key }) => key),
    contracts: new Map(contracts.map((each) => [each.name, each])),
    stores: new Map(stores.map((each) => [each.name, each])),
    schemas: new Map(),
  };
  const heading = readHeading(json, known, report);
  const graph = readGraph(json, "$", Object.keys(heading.inputs), { report, known });
  const built = build(name, heading, graph, report);
  if (built === undefined || !findings.isEmpty()) throw new DefinitionError(name, findings.all());
  return built;
}

/** The options of `contract()` besides `define`. */
interface Heading {
  readonly inputs: Readonly<Record<string, Schema>>;
}

function readHeading(json: JsonObject, known: Known, report: Report): Heading {
  const { kindling } = json;
  if (typeof kindling === "number" && kindling !== LANGUAGE_VERSION)
    report(
      "bad_document",
      "$.kindling",
      `is ${kindling}, and this reads version ${LANGUAGE_VERSION}`,
      "Write the document in that version.",
    );
  const made = readOptions(
    json,
    "$",
    CONTRACT_FORMS,
    {
      report,
      known,
      // Nothing before the nodes names any, or has children.
      refer: () => undefined,
      child: () => () => undefined,
    },
    ["nodes", "outputs"],
  );
  if (!Object.hasOwn(json, "nodes")) report("bad_document", "$", 'has no "nodes", which must be there', 'Give "nodes": [ … ].');
  const none = () => {
    throw new Error("a heading names no nodes");
  };
  const options = Object.fromEntries([...made].map(([option, make]) => [option, make(none)]));
  return { ...options, inputs: inputsOf(json["inputs"], options["inputs"]) };
}

/** The inputs by their names: what is wrong with a schema is told there, and not by all that name the input. */
function inputsOf(json: JsonValue | undefined, given: unknown): Readonly<Record<string, Schema>> {
  // Each was read as the form of inputs says; what is not sound is undefined.
  const inputs = (given ?? {}) as Readonly<
    Record<string, { readonly schema?: Schema; readonly optional?: boolean; readonly description?: string } | undefined>
  >;
  const names = isJsonObject(json) ? Object.keys(json) : [];
  return Object.fromEntries(
    names.map((name) => {
      const { schema = ANYTHING, optional = false, description } = inputs[name] ?? {};
      return [name, schemaOf(schema, optional, description)];
    }),
  );
}

/** An input's schema: it may accept nothing, and have a description that stood beside it. */
function schemaOf(schema: Schema, isOptional: boolean, description: string | undefined): Schema {
  if (!isOptional && description === undefined) return schema;
  const { "~standard": standard } = schema;
  const { jsonSchema } = standard;
  return {
    "~standard": {
      ...standard,
      validate: (value) => (value === undefined && isOptional ? { value } : standard.validate(value)),
      ...(jsonSchema === undefined || description === undefined
        ? {}
        : { jsonSchema: { ...jsonSchema, input: (options) => ({ ...jsonSchema.input(options), description }) } }),
    },
  };
}

function build(name: string, heading: Heading, graph: ReadGraph, report: Report): ReadContract | undefined {
  try {
    return contract(name, { ...heading, define: (g, inputs) => declareGraph(g, inputs, graph) });
  } catch (error) {
    for (const finding of error instanceof DefinitionError ? error.findings : [failed(name, error)]) {
      const { code, message, hint = "", node } = finding;
      report(code, placeOf(finding, heading, graph), message, hint, node);
    }
    return undefined;
  }
}

/** What no check foresaw: still told as a finding, since a document may come from anywhere. */
function failed(name: string, error: unknown): Finding {
  const message = `cannot be built: ${error instanceof Error ? error.message : String(error)}`;
  return {
    code: "bad_document",
    severity: "error",
    contract: name,
    message,
    hint: "Cure the other findings first, or make the document simpler.",
  };
}

/** Where in the document the thing stands that the language found something about. */
function placeOf({ contract: path, node }: Finding, { inputs }: Heading, top: ReadGraph): string {
  const [, ...steps] = path.split("/");
  let graph = top;
  for (const step of steps) {
    const open = step.indexOf("[");
    const parent = graph.byName.get(step.slice(0, open));
    const child = parent?.children.get(step.slice(open + 1, -1)) ?? [...(parent?.children.values() ?? [])][0];
    if (child === undefined) return parent?.at ?? graph.at;
    graph = child;
  }
  if (node === undefined) return graph.at;
  const found = graph.byName.get(node) ?? graph.byName.get(node.slice(0, Math.max(0, node.lastIndexOf("."))));
  if (found !== undefined) return found.at;
  if (graph !== top) return graph.at;
  return Object.hasOwn(inputs, node) ? `$.inputs.${node}` : `$.guards.${node}`;
}

function nameOf(document: unknown): string {
  const name = typeof document === "object" && document !== null && "name" in document ? (document.name satisfies unknown) : undefined;
  return typeof name === "string" ? name : "document";
}
