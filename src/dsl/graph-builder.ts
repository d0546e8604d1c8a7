// What stands behind `g`: collects declarations into a graph and remembers everything that is wrong with them.

import type { Finding, FindingCode } from "../graph/finding.ts";
import type { Graph, InputDefinition, NodeDefinition, Outputs } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { Needs, Node } from "../graph/node.ts";
import { markSource, type SourceMark } from "../graph/source.ts";
import { DefinitionError } from "../graph/finding.ts";
import { buildersOf, type GraphBuilder } from "../nodes/index.ts";
import { inputBehaviour } from "../nodes/input.ts";
import type { ChildDefinition, Declaration, Scope } from "../nodes/kind.ts";

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** What a graph is made from besides its nodes. */
export interface GraphHeading {
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
  readonly correlate: readonly string[];
  readonly early: { readonly keepForMs: number } | undefined;
  readonly mcp: { readonly expose: boolean };
  readonly inline: boolean;
}

/** Runs a definition and gives its graph; findings of it and of everything inside are added to `findings`. */
export function buildGraph(
  heading: GraphHeading,
  inputs: readonly InputDefinition[],
  define: (g: GraphBuilder, handles: Readonly<Record<string, Node<unknown>>>) => unknown,
  findings: Finding[],
): Graph {
  const source = markSource();
  const nodes: NodeDefinition[] = [];
  const byName = new Map<string, Node<unknown>>();

  const report = (code: FindingCode, message: string, hint: string, node?: string, mark: SourceMark = markSource()) => {
    const place = mark.locate();
    findings.push({ code, severity: "error", contract: heading.name, message, hint, ...(node === undefined ? {} : { node }), ...(place === undefined ? {} : { source: place }) });
  };

  const add = (definition: NodeDefinition): Node<unknown> => {
    if (!NAME.test(definition.name)) {
      report("bad_name", `"${definition.name}" is no name for a node`, "A name starts with a letter and has up to 64 letters, digits, _ and -.", definition.name, definition.source);
    } else if (byName.has(definition.name)) {
      report("duplicate_node", `there are two nodes "${definition.name}"`, "Names are durable and must be unique in their graph.", definition.name, definition.source);
    }
    const handle = makeHandle(definition.kind, definition.name);
    nodes.push(Object.freeze(definition));
    byName.set(definition.name, handle);
    return handle;
  };

  const nameOf = (handle: Node<unknown>): string | undefined => (isHandle(handle) && byName.get(handle.name) === handle ? handle.name : undefined);

  const resolveNeeds = (declaration: Declaration, mark: SourceMark): Record<string, string> => {
    const needs: Record<string, string> = {};
    for (const [local, handle] of Object.entries<Node<unknown>>(declaration.needs)) {
      const name = nameOf(handle);
      if (name !== undefined) needs[local] = name;
      else report("foreign_handle", foreignMessage(local, handle), foreignHint(handle, byName.keys()), declaration.name, mark);
    }
    return needs;
  };

  const scope: Scope = {
    declare: <T>(declaration: Declaration) => {
      const mark = markSource();
      const { kind, name, options, behaviour } = declaration;
      const handle = add({ kind, name, needs: resolveNeeds(declaration, mark), description: options.description, tags: options.tags ?? [], behaviour, source: mark });
      // The kind's method types say what the node's value is; a handle carries that type and nothing at run time.
      return handle as Node<T>;
    },
    child: (node, part, definition, handles) => childGraph(heading, `${node}[${part}]`, definition, handles, findings),
  };

  const handles = Object.fromEntries(inputs.map((input) => [input.name, add(inputNode(input, heading.inline, source))]));
  const given = runDefine(define, buildersOf(scope), handles, report);
  const outputs = readOutputs(given, nameOf, report);
  return Object.freeze({ ...heading, inputs: Object.freeze(inputs), nodes: Object.freeze(nodes), outputs, source });
}

