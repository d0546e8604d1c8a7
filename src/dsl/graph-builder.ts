// What stands behind `g`: collects declarations into a graph and remembers everything that is wrong with them.

import { InputError } from "../errors.ts";
import { DefinitionError, type Finding } from "../graph/finding.ts";
import type { Graph, InputDefinition, NodeDefinition, NodeFinding, Outputs } from "../graph/graph.ts";
import { isMisuse, makeHandle } from "../graph/handle.ts";
import type { Node } from "../graph/node.ts";
import { markOf, markSource, type SourceMark } from "../graph/source.ts";
import type { ChildDefinition } from "../nodes/child.ts";
import { buildersOf, type GraphBuilder } from "../nodes/index.ts";
import { inputBehaviour } from "../nodes/input.ts";
import type { Declaration, Builder } from "../nodes/kind.ts";
import type { Schema } from "../schema.ts";
import { childProblem, isContract } from "./child-problem.ts";
import { freezeData } from "./freeze.ts";
import { dotted, nameProblem, taken } from "./node-name.ts";
import { readOutputs } from "./outputs.ts";
import { describe, foreign, own, ownName, type Owner } from "./ownership.ts";

/** What a graph is made from besides its nodes. */
export interface GraphHeading {
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
  readonly correlate: readonly string[];
  readonly early: { readonly keepForMs: number } | undefined;
  readonly budget: Graph["budget"];
  readonly mcp: { readonly expose: boolean };
  readonly schedule: Graph["schedule"];
  readonly start: Graph["start"];
  readonly exits: Graph["exits"];
  readonly migrations: Graph["migrations"];
  readonly inline: boolean;
}

/** A definition without its author's types. Those that a kind writes itself also declare nodes that no author can. */
export type Define = (g: GraphBuilder, handles: Readonly<Record<string, Node<unknown>>>, builder: Builder) => unknown;

/** What passes every check: the schema of a child's inputs, whose values were checked where they were made. */
export const ANYTHING: Schema = { "~standard": { version: 1, vendor: "kindling", validate: (value) => ({ value }) } };

/** Where a graph is built: at the top for a contract, inside another graph's node for a child written in place. */
export interface Site {
  readonly findings: Finding[];
  readonly outer?: Owner["outer"];
  /** How many children it stands in; 0 at the top. */
  readonly depth?: number;
  /** Nodes for which all others wait, though these do not read them. */
  readonly first?: readonly string[];
}

/** Runs a definition and gives its graph; findings of it and of everything inside are added to the site's. */
export function buildGraph(heading: GraphHeading, inputs: readonly InputDefinition[], define: Define, site: Site): Graph {
  const source = markSource();
  const draft = new GraphDraft(heading, site);
  const handles = Object.fromEntries(inputs.map((input) => [input.name, draft.add(inputNode(input, heading.inline, source), input.name)]));
  const giver = heading.inline ? "the child" : "define";
  const reportAt = (mark: SourceMark, node?: string) => (finding: NodeFinding) => draft.report(finding, mark, node);
  const builder = draft.builderIn("");
  const given = runDefine(() => define(buildersOf(builder), handles, builder), giver, reportAt);
  const outputs = given.ok
    ? readOutputs(given.value, { owner: draft.owner, giver, known: draft.names, report: reportAt(source) })
    : NO_OUTPUTS;
  const { first = [] } = site;
  const nodes = draft.nodes.map((node) => (waitsForFirst(node, first) ? { ...node, after: [...first, ...node.after] } : node));
  return freezeData({ ...heading, present: draft.presentersOf(outputs), inputs: [...inputs], nodes, outputs, source });
}

/** What is there from the start waits for nothing, and what comes first not for itself. */
function waitsForFirst({ name, behaviour }: NodeDefinition, first: readonly string[]): boolean {
  return first.length > 0 && behaviour.work.type !== "given" && !first.includes(name);
}

