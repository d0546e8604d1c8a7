// Where a value came from: a tree from a node back to inputs, model calls, decisions and other runs. Read from the facts; nothing is executed.

import type { Plan, PlanNode } from "../compile/plan.ts";
import type { JsonValue } from "../json.ts";
import { glance } from "./explain-difference.ts";
import { modelsIn, type ModelUse } from "./explain-models.ts";
import { storedIn, type StoredUse } from "./explain-stored.ts";
import {
  childOf,
  factId,
  factsAbout,
  lastFact,
  pathOf,
  placeOf,
  workUpTo,
  type LoadedRun,
  type PlacedFact,
  type ReadRun,
} from "./explain-tree.ts";
import type { Actor } from "./fact.ts";
import { childrenIn } from "./node-state.ts";
import { childPath } from "./path.ts";
import { stateOf } from "./state.ts";

/** What gave a value: an input, a literal, the node's own work, an event, a time, child runs, or somebody by hand in a fork. */
export type Origin = "input" | "literal" | "work" | "event" | "time" | "children" | "hand";

/** A value and where it came from. */
export interface Lineage {
  readonly path: string;
  readonly origin: Origin;
  /** The fact that gave the value in this run. */
  readonly fact: string | undefined;
  /** The value in a few words: a scalar up to 80 characters, else how large it is. */
  readonly brief: string;
  /** All of it, only when values were asked for. */
  readonly value?: JsonValue;
  /** Who gave it: the starter, whoever updated, the decider. */
  readonly by?: Actor;
  /** The delivery that brought it. */
  readonly delivery?: string;
  readonly models?: readonly ModelUse[];
  readonly remote?: { readonly url: string; readonly run: string };
  /** Ids of facts of stores and histories: those that it was made of, and those that it recorded. At most 8 of each, and how many more. */
  readonly stored?: StoredUse;
  /** The fact that made the value, where it was taken over. */
  readonly reusedFrom?: string;
  readonly reads: readonly { readonly as: string; readonly from: Lineage }[];
  /** The children that gave it. */
  readonly children: readonly Lineage[];
  /** How many parts are left out here. */
  readonly cut: number;
  /** It stands further up in the tree already, with what it read. */
  readonly isRepeated?: true;
}

/** What to tell besides names and facts. */
export interface LineageOptions {
  /** Include the values themselves. */
  readonly values?: boolean;
}

const DEPTH_LIMIT = 8;
const WIDTH_LIMIT = 8;
const SIZE_LIMIT = 200;

interface Walk {
  readonly read: ReadRun;
  readonly values: boolean;
  readonly seen: Set<string>;
  left: number;
}

/** Where the value of a node came from; undefined for a node without one. At most 8 deep, 8 wide and 200 in all; what is beyond is counted. */
export function lineageOf(run: LoadedRun, node: PlanNode, read: ReadRun, { values = false }: LineageOptions = {}): Lineage | undefined {
  return visit(run, node, 0, { read, values, seen: new Set(), left: SIZE_LIMIT });
}

/** The same for what one item gave. */
export function lineageOfItem(
  run: LoadedRun,
  node: PlanNode,
  key: string,
  read: ReadRun,
  { values = false }: LineageOptions = {},
): Lineage | undefined {
  return visitItem(run, node, key, 0, { read, values, seen: new Set(), left: SIZE_LIMIT });
}

/** The outputs of a plan that a node, such as an input, can reach. */
export function dependsOn(plan: Plan, name: string): readonly string[] {
  const start = plan.byName.get(name);
  const reached = new Set<number>();
  const open = start === undefined ? [] : [start.index];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (reached.has(index)) continue;
    reached.add(index);
    open.push(...(plan.nodes[index]?.dependents ?? []));
  }
  const isReached = (node: string) => reached.has(plan.byName.get(node)?.index ?? -1);
  const { outputs } = plan;
  if (outputs.type === "one") return isReached(outputs.node) ? [outputs.node] : [];
  return Object.entries(outputs.nodes).flatMap(([output, node]) => (isReached(node) ? [output] : []));
}

function visit(run: LoadedRun, node: PlanNode, depth: number, walk: Walk): Lineage | undefined {
  const now = stateOf(run.state, node);
  if (now.status !== "succeeded") return undefined;
  const path = pathOf(run, node);
  const outcome = run.facts[now.fact - 1];
  const own = { path, origin: originOf(run, node, outcome), fact: factId(run, now.fact), ...shown(now.value, walk) };
  const place = `${run.state.id}:${node.index}`;
  if (walk.seen.has(place)) return { ...own, reads: [], children: [], cut: 0, isRepeated: true };
  walk.seen.add(place);
  walk.left -= 1;
  const reads = own.origin === "hand" ? [] : readsOf(run, node, walk.read);
  const keys = own.origin === "hand" ? [] : (childrenIn(now)?.keys ?? []);
  const made = {
    ...own,
    ...makerOf(run, node, outcome, now.source, walk.read),
    ...(now.source === undefined ? {} : { reusedFrom: now.source }),
  };
  if (depth === DEPTH_LIMIT) return { ...made, reads: [], children: [], cut: reads.length + keys.length };
  const taken = within(reads, walk, ({ as, run: of, node: from, key }) => {
    const lineage = key === undefined ? visit(of, from, depth + 1, walk) : visitItem(of, from, key, depth + 1, walk);
    return lineage === undefined ? undefined : { as, from: lineage };
  });
  const given = within(keys, walk, (key) => visitItem(run, node, key, depth + 1, walk));
  return { ...made, reads: taken.list, children: given.list, cut: taken.cut + given.cut };
}

