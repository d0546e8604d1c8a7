// A contract's graph as it is drawn: boxes, nodes and edges as frozen data, and with a run how far each of them is. Text, Mermaid, DOT and JSON are renderers of
// this and of nothing else. It knows shapes and no kinds: how a node looks is said by its picture.

import type { AnyContract } from "./contract.ts";
import type { Graph, NodeDefinition, Picture } from "./graph.ts";
import type { Assurance } from "./gate.ts";
import { partOfKey, type Work } from "./work.ts";

/** What a picture needs to know of a node of a run; the nodes of a run's view fit. */
export interface DrawnNode {
  readonly name: string;
  readonly status: string;
  readonly children: readonly { readonly key: string; readonly status?: string; readonly nodes: readonly DrawnNode[] }[];
}

/** What a picture needs to know of a run; a run's view fits. */
export interface DrawnRun {
  readonly id?: string;
  readonly status?: string;
  readonly nodes: readonly DrawnNode[];
}

/** How something stands in a run. One thing in the picture may be there several times, once for each item: then the status that matters most is told. */
export interface Standing {
  readonly status: string;
  /** How often each status is there, the one that matters most first. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A contract drawn, without or with a run. */
export interface Drawing {
  readonly contract: DrawnContract;
  readonly run: { readonly id: string | undefined; readonly status: string | undefined } | undefined;
  readonly box: DrawingBox;
}

/** The contract a box stands for. */
export interface DrawnContract {
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
}

/** A graph: the contract itself, or a child within its node. */
export interface DrawingBox {
  /** Unique in the drawing, as all ids here: letters and digits only. */
  readonly id: string;
  /** The part of its node that it is: a case, `each`; empty for the contract itself. */
  readonly part: string;
  /** Undefined for a child written in place. */
  readonly contract: DrawnContract | undefined;
  readonly inputs: readonly { readonly name: string; readonly description: string | undefined; readonly required: boolean }[];
  /** Inputs by which events find a run. */
  readonly correlation: readonly string[];
  /** How long events are kept that come before their run; undefined when they are refused. */
  readonly earlyMs: number | undefined;
  /** In the order they were declared, a scope where its first node stands. A child's inputs are no members: they are what its node needs. */
  readonly members: readonly DrawingMember[];
  /** What it gives; under the empty name when it gives one value. `from` is left out when that is an input of the child. */
  readonly outputs: readonly { readonly name: string; readonly node: string; readonly from: string | undefined }[];
  /** True when it is not drawn since the picture is full. */
  readonly isCut: boolean;
  readonly standing: Standing | undefined;
}

export type DrawingMember = DrawingNode | DrawingScope;

/** Nodes that were declared in one scope. */
export interface DrawingScope {
  readonly type: "scope";
  readonly id: string;
  /** In full: `pricing.tax`. */
  readonly name: string;
  readonly members: readonly DrawingMember[];
}

/** A node. */
export interface DrawingNode {
  readonly type: "node";
  readonly id: string;
  /** From the contract: `posts[each]/draft`. */
  readonly path: string;
  readonly name: string;
  readonly kind: string;
  readonly shape: Picture["shape"];
  /** Short lines under the name. */
  readonly lines: readonly string[];
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** What it reads, each node once: by which local names, and the id it has here; undefined for an input of the child. */
  readonly needs: readonly { readonly node: string; readonly locals: readonly string[]; readonly from: string | undefined }[];
  /** What it waits for and does not read. */
  readonly after: readonly { readonly node: string; readonly from: string | undefined }[];
  readonly awaits: AwaitedEvent | undefined;
  readonly parts: readonly DrawingBox[];
  /** Undefined without a run, and for what has no state of its own in it: inputs, and nodes that nothing needs. */
  readonly standing: Standing | undefined;
}

/** The event a node waits for, and who may send it. */
export interface AwaitedEvent {
  readonly event: string;
  readonly by: "human" | "anyone";
  readonly assurance: Assurance | undefined;
  /** So many must say the same; left out where one is enough. */
  readonly people?: number;
  readonly roles: readonly string[];
  readonly timeoutMs: number | undefined;
}

/** A contract that uses another twice, which uses a third twice, and so on, doubles with each level: what is beyond is cut. */
export const DRAWN_NODES_LIMIT = 20_000;

/** The drawing of a contract; with a run, how far each node is. Statuses it does not know are kept as they are. */
export function drawingOf({ graph }: AnyContract, run?: DrawnRun): Drawing {
  const views = run === undefined ? [] : [run.nodes];
  const place: Place = { part: "", path: "", isChild: false, views, standing: undefined };
  return Object.freeze({
    contract: contractOf(graph),
    run: run === undefined ? undefined : Object.freeze({ id: run.id, status: run.status }),
    box: boxOf({ nodes: 0, boxes: 0, scopes: 0 }, graph, place),
  });
}

interface Counters {
  nodes: number;
  boxes: number;
  scopes: number;
}

/** Where a graph is drawn. `views` are its nodes as each of its runs sees them. */
interface Place {
  readonly part: string;
  readonly path: string;
  readonly isChild: boolean;
  readonly views: readonly (readonly DrawnNode[])[];
  readonly standing: Standing | undefined;
}

function boxOf(counters: Counters, graph: Graph, place: Place): DrawingBox {
  const id = `b${counters.boxes++}`;
  const inputs = new Set(place.isChild ? graph.inputs.map(({ name }) => name) : []);
  const isCut = counters.nodes >= DRAWN_NODES_LIMIT;
  const nodes = isCut ? [] : graph.nodes.filter(({ name }) => !inputs.has(name));
  const ids = new Map(nodes.map(({ name }) => [name, `n${counters.nodes++}`]));
  const seen = viewsByName(place.views);
  const drawn = nodes.map((node) => nodeOf(counters, graph, node, { path: place.path, ids, seen: seen.get(node.name) ?? [] }));
  return Object.freeze({
    id,
    part: place.part,
    contract: graph.inline ? undefined : contractOf(graph),
    inputs: list(graph.inputs.map(({ name, description, hasDefault }) => ({ name, description, required: !hasDefault }))),
    correlation: graph.correlate,
    earlyMs: graph.early?.keepForMs,
    members: inScopes(counters, nodes, drawn),
    outputs: list(outputsOf(graph).map(([name, node]) => ({ name, node, from: ids.get(node) }))),
    isCut,
    standing: place.standing,
  });
}

interface NodePlace {
  readonly path: string;
  readonly ids: ReadonlyMap<string, string>;
  readonly seen: readonly DrawnNode[];
}

function nodeOf(counters: Counters, graph: Graph, node: NodeDefinition, { path, ids, seen }: NodePlace): DrawingNode {
  const { shape, lines } = node.behaviour.picture;
  const own = path + node.name;
  const locals = new Map<string, string[]>();
  for (const [local, need] of Object.entries(node.needs)) locals.set(need, [...(locals.get(need) ?? []), local]);
  return Object.freeze({
    type: "node",
    id: ids.get(node.name) ?? "",
    path: own,
    name: node.name,
    kind: node.kind,
    shape,
    lines: Object.freeze([...lines, ...(graph.correlate.includes(node.name) ? ["finds the run"] : [])]),
    description: node.description,
    tags: node.tags,
    needs: list([...locals].map(([need, names]) => ({ node: need, locals: Object.freeze(names), from: ids.get(need) }))),
    after: list([...new Set(node.after)].filter((name) => !locals.has(name)).map((name) => ({ node: name, from: ids.get(name) }))),
    awaits: awaitedBy(node.behaviour.work),
    parts: partsOf(counters, node, own, seen),
    standing: standingOf(seen.map(({ status }) => status)),
  });
}

function partsOf(
  counters: Counters,
  { behaviour: { work } }: NodeDefinition,
  path: string,
  seen: readonly DrawnNode[],
): DrawingNode["parts"] {
  if (work.type !== "children") return NONE;
  const parts = Object.entries(work.parts);
  const children = new Map<string, DrawnNode["children"][number][]>();
  for (const child of seen.flatMap((view) => view.children)) {
    const part = partOfKey(work, child.key);
    const known = children.get(part);
    if (known === undefined) children.set(part, [child]);
    else known.push(child);
  }
  return Object.freeze(
    parts.map(([part, graph]) => {
      const own = children.get(part) ?? [];
      const standing = standingOf(own.flatMap(({ status }) => status ?? []));
      return boxOf(counters, graph, { part, path: `${path}[${part}]/`, isChild: true, views: own.map(({ nodes }) => nodes), standing });
    }),
  );
}

const NONE: readonly never[] = Object.freeze([]);

/** Nodes as a tree of the scopes they were declared in. */
function inScopes(counters: Counters, nodes: readonly NodeDefinition[], drawn: readonly DrawingNode[]): readonly DrawingMember[] {
  const top: DrawingMember[] = [];
  const lists = new Map([["", top]]);
  const within = (name: string): DrawingMember[] => {
    const known = lists.get(name);
    if (known !== undefined) return known;
    const members: DrawingMember[] = [];
    lists.set(name, members);
    within(name.slice(0, Math.max(0, name.lastIndexOf(".")))).push({ type: "scope", id: `s${counters.scopes++}`, name, members });
    return members;
  };
  for (const [index, node] of drawn.entries()) within(nodes[index]?.scope ?? "").push(node);
  for (const members of lists.values()) list(members);
  return top;
}

function viewsByName(views: readonly (readonly DrawnNode[])[]): ReadonlyMap<string, readonly DrawnNode[]> {
  const byName = new Map<string, DrawnNode[]>();
  for (const view of views.flat()) {
    const known = byName.get(view.name);
    if (known === undefined) byName.set(view.name, [view]);
    else known.push(view);
  }
  return byName;
}

/** What matters most comes first; a status that is not listed stands before what is merely to come. */
const WEIGHT = ["failed", "waiting", "running", "stale", "", "blocked", "pending", "succeeded", "skipped"];

function standingOf(statuses: readonly string[]): Standing | undefined {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  const weight = (status: string) => (WEIGHT.includes(status) ? WEIGHT.indexOf(status) : WEIGHT.indexOf(""));
  const sorted = [...counts].sort(([a], [b]) => weight(a) - weight(b));
  const [first] = sorted;
  return first === undefined ? undefined : Object.freeze({ status: first[0], counts: Object.freeze(Object.fromEntries(sorted)) });
}

function awaitedBy(work: Work): AwaitedEvent | undefined {
  if (work.type !== "wait") return undefined;
  const { event, gate, timeoutMs } = work;
  return Object.freeze({
    event,
    by: gate === undefined ? "anyone" : "human",
    assurance: gate?.assurance,
    roles: gate?.roles ?? NONE,
    ...(gate?.quorum === undefined ? {} : { people: gate.quorum.people }),
    timeoutMs,
  });
}

function contractOf({ name, version, description }: Graph): DrawnContract {
  return Object.freeze({ name, version, description });
}

function outputsOf({ outputs }: Graph): (readonly [name: string, node: string])[] {
  return outputs.type === "one" ? [["", outputs.node]] : Object.entries(outputs.nodes);
}

/** A list frozen with its members. */
function list<T>(members: readonly T[]): readonly T[] {
  for (const member of members) Object.freeze(member);
  return Object.freeze(members);
}
