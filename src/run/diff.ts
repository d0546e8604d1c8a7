// Two runs side by side, node by node by path: what is the same, what was taken over, and where values, outcomes, contracts, models and prompts are different.

import { isSameJson, type JsonValue } from "../json.ts";
import type { Failure } from "../errors.ts";
import type { PlanNode } from "../compile/plan.ts";
import { firstDifference, type Difference } from "./explain-difference.ts";
import { modelsIn } from "./explain-models.ts";
import { childrenRecord, isKnown, isPast, itemRecord, recordOf, type ChildrenRecord, type NodeRecord } from "./explain-record.ts";
import { workUpTo, type LoadedRun, type ReadRun } from "./explain-tree.ts";
import { childPath, joinPath } from "./path.ts";
import type { Spending } from "./spending.ts";
import { stateOf, type RunStatus } from "./state.ts";

/** One of the two runs. */
export interface DiffSide {
  readonly run: string;
  readonly contract: string;
  readonly version: string;
  readonly status: RunStatus;
  /** Milliseconds; undefined while it has not ended. */
  readonly durationMs: number | undefined;
  readonly spending: Spending;
}

/** `reused`: the same value, since one took it over from the other or both from a third. `error`: both failed, differently. */
export type NodeChange = "same" | "reused" | "value" | "error" | "status" | "only_a" | "only_b";

/** A pair of names that are different: those of models, or of prompts with their versions. */
export interface DifferentNames {
  readonly a: readonly string[];
  readonly b: readonly string[];
}

/** One node or item of both runs. */
export interface NodeDiff {
  readonly path: string;
  readonly change: NodeChange;
  /** How it stands in each; undefined where it is not. */
  readonly a: string | undefined;
  readonly b: string | undefined;
  /** Where the values differ first. */
  readonly difference?: Difference;
  readonly errors?: { readonly a: Failure | undefined; readonly b: Failure | undefined };
  /** True when the two contracts define it differently. */
  readonly isRedefined: boolean;
  readonly models?: DifferentNames;
  readonly prompts?: DifferentNames;
}

/** An output of both runs. */
export interface OutputDiff {
  readonly name: string;
  readonly change: "same" | "different" | "only_a" | "only_b";
  readonly difference?: Difference;
}

/** How the second run came about, seen from the first: `fork` of it, its `origin`, another fork of the same (`sibling`), or none of these. */
export type Relation = "fork" | "origin" | "sibling" | "same_contract" | "other_version" | "other_contract";

/** Two runs compared. */
export interface RunDiff {
  readonly a: DiffSide;
  readonly b: DiffSide;
  readonly relation: Relation;
  /** Inputs that are different, with both values; undefined where one has no such input. */
  readonly inputs: readonly { readonly name: string; readonly a: JsonValue | undefined; readonly b: JsonValue | undefined }[];
  /** Nodes and items, in the order of the graph. What stands inside children that are the same as a whole is not looked at. */
  readonly nodes: readonly NodeDiff[];
  /** How many nodes are left out of the list: only such that are the same, unless more than 2,000 are different. */
  readonly cut: number;
  readonly outputs: readonly OutputDiff[];
  readonly counts: Readonly<Record<NodeChange | "redefined" | "models" | "prompts", number>>;
}

const NODES_LIMIT = 2_000;

/** Compares two runs. */
export function diffOf(a: LoadedRun, b: LoadedRun, read: ReadRun): RunDiff {
  const all = compareRuns(a, b, read);
  const different = all.filter(isDifferent);
  const nodes = all.length <= NODES_LIMIT ? all : different.slice(0, NODES_LIMIT);
  return {
    a: sideOf(a),
    b: sideOf(b),
    relation: relationOf(a, b),
    inputs: inputsOf(a, b),
    nodes,
    cut: all.length - nodes.length,
    outputs: outputsOf(a, b),
    counts: countsOf(all),
  };
}

/** True for a node about which something is different. */
export function isDifferent({ change, isRedefined, models, prompts }: NodeDiff): boolean {
  return (change !== "same" && change !== "reused") || isRedefined || models !== undefined || prompts !== undefined;
}

