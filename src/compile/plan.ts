// A plan is a graph made ready to run: nodes by number, who waits for whom, and a hash that stands for all of it.

import type { Graph, NodeDefinition, Outputs } from "../graph/graph.ts";
import { hashJson, type JsonObject, type JsonValue } from "../json.ts";
import { jsonSchemaOf } from "../schema.ts";
import { neededNodes } from "./needed.ts";

/** A node of a plan. */
export interface PlanNode {
  readonly index: number;
  readonly name: string;
  readonly definition: NodeDefinition;
  /** What it reads: local name and the number of the node. */
  readonly needs: readonly { readonly local: string; readonly node: number }[];
  /** The nodes it waits for, whether it reads them or not; each once. */
  readonly waitsFor: readonly number[];
  /** The nodes that wait for it. */
  readonly dependents: readonly number[];
  /** False for a node that no output needs: it never runs. */
  readonly needed: boolean;
  /** Hash of what the node is: kind, needs, options, code, children. Equal fingerprints mean the same work. */
  readonly fingerprint: string;
  /** The plans of its children, by part. */
  readonly parts: Readonly<Record<string, Plan>>;
}

/** A compiled graph. */
export interface Plan {
  readonly graph: Graph;
  readonly name: string;
  readonly version: string;
  /** SHA-256 over all fingerprints, inputs and outputs; recorded with every run, which is pinned to it. */
  readonly hash: string;
  readonly nodes: readonly PlanNode[];
  readonly byName: ReadonlyMap<string, PlanNode>;
  readonly outputs: Outputs;
  /** How many nodes must succeed. */
  readonly neededCount: number;
  /** All events awaited in it or in its children. */
  readonly events: ReadonlySet<string>;
  /** True when something in it, or in its children, can be taken back. */
  readonly compensates: boolean;
}

const plans = new WeakMap<Graph, Plan>();

/** Compiles a graph; the same graph gives the same plan. */
export function planOf(graph: Graph): Plan {
  const known = plans.get(graph);
  if (known !== undefined) return known;
  const plan = makePlan(graph);
  plans.set(graph, plan);
  return plan;
}

function makePlan(graph: Graph): Plan {
  const needed = neededNodes(graph);
  const indexes = new Map(graph.nodes.map((node, index) => [node.name, index]));
  const dependents: number[][] = graph.nodes.map(() => []);
  const nodes = graph.nodes.map((definition, index): PlanNode => {
    const needs = Object.entries(definition.needs).map(([local, name]) => ({ local, node: indexes.get(name) ?? -1 }));
    const waitsFor = [...new Set([...needs.map(({ node }) => node), ...definition.after.map((name) => indexes.get(name) ?? -1)])];
    for (const before of waitsFor) dependents[before]?.push(index);
    const parts = partsOf(definition);
    return {
      index,
      name: definition.name,
      definition,
      needs,
      waitsFor,
      dependents: dependents[index] ?? [],
      needed: needed.has(definition.name),
      fingerprint: hashJson(describeNode(definition, parts)),
      parts,
    };
  });
  return {
    graph,
    name: graph.name,
    version: graph.version,
    hash: hashJson(describe(graph, nodes)),
    nodes,
    byName: new Map(nodes.map((node) => [node.name, node])),
    outputs: graph.outputs,
    neededCount: nodes.filter((node) => node.needed).length,
    events: new Set(nodes.flatMap(eventsOf)),
    compensates: nodes.some(compensates),
  };
}

function partsOf({ behaviour: { work } }: NodeDefinition): Record<string, Plan> {
  if (work.type !== "children") return {};
  return Object.fromEntries(Object.entries(work.parts).map(([part, graph]) => [part, planOf(graph)]));
}

function eventsOf(node: PlanNode): string[] {
  const { work } = node.definition.behaviour;
  const own = work.type === "wait" ? [work.event] : [];
  return [...own, ...Object.values(node.parts).flatMap((plan) => [...plan.events])];
}

function compensates({ definition, parts }: PlanNode): boolean {
  const { work } = definition.behaviour;
  return (work.type === "call" && work.takesBack !== undefined) || Object.values(parts).some((part) => part.compensates);
}

function describeNode(definition: NodeDefinition, parts: Readonly<Record<string, Plan>>): JsonObject {
  return {
    kind: definition.kind,
    needs: definition.needs,
    ...(definition.after.length === 0 ? {} : { after: definition.after }),
    detail: definition.behaviour.detail,
    parts: Object.fromEntries(Object.entries(parts).map(([part, plan]) => [part, plan.hash])),
  };
}

/** The fingerprint a node would have if the nodes it needs were called by other names, as they were in an older version. */
export function fingerprintUnder({ definition, fingerprint, parts }: PlanNode, oldNames: ReadonlyMap<string, string>): string {
  const before = (name: string) => oldNames.get(name) ?? name;
  const isRenamed = [...Object.values(definition.needs), ...definition.after].some((name) => oldNames.has(name));
  if (!isRenamed) return fingerprint;
  const needs = Object.fromEntries(Object.entries(definition.needs).map(([local, name]) => [local, before(name)]));
  return hashJson(describeNode({ ...definition, needs, after: definition.after.map(before) }, parts));
}

/** The plan as JSON, whose hash is the plan's own: the fingerprints of its nodes, its inputs and outputs. */
export function describePlan(plan: Plan): JsonObject {
  return describe(plan.graph, plan.nodes);
}

function describe(graph: Graph, nodes: readonly PlanNode[]): JsonObject {
  const outputs: JsonValue = graph.outputs.type === "one" ? graph.outputs.node : graph.outputs.nodes;
  return {
    // A child written in place has no name and no version of its own: a new version of the contract around it does not change it.
    ...(graph.inline ? {} : { name: graph.name, version: graph.version }),
    correlate: graph.correlate,
    nodes: Object.fromEntries(nodes.map((node) => [node.name, node.fingerprint])),
    inputs: Object.fromEntries(graph.inputs.map((input) => [input.name, jsonSchemaOf(input.schema) ?? null])),
    outputs,
  };
}