function visitItem(run: LoadedRun, node: PlanNode, key: string, depth: number, walk: Walk): Lineage | undefined {
  const settled = childrenIn(stateOf(run.state, node))?.settled.get(key);
  if (settled?.status !== "succeeded") return undefined;
  const fact = factsAbout(run, node.name).findLast((each) => each.fact.type === "child.settled" && each.fact.key === key);
  const source = fact?.fact.type === "child.settled" ? fact.fact.source : undefined;
  const child = childOf(run, node, key, walk.read);
  const outputs = child === undefined ? [] : outputNodes(child.state.plan);
  const taken = within(depth >= DEPTH_LIMIT ? [] : outputs, walk, (output) =>
    child === undefined ? undefined : visit(child, output, depth + 1, walk),
  );
  return {
    path: childPath(run.state.path, node.name, key),
    origin: "children",
    fact: fact === undefined ? undefined : factId(run, fact.number),
    ...shown(settled.value, walk),
    ...(source === undefined ? {} : { reusedFrom: source }),
    reads: [],
    children: taken.list,
    cut: depth >= DEPTH_LIMIT ? outputs.length : taken.cut,
  };
}

/** As many as there is room for. Those that have no value are left out without being counted. */
function within<T, R>(
  list: readonly T[],
  walk: Walk,
  look: (one: T) => R | undefined,
): { readonly list: readonly R[]; readonly cut: number } {
  const found: R[] = [];
  let cut = 0;
  for (const one of list) {
    const made = found.length < WIDTH_LIMIT && walk.left > 0 ? look(one) : null;
    if (made === null) cut += 1;
    else if (made !== undefined) found.push(made);
  }
  return { list: found, cut };
}

function shown(value: JsonValue, { values }: Walk): { readonly brief: string; readonly value?: JsonValue } {
  return { brief: glance(value), ...(values ? { value } : {}) };
}

function originOf({ state }: LoadedRun, { name, definition: { behaviour } }: PlanNode, outcome: PlacedFact | undefined): Origin {
  if (outcome?.fact.type === "event.delivered") return "event";
  if (outcome?.fact.type === "node.succeeded" && outcome.fact.by !== undefined) return "hand";
  switch (behaviour.work.type) {
    case "given":
      return state.plan.graph.inputs.some((each) => each.name === name) ? "input" : "literal";
    case "sleep":
      return "time";
    case "children":
      return "children";
    case "call":
    case "wait":
      return "work";
  }
}

interface Read {
  readonly as: string;
  readonly run: LoadedRun;
  readonly node: PlanNode;
  /** Set when it read what one child gave. */
  readonly key?: string;
}

/** What a node read: its needs; for an input of a child run, what its parent gave it. */
function readsOf(run: LoadedRun, node: PlanNode, read: ReadRun): readonly Read[] {
  const { parent, plan } = run.state;
  if (parent !== undefined && plan.graph.inputs.some(({ name }) => name === node.name)) {
    const above = read(parent.run);
    const giver = above?.state.plan.byName.get(parent.node);
    return above === undefined || giver === undefined ? [] : fedBy(above, giver, parent.key, node.name);
  }
  return needsRead(run, node);
}

function needsRead(run: LoadedRun, node: PlanNode): readonly Read[] {
  return node.needs.flatMap(({ local, node: index }) => {
    const need = run.state.plan.nodes[index];
    return need === undefined ? [] : [{ as: local, run, node: need }];
  });
}

/** What a child's input came from: the need of the same name; an item from the list, and a round from the one before, as the kind foretells. */
function fedBy(run: LoadedRun, node: PlanNode, key: string, input: string): readonly Read[] {
  const { forecast } = node.definition.behaviour;
  const reads = needsRead(run, node);
  const of = (local: string) => reads.filter(({ as }) => as === local);
  if (forecast?.type === "items" && forecast.as === input) return of(forecast.over);
  if (forecast?.type === "rounds" && forecast.as === input)
    return key === "1" ? of(forecast.from) : [{ as: input, run, node, key: String(Number(key) - 1) }];
  return of(input);
}

type Made = "by" | "delivery" | "models" | "remote" | "stored";

/** Who or what made a value: looked up where it was made, also in another run. */
function makerOf(
  run: LoadedRun,
  node: PlanNode,
  outcome: PlacedFact | undefined,
  source: string | undefined,
  read: ReadRun,
): Pick<Lineage, Made> {
  if (outcome === undefined) return {};
  const { fact } = outcome;
  if (source !== undefined) {
    const { run: id, number } = placeOf(source);
    const maker = id === run.state.id ? run : read(id);
    return maker === undefined ? {} : madeBy(workUpTo(maker, node.name, number));
  }
  if (fact.type === "run.started" || fact.type === "input.updated")
    return fact.actor === undefined || run.state.parent !== undefined ? {} : { by: fact.actor };
  return madeBy(workUpTo(run, node.name, outcome.number));
}

function madeBy(work: readonly PlacedFact[]): Pick<Lineage, Made> {
  const outcome = work.at(-1)?.fact;
  const models = modelsIn(work);
  const remote = lastFact(work, "remote.started")?.fact;
  const stored = storedIn(work);
  return {
    ...(outcome?.type === "event.delivered" ? { by: outcome.actor, delivery: outcome.deliveryId } : {}),
    ...(outcome?.type === "node.succeeded" && outcome.by !== undefined ? { by: outcome.by } : {}),
    ...(models.length === 0 ? {} : { models }),
    ...(remote === undefined ? {} : { remote: { url: remote.url, run: remote.there } }),
    ...(stored === undefined ? {} : { stored }),
  };
}

function outputNodes({ outputs, byName }: Plan): readonly PlanNode[] {
  const names = outputs.type === "one" ? [outputs.node] : [...new Set(Object.values(outputs.nodes))];
  return names.flatMap((name) => byName.get(name) ?? []);
}
