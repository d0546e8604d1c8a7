// Reads the nodes and outputs of a contract or of a child written in place: everything that can be told before the language builds them.

import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { COMMON_FORMS, type KindForm } from "../nodes/form.ts";
import { KIND_FORMS } from "../nodes/forms.ts";
import { declareGraph } from "./declare-graph.ts";
import { inOrder } from "./order.ts";
import { listOf, readOptions, type Known, type Made } from "./read-option.ts";
import { shown } from "./read-reference.ts";
import { meant, type Report } from "./report.ts";

/** A node's name, with the scopes it is in before it. */
export const NODE_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}(\.[A-Za-z][A-Za-z0-9_-]{0,63})*$/;
const NAME_LIMIT = 500;
const NAME_HINT = "A name starts with a letter and has up to 64 letters, digits, _ and -; scopes stand before it with dots: pricing.tax.";

/** A node that was read. */
export interface ReadNode {
  readonly name: string;
  readonly at: string;
  readonly form: KindForm;
  readonly options: ReadonlyMap<string, Made>;
  /** The nodes that it names. */
  readonly names: readonly string[];
  /** Its children written in place, by part. */
  readonly children: ReadonlyMap<string, ReadGraph>;
  /** False when something about it was told: what stands behind it is checked all the same. */
  readonly isSound: boolean;
}

/** A graph that was read, whose nodes stand in an order in which they can be declared. */
export interface ReadGraph {
  readonly at: string;
  readonly nodes: readonly ReadNode[];
  readonly byName: ReadonlyMap<string, ReadNode>;
  /** Undefined when there are none that could be read. */
  readonly outputs: string | Readonly<Record<string, string>> | undefined;
}

/** What a graph is read with. */
export interface GraphReader {
  readonly report: Report;
  readonly known: Known;
}

interface Reference {
  readonly name: string;
  readonly at: string;
}

interface DraftNode extends Omit<ReadNode, "names" | "isSound"> {
  readonly references: readonly Reference[];
  isSound: boolean;
}

/** Reads `nodes` and `outputs` of an object; `given` are the names of its inputs. */
export function readGraph(json: JsonObject, at: string, given: readonly string[], reader: GraphReader): ReadGraph {
  const { report } = reader;
  const { nodes = [], outputs } = json;
  if (!Array.isArray(nodes)) report("bad_document", `${at}.nodes`, `is ${shown(nodes)}`, "It must be a list of nodes.");
  const drafts = new Map<string, DraftNode>();
  for (const [index, node] of listOf(nodes).entries()) {
    const draft = readNode(node, `${at}.nodes[${index}]`, reader);
    if (draft === undefined) continue;
    const isTaken = drafts.has(draft.name) || given.includes(draft.name);
    if (isTaken)
      report(
        "duplicate_node",
        `${draft.at}.name`,
        `is "${draft.name}", which is there already`,
        "Names are durable and must be unique in their graph.",
        draft.name,
      );
    else drafts.set(draft.name, draft);
  }
  const names = new Set([...given, ...drafts.keys()]);
  for (const draft of drafts.values()) {
    for (const reference of draft.references) if (!isThere(reference.name, names, drafts)) unknownNode(draft, reference, names, report);
  }
  const sorted = inOrder(
    [...drafts.values()].map((draft) => ({ ...draft, draft, names: draft.references.map(({ name }) => targetOf(name, drafts)) })),
  );
  for (const cycle of sorted.cycles) tellCycle(cycle, drafts, report);
  for (const { draft } of sorted.closing) draft.isSound = false;
  const order = sorted.order.map(({ draft, names: targets }): ReadNode => ({ ...draft, names: targets }));
  return {
    at,
    nodes: order,
    byName: new Map(order.map((node) => [node.name, node])),
    outputs: readOutputs(outputs, `${at}.outputs`, { names, drafts, report }),
  };
}

function unknownNode(draft: DraftNode, { name, at }: Reference, names: ReadonlySet<string>, report: Report): void {
  draft.isSound = false;
  report("bad_document", at, `names the node "${name}", and there is none`, () => meant(name, names), draft.name);
}

function tellCycle(cycle: readonly string[], drafts: ReadonlyMap<string, DraftNode>, report: Report): void {
  const [first = ""] = cycle;
  const { at = "$" } = drafts.get(first) ?? {};
  const [shownNames, rest] = [cycle.slice(0, 20), cycle.length - 20];
  const along = [...shownNames, ...(rest > 0 ? [`… ${rest} more`] : []), first].map((name) => `"${name}"`).join(" needs ");
  report("cycle", at, `is in a cycle: ${along}`, "A node runs when what it needs is there: leave one of them out, or use repeat.", first);
}