/** A graph while its definition runs. */
class GraphDraft {
  readonly owner: Owner;
  readonly nodes: NodeDefinition[] = [];
  readonly names = new Set<string>();
  readonly #scopes = new Set<string>();
  readonly #presenters = new Map<string, (value: unknown) => string>();
  readonly #heading: GraphHeading;
  readonly #site: Site;

  constructor(heading: GraphHeading, site: Site) {
    this.#heading = heading;
    this.#site = site;
    this.owner = { graph: heading.name, outer: site.outer };
  }

  report(finding: NodeFinding, mark: SourceMark, node?: string): void {
    const place = mark.locate();
    this.#site.findings.push({
      ...finding,
      contract: this.#heading.name,
      ...(node === undefined ? {} : { node }),
      ...(place === undefined ? {} : { source: place }),
    });
  }

  /** Adds a node and makes its handle, with what its kind puts on it. `local` is the name as its author wrote it. */
  add(definition: NodeDefinition, local: string, members?: object): Node<unknown> {
    const problem = nameProblem(local) ?? taken(definition.name, this.names, this.#scopes);
    if (problem !== undefined) this.report(problem, definition.source, definition.name);
    const handle = makeHandle(definition.kind, definition.name, members);
    own(this.owner, handle);
    this.nodes.push(freezeData(definition));
    this.names.add(definition.name);
    return handle;
  }

  builderIn(scope: string): Builder {
    return {
      declare: (declaration) => this.#declare(scope, declaration),
      child: (local, part, definition, handles) => this.#child(dotted(scope, local), part, definition, handles),
      present: (handle, show) => this.#present(handle, show),
      within: (local, part) => {
        const name = dotted(scope, local);
        const problem = nameProblem(local) ?? taken(name, this.names, new Set());
        if (problem !== undefined) this.report(problem, markSource(), name);
        this.#scopes.add(name);
        return part(buildersOf(this.builderIn(name)));
      },
    };
  }

  /** How outputs are shown, by their names; under the empty name for a graph that gives one value. */
  presentersOf(outputs: Outputs): Graph["present"] {
    const named = outputs.type === "one" ? [["", outputs.node] as const] : Object.entries(outputs.nodes);
    return Object.fromEntries(
      named.flatMap(([name, node]) => {
        const show = this.#presenters.get(node);
        return show === undefined ? [] : [[name, show]];
      }),
    );
  }

  #present(handle: Node<unknown>, show: (value: never) => string): void {
    const name = ownName(this.owner, handle);
    if (name === undefined) this.report(foreign(this.owner, "what is presented is", handle, this.names), markSource());
    // The method's types made sure that it takes the node's value.
    else this.#presenters.set(name, show as (value: unknown) => string);
  }

  #declare<T>(scope: string, declaration: Declaration): Node<T> {
    const mark = markSource();
    const { kind, options, behaviour, under } = declaration;
    const name = dotted(scope, under, declaration.name);
    const { needs, after } = this.#resolve(declaration, name, mark);
    const { description } = options;
    const handle = this.add(
      { kind, name, needs, after, scope, description, tags: [...(options.tags ?? [])], behaviour, source: mark },
      declaration.name,
      declaration.members,
    );
    // The kind's method types say what the node's value is; a handle carries that type and nothing at run time.
    return handle as Node<T>;
  }

  #resolve({ needs, options }: Declaration, name: string, mark: SourceMark): Pick<NodeDefinition, "needs" | "after"> {
    const resolved: [string, string][] = [];
    const given: unknown = needs;
    if (typeof given !== "object" || given === null) {
      this.report(
        {
          code: "bad_option",
          severity: "error",
          message: `needs is ${given === undefined ? "missing" : describe(given)}`,
          hint: "Give needs: { … }, or needs: {} for none.",
        },
        mark,
        name,
      );
      return { needs: {}, after: [] };
    }
    for (const [local, handle] of Object.entries<unknown>(needs)) {
      const need = ownName(this.owner, handle);
      if (local === "__proto__") this.report(PROTO, mark, name);
      else if (need !== undefined) resolved.push([local, need]);
      else this.report(foreign(this.owner, `the need "${local}" is`, handle, this.names), mark, name);
    }
    const after: string[] = [];
    for (const [index, handle] of (options.after ?? []).entries()) {
      const before = ownName(this.owner, handle);
      if (before !== undefined) after.push(before);
      else this.report(foreign(this.owner, `after[${index}] is`, handle, this.names), mark, name);
    }
    return { needs: Object.fromEntries(resolved), after };
  }

  #child(node: string, part: string, definition: ChildDefinition, handles: readonly string[]): Graph {
    const depth = (this.#site.depth ?? 0) + 1;
    const problem = childProblem(definition, part, depth);
    const inside = { outer: { owner: this.owner, node }, depth };
    if (problem === undefined && typeof definition === "function")
      return childGraph(this.#heading, { node, part, define: definition, handles }, { ...inside, findings: this.#site.findings });
    if (problem === undefined && isContract(definition)) return definition.graph;
    if (problem !== undefined) this.report(problem, markSource(), node);
    return childGraph(this.#heading, { node, part, define: (_g, given) => given, handles }, { ...inside, findings: [] });
  }
}

const PROTO: NodeFinding = {
  code: "bad_name",
  severity: "error",
  message: 'the need "__proto__" has a name that no object of values can have',
  hint: "Give it another name.",
};

const NO_OUTPUTS: Graph["outputs"] = Object.freeze({ type: "record", nodes: Object.freeze({}) });

/** A child as its node declares it. */
interface InlineChild {
  readonly node: string;
  readonly part: string;
  readonly define: Extract<ChildDefinition, (...given: never[]) => unknown>;
  readonly handles: readonly string[];
}

function childGraph(parent: GraphHeading, { node, part, define, handles }: InlineChild, site: Site): Graph {
  const name = `${parent.name}/${node}[${part}]`;
  const heading: GraphHeading = {
    name,
    version: parent.version,
    description: undefined,
    correlate: [],
    early: undefined,
    budget: undefined,
    mcp: { expose: false },
    schedule: undefined,
    start: undefined,
    exits: {},
    migrations: [],
    inline: true,
  };
  const inputs = handles.map((handle): InputDefinition => ({ name: handle, schema: ANYTHING, hasDefault: false }));
  // `ChildDefinition` accepts every author's function; the kind's own types made sure that it takes a builder and these handles.
  return buildGraph(heading, inputs, define as Define, site);
}

function inputNode(input: InputDefinition, inline: boolean, source: SourceMark): NodeDefinition {
  const behaviour = inputBehaviour(input.name, inline ? undefined : input.schema);
  return { name: input.name, kind: "input", needs: {}, after: [], scope: "", description: input.description, tags: [], behaviour, source };
}

type ReportAt = (mark: SourceMark, node?: string) => (finding: NodeFinding) => void;

/** Runs the author's code. What it throws is a finding beside those before it, but for the error of a contract defined inside, which told its own. */
function runDefine(
  define: () => unknown,
  giver: string,
  reportAt: ReportAt,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  try {
    return { ok: true, value: define() };
  } catch (error) {
    const [misuse] = isMisuse(error) ? error.findings : [];
    if (misuse !== undefined) {
      reportAt(
        markOf(error),
        misuse.node,
      )({
        code: misuse.code,
        severity: misuse.severity,
        message: misuse.message,
        ...(misuse.hint === undefined ? {} : { hint: misuse.hint }),
      });
    } else if (error instanceof DefinitionError) {
      throw error;
    } else {
      const message = messageOf(error);
      reportAt(markOf(error))({
        code: "define_threw",
        severity: "error",
        message: `${giver} threw: ${message}`,
        hint: (error instanceof InputError ? error.fix : undefined) ?? "It only declares nodes, and runs once, when the module loads.",
      });
    }
    return { ok: false };
  }
}

/** What was thrown, in words; looking at it may throw, too. */
function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : typeof error === "string" ? error : describe(error);
  } catch {
    return "something that cannot be shown as text";
  }
}
