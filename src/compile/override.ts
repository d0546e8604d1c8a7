// A graph in which some nodes are different for one run: another model, another prompt. What a fork swaps is part of the run's plan, not of its state.

import { InputError } from "../errors.ts";
import type { Graph, NodeDefinition } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { Work } from "../graph/work.ts";
import { canonicalJson, isJsonObject, type JsonObject } from "../json.ts";

const known = new WeakMap<Graph, Map<string, Graph>>();

/**
 * The graph with overrides by path, `draft` or `posts/draft` (inside every child of `posts`); the same graph and overrides give the same object.
 * @throws InputError `override_unknown` for a path that is no node, or a node in which nothing can be replaced
 */
export function overriddenGraph(graph: Graph, overrides: JsonObject): Graph {
  if (Object.keys(overrides).length === 0) return graph;
  const text = canonicalJson(overrides);
  const made = known.get(graph) ?? new Map<string, Graph>();
  known.set(graph, made);
  const before = made.get(text);
  if (before !== undefined) return before;
  const used = new Set<string>();
  const next = replaceIn(graph, "", overrides, used);
  const unknown = Object.keys(overrides).find((path) => !used.has(path));
  if (unknown !== undefined)
    throw new InputError("override_unknown", `"${unknown}" is no node of "${graph.name}" in which a model or a prompt can be replaced`, {
      fix: didYouMean(unknown, replaceable(graph, "")),
    });
  made.set(text, next);
  return next;
}

function replaceIn(graph: Graph, prefix: string, overrides: JsonObject, used: Set<string>): Graph {
  const nodes = graph.nodes.map((node) => replaceNode(node, prefix, overrides, used));
  return nodes.every((node, index) => node === graph.nodes[index]) ? graph : Object.freeze({ ...graph, nodes: Object.freeze(nodes) });
}

function replaceNode(node: NodeDefinition, prefix: string, overrides: JsonObject, used: Set<string>): NodeDefinition {
  const path = prefix === "" ? node.name : `${prefix}/${node.name}`;
  const { behaviour } = node;
  const override = overrides[path];
  if (isJsonObject(override) && behaviour.override !== undefined) {
    used.add(path);
    return { ...node, behaviour: behaviour.override(override) };
  }
  if (behaviour.work.type !== "children") return node;
  const { parts } = behaviour.work;
  const next = Object.fromEntries(Object.entries(parts).map(([part, graph]) => [part, replaceIn(graph, path, overrides, used)]));
  if (Object.entries(next).every(([part, graph]) => graph === parts[part])) return node;
  const work: Work = { ...behaviour.work, parts: next };
  return { ...node, behaviour: { ...behaviour, work } };
}

function replaceable(graph: Graph, prefix: string): string[] {
  return graph.nodes.flatMap(({ name, behaviour }) => {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    if (behaviour.override !== undefined) return [path];
    return behaviour.work.type === "children" ? Object.values(behaviour.work.parts).flatMap((part) => replaceable(part, path)) : [];
  });
}