/** The node that must be declared first: the one of the name, or the one whose output is meant. */
function targetOf(name: string, nodes: ReadonlyMap<string, unknown>): string {
  return nodes.has(name) ? name : name.slice(0, Math.max(0, name.lastIndexOf(".")));
}

/** True for a node, an input, and for `node.output`: which outputs there are is known to the node alone. */
function isThere(name: string, names: ReadonlySet<string>, nodes: ReadonlyMap<string, Pick<DraftNode, "form">>): boolean {
  return names.has(name) || nodes.get(targetOf(name, nodes))?.form.hasOutputs === true;
}

function readNode(json: JsonValue, at: string, { report, known }: GraphReader): DraftNode | undefined {
  if (!isJsonObject(json)) {
    report("bad_document", at, `is ${shown(json)}`, 'A node is an object: { "kind": "compute", "name": "total", … }.');
    return undefined;
  }
  const { kind, name } = json;
  if (typeof name !== "string") {
    report("bad_document", at, "has no name", 'Give it one: "name": "total".');
    return undefined;
  }
  if (name.length > NAME_LIMIT || !NODE_NAME.test(name)) {
    report("bad_name", `${at}.name`, `is ${shown(name)}, which is no name for a node`, NAME_HINT);
    return undefined;
  }
  const form = typeof kind === "string" ? KIND_FORMS.get(kind) : undefined;
  let isSound = form !== undefined;
  const tell: Report = (code, place, message, hint) => {
    isSound = false;
    report(code, place, message, hint, name);
  };
  if (form === undefined)
    tell("bad_document", `${at}.kind`, typeof kind === "string" ? `is "${kind}", which is no kind` : "is missing", () =>
      meant(typeof kind === "string" ? kind : "", KIND_FORMS.keys()),
    );
  const references: Reference[] = [];
  const children = new Map<string, ReadGraph>();
  const given = form === undefined ? [] : givenNames(json, form);
  const options =
    form === undefined
      ? new Map<string, Made>()
      : readOptions(
          json,
          at,
          { ...form.options, ...COMMON_FORMS },
          {
            report: tell,
            known,
            refer: (to, place) => void references.push({ name: to, at: place }),
            child: (inside, place, part) => {
              // Findings inside a child do not make its node unsound: what is wrong there is told there.
              const graph = readChildGraph(inside, place, given, { report, known });
              children.set(part, graph);
              return (g: never, handles: never) => declareGraph(g, handles, graph);
            },
          },
          ["kind", "name"],
        );
  return { name, at, form: form ?? STANDING_IN, options, references, children, isSound };
}

function readChildGraph(json: JsonObject, at: string, given: readonly string[], reader: GraphReader): ReadGraph {
  for (const name of Object.keys(json))
    if (!["nodes", "outputs"].includes(name))
      reader.report("bad_document", `${at}.${name}`, "is not known here", () => meant(name, ["nodes", "outputs", "contract"]));
  return readGraph(json, at, given, reader);
}

/** Never declared: what is not sound is stood in for. */
const STANDING_IN: KindForm = { about: "", options: {}, hasOutputs: true, declare: (g, name) => g.const(name, null) };

/** The names of the handles that children of a node get. */
function givenNames(json: JsonObject, { given = [] }: KindForm): readonly string[] {
  return given.flatMap((option) => {
    const value = Object.hasOwn(json, option) ? json[option] : undefined;
    if (typeof value === "string") return [value];
    return isJsonObject(value) ? Object.keys(value) : [];
  });
}

interface Surroundings {
  readonly names: ReadonlySet<string>;
  readonly drafts: ReadonlyMap<string, DraftNode>;
  readonly report: Report;
}

function readOutputs(json: JsonValue | undefined, at: string, { names, drafts, report }: Surroundings): ReadGraph["outputs"] {
  const known = (name: JsonValue, place: string): name is string => {
    if (typeof name === "string" && isThere(name, names, drafts)) return true;
    if (typeof name === "string") report("bad_document", place, `names the node "${name}", and there is none`, () => meant(name, names));
    else report("bad_document", place, `is ${shown(name)}`, "It must be the name of a node.");
    return false;
  };
  if (typeof json === "string") return known(json, at) ? json : undefined;
  if (!isJsonObject(json)) {
    report(
      "bad_document",
      at,
      json === undefined ? "is missing" : `is ${shown(json)}`,
      "Give the name of a node, or names of nodes by output.",
    );
    return undefined;
  }
  const outputs = Object.entries(json).filter((entry): entry is [string, string] => known(entry[1], `${at}.${entry[0]}`));
  return outputs.length === 0 && Object.keys(json).length > 0 ? undefined : Object.fromEntries(outputs);
}