function childGraph(parent: GraphHeading, name: string, definition: ChildDefinition, handles: readonly string[], findings: Finding[]): Graph {
  if (typeof definition !== "function") return definition.graph;
  const heading = { name: `${parent.name}/${name}`, version: parent.version, description: undefined, correlate: [], early: undefined, mcp: { expose: false }, inline: true };
  const inputs = handles.map((handle): InputDefinition => ({ name: handle, schema: ANYTHING, hasDefault: false }));
  // `ChildDefinition` accepts every author's function; the kind's own types made sure that it takes a builder and these handles.
  const define = definition as (g: GraphBuilder, handles: Readonly<Record<string, Node<unknown>>>) => unknown;
  return buildGraph(heading, inputs, define, findings);
}

const ANYTHING: InputDefinition["schema"] = { "~standard": { version: 1, vendor: "kindling", validate: (value) => ({ value }) } };

function inputNode(input: InputDefinition, inline: boolean, source: SourceMark): NodeDefinition {
  const behaviour = inputBehaviour(input.name, inline ? undefined : input.schema);
  return { name: input.name, kind: "input", needs: {}, description: input.description, tags: [], behaviour, source };
}

type Report = (code: FindingCode, message: string, hint: string, node?: string) => void;

function runDefine(define: (g: GraphBuilder, handles: Needs) => unknown, g: GraphBuilder, handles: Needs, report: Report): unknown {
  try {
    return define(g, handles);
  } catch (error) {
    // A contract inside this one has told its own findings already, and a handle used as a value tells its own.
    if (error instanceof DefinitionError) throw error;
    report("define_threw", `define threw: ${error instanceof Error ? error.message : String(error)}`, "define only declares nodes; it runs once, when the module loads.");
    return undefined;
  }
}

function readOutputs(given: unknown, nameOf: (handle: Node<unknown>) => string | undefined, report: Report): Outputs {
  if (isHandle(given)) {
    const node = nameOf(given);
    if (node !== undefined) return Object.freeze({ type: "one", node });
    report("foreign_handle", `gives the node "${given.name}", which belongs to another contract`, "Give a node that was declared on this g.");
    return { type: "record", nodes: {} };
  }
  const nodes: Record<string, string> = {};
  const entries = typeof given === "object" && given !== null ? Object.entries<unknown>({ ...given }) : [];
  if (entries.length === 0) report("no_outputs", "gives nothing", "Return a handle, or a record of handles: what the contract gives.");
  for (const [name, handle] of entries) {
    const node = isHandle(handle) ? nameOf(handle) : undefined;
    if (node === undefined) report("bad_output", `the output "${name}" is no node of this contract`, "Outputs are handles; wrap a literal in g.const.", name);
    else nodes[name] = node;
  }
  return Object.freeze({ type: "record", nodes: Object.freeze(nodes) });
}

const HANDLES = new WeakSet<object>();

function makeHandle(kind: string, name: string): Node<unknown> {
  const misuse = () => {
    throw new DefinitionError(name, [
      { code: "handle_as_value", severity: "error", contract: name, node: name, message: `the handle "${name}" was used as a value`, hint: "A node has no value while the contract is defined. Read it in a callback: needs: { … }, run: ({ … }) => …." },
    ]);
  };
  const handle = Object.freeze(Object.defineProperties({ kind, name }, { [Symbol.toPrimitive]: { value: misuse }, toString: { value: misuse }, toJSON: { value: misuse } }));
  HANDLES.add(handle);
  // The value exists in the types only: nothing at run time could stand for it.
  return handle as Node<unknown>;
}

function isHandle(value: unknown): value is Node<unknown> {
  return typeof value === "object" && value !== null && HANDLES.has(value);
}

function foreignMessage(local: string, handle: unknown): string {
  if (!isHandle(handle)) return `the need "${local}" is no node, but ${handle === undefined ? "undefined" : typeof handle}`;
  return `the need "${local}" is the node "${handle.name}" of another contract or an outer graph`;
}

function foreignHint(handle: unknown, known: Iterable<string>): string {
  if (!isHandle(handle)) return "Needs are handles that g gave.";
  return `A child sees only the handles it is given: pass "${handle.name}" in the parent's needs or with. ${didYouMean(handle.name, known)}`;
}