/** Two runs, or two children of the same node and key, node by node. */
function compareRuns(a: LoadedRun, b: LoadedRun, read: ReadRun): NodeDiff[] {
  return namesIn(a, b).flatMap((name) => {
    // Both are told in the same form, or their values could not be compared.
    const byFacts = isPast(a, name) || isPast(b, name);
    const own = compareNode(joinPath(a.state.path, name), a, b, name, [recordOf(a, name, byFacts), recordOf(b, name, byFacts)]);
    // What is the same as a whole, and made by the same, needs no look inside.
    return isDifferent(own) ? [own, ...compareChildren(a, b, name, byFacts, read)] : [own];
  });
}

function compareChildren(a: LoadedRun, b: LoadedRun, name: string, byFacts: boolean, read: ReadRun): NodeDiff[] {
  const [inA, inB] = [childrenRecord(a, name, byFacts), childrenRecord(b, name, byFacts)];
  return [...new Set([...inA.keys, ...inB.keys])].flatMap((key) => {
    const own: NodeDiff = {
      path: childPath(a.state.path, name, key),
      isRedefined: false,
      ...changeOf(a, b, [itemRecord(a, name, inA, key), itemRecord(b, name, inB, key)]),
    };
    const isSame = !isDifferent(own) && fingerprint(a, name) === fingerprint(b, name);
    const [childA, childB] = isSame ? [] : [childOf(inA, key, read), childOf(inB, key, read)];
    const inside = childA === undefined || childB === undefined ? [] : compareRuns(childA, childB, read);
    // A node's only child has its path.
    return key === "" ? inside : [own, ...inside];
  });
}

function childOf({ runs }: ChildrenRecord, key: string, read: ReadRun): LoadedRun | undefined {
  const id = runs.get(key);
  return id === undefined ? undefined : read(id);
}

function compareNode(
  path: string,
  a: LoadedRun,
  b: LoadedRun,
  name: string,
  pair: readonly [NodeRecord | undefined, NodeRecord | undefined],
): NodeDiff {
  const isInBoth = pair[0] !== undefined && pair[1] !== undefined;
  const change = changeOf(a, b, pair);
  const uses = change.change === "reused" ? undefined : ([usesOf(a, name), usesOf(b, name)] as const);
  const models = uses === undefined ? undefined : differentNames(uses, ({ model }) => model);
  const prompts = uses === undefined ? undefined : differentNames(uses, ({ prompt }) => prompt);
  return {
    path,
    ...change,
    isRedefined: isInBoth && fingerprint(a, name) !== fingerprint(b, name),
    ...(models === undefined ? {} : { models }),
    ...(prompts === undefined ? {} : { prompts }),
  };
}

function changeOf(
  a: LoadedRun,
  b: LoadedRun,
  [inA, inB]: readonly [NodeRecord | undefined, NodeRecord | undefined],
): Pick<NodeDiff, "change" | "a" | "b" | "difference" | "errors"> {
  const statuses = { a: inA?.status, b: inB?.status };
  if (inA === undefined || inB === undefined) return { change: inA === undefined ? "only_b" : "only_a", ...statuses };
  if (inA.status !== inB.status) {
    const hasFailed = inA.error !== undefined || inB.error !== undefined;
    return { change: "status", ...statuses, ...(hasFailed ? { errors: { a: inA.error, b: inB.error } } : {}) };
  }
  if (inA.error !== undefined && inB.error !== undefined) {
    const isSame = inA.error.code === inB.error.code && inA.error.message === inB.error.message;
    return isSame ? { change: "same", ...statuses } : { change: "error", ...statuses, errors: { a: inA.error, b: inB.error } };
  }
  const difference = firstDifference(inA.value, inB.value);
  if (difference !== undefined) return { change: "value", ...statuses, difference };
  const isShared = inA.maker === inB.maker || inB.maker === a.state.id || inA.maker === b.state.id;
  return { change: inA.status === "succeeded" && isShared ? "reused" : "same", ...statuses };
}

/** The names of both runs' nodes, in the order of the graph, inputs left out; those that are gone from it come last. */
function namesIn(a: LoadedRun, b: LoadedRun): readonly string[] {
  const names = [a, b].flatMap((run) => run.state.plan.nodes.filter((node) => node.needed && isShown(run, node)).map(({ name }) => name));
  const gone = [a, b].flatMap((run) =>
    run.facts.flatMap(({ fact }) => ("node" in fact && !run.state.plan.byName.has(fact.node) ? [fact.node] : [])),
  );
  return [...new Set([...names, ...gone])].filter((name) => isKnown(a, name) || isKnown(b, name));
}

