// Declares the nodes of a document that was read, with the methods that authors use. Knows no JSON.

import type { Needs, Node } from "../graph/node.ts";
import type { GraphBuilder } from "../nodes/index.ts";
import type { ReadGraph, ReadNode } from "./read-graph.ts";

/** Declares all nodes, and gives what a definition gives. */
export function declareGraph(g: GraphBuilder, inputs: Needs, graph: ReadGraph): Node<unknown> | Needs {
  const handles = new Map<string, Node<unknown>>(Object.entries(inputs));
  const scopes = new Map([["", g]]);
  const handleOf = (name: string): Node<unknown> => handles.get(name) ?? outputOf(name, handles);
  for (const node of graph.nodes) {
    const cut = node.name.lastIndexOf(".");
    const scope = builderOf(node.name.slice(0, Math.max(0, cut)), scopes);
    handles.set(
      node.name,
      node.isSound ? declare(scope, node.name.slice(cut + 1), node, handleOf) : standIn(scope, node.name.slice(cut + 1)),
    );
  }
  const { outputs } = graph;
  if (outputs === undefined) return standIn(g, "none");
  return typeof outputs === "string"
    ? handleOf(outputs)
    : Object.fromEntries(Object.entries(outputs).map(([name, node]) => [name, handleOf(node)]));
}

function declare(g: GraphBuilder, name: string, { form, options }: ReadNode, handleOf: (name: string) => Node<unknown>): Node<unknown> {
  const made = Object.fromEntries([...options].map(([option, make]) => [option, make(handleOf)]));
  // Each option was read as the kind's form says, which is what its method takes.
  return form.declare(g, name, made as never);
}

/** In the place of a node that cannot be declared, so that what names it is checked all the same. */
function standIn(g: GraphBuilder, name: string): Node<unknown> {
  return g.compute(name, { needs: {}, run: () => null });
}

/** The builder in a scope such as `pricing.tax`. */
function builderOf(scope: string, scopes: Map<string, GraphBuilder>): GraphBuilder {
  const known = scopes.get(scope);
  if (known !== undefined) return known;
  const cut = scope.lastIndexOf(".");
  const outer = builderOf(scope.slice(0, Math.max(0, cut)), scopes);
  const builder = outer.scope(scope.slice(cut + 1), (inner) => inner);
  scopes.set(scope, builder);
  return builder;
}

/** `pricing.total`: an output of the node `pricing`, or that node itself where it stands in for one that could not be declared. */
function outputOf(name: string, handles: ReadonlyMap<string, Node<unknown>>): Node<unknown> {
  const cut = Math.max(0, name.lastIndexOf("."));
  const node = handles.get(name.slice(0, cut));
  if (node === undefined) throw new Error(`there is no node "${name}"`);
  if (!("output" in node)) return node;
  // A handle with outputs has a handle for each of their names, and for others one that tells what is wrong.
  const output = (node.output as Readonly<Record<string, Node<unknown> | undefined>>)[name.slice(cut + 1)];
  if (output === undefined) throw new Error(`"${node.name}" has no output "${name.slice(cut + 1)}"`);
  return output;
}