function isShown({ state }: LoadedRun, { name, definition }: PlanNode): boolean {
  return definition.behaviour.work.type !== "given" || !state.plan.graph.inputs.some((input) => input.name === name);
}

function fingerprint({ fingerprints }: LoadedRun, name: string): string | undefined {
  return fingerprints[name];
}

function usesOf(run: LoadedRun, name: string): ReturnType<typeof modelsIn> {
  const node = run.state.plan.byName.get(name);
  const now = node === undefined ? undefined : stateOf(run.state, node);
  return modelsIn(workUpTo(run, name, now?.status === "succeeded" ? now.fact : Number.POSITIVE_INFINITY));
}

function differentNames(
  [a, b]: readonly [ReturnType<typeof modelsIn>, ReturnType<typeof modelsIn>],
  nameOf: (use: ReturnType<typeof modelsIn>[number]) => string | undefined,
): DifferentNames | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  const names = { a: distinct(a.flatMap((use) => nameOf(use) ?? [])), b: distinct(b.flatMap((use) => nameOf(use) ?? [])) };
  return isSameJson(names.a, names.b) ? undefined : names;
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function sideOf({ state, version }: LoadedRun): DiffSide {
  const { id, plan, status, startedAt, endedAt, spending } = state;
  return { run: id, contract: plan.name, version, status, durationMs: endedAt === undefined ? undefined : endedAt - startedAt, spending };
}

function relationOf(a: LoadedRun, b: LoadedRun): Relation {
  if (b.state.forked?.run === a.state.id) return "fork";
  if (a.state.forked?.run === b.state.id) return "origin";
  if (a.state.forked !== undefined && a.state.forked.run === b.state.forked?.run) return "sibling";
  if (a.state.plan.name !== b.state.plan.name) return "other_contract";
  return a.version === b.version ? "same_contract" : "other_version";
}

function inputsOf({ state: a }: LoadedRun, { state: b }: LoadedRun): RunDiff["inputs"] {
  const names = [...new Set([...Object.keys(a.inputs), ...Object.keys(b.inputs)])];
  return names.flatMap((name) => (isSameJson(a.inputs[name], b.inputs[name]) ? [] : [{ name, a: a.inputs[name], b: b.inputs[name] }]));
}

/** Outputs by name; of a contract that gives one value, by the node that gives it. */
function outputsOf(a: LoadedRun, b: LoadedRun): readonly OutputDiff[] {
  const [inA, inB] = [outputNodes(a), outputNodes(b)];
  return [...new Set([...inA.keys(), ...inB.keys()])].flatMap((name): readonly OutputDiff[] => {
    const byFacts = isPast(a, inA.get(name) ?? name) || isPast(b, inB.get(name) ?? name);
    const [valueA, valueB] = [outputValue(a, inA.get(name), byFacts), outputValue(b, inB.get(name), byFacts)];
    if (valueA === undefined && valueB === undefined) return [];
    if (valueA === undefined || valueB === undefined) return [{ name, change: valueA === undefined ? "only_b" : "only_a" }];
    const difference = firstDifference(valueA, valueB);
    return [difference === undefined ? { name, change: "same" } : { name, change: "different", difference }];
  });
}

function outputNodes({ state: { plan } }: LoadedRun): ReadonlyMap<string, string> {
  const { outputs } = plan;
  return new Map(outputs.type === "one" ? [[outputs.node, outputs.node]] : Object.entries(outputs.nodes));
}

function outputValue(run: LoadedRun, node: string | undefined, byFacts: boolean): JsonValue | undefined {
  if (node === undefined || run.state.status !== "succeeded") return undefined;
  return recordOf(run, node, byFacts)?.value;
}

function countsOf(nodes: readonly NodeDiff[]): RunDiff["counts"] {
  const counts = { same: 0, reused: 0, value: 0, error: 0, status: 0, only_a: 0, only_b: 0, redefined: 0, models: 0, prompts: 0 };
  for (const { change, isRedefined, models, prompts } of nodes) {
    counts[change] += 1;
    if (isRedefined) counts.redefined += 1;
    if (models !== undefined) counts.models += 1;
    if (prompts !== undefined) counts.prompts += 1;
  }
  return counts;
}
