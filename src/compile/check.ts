// Everything that can be found wrong or doubtful in a graph without running it, children included.

import type { Finding } from "../graph/finding.ts";
import type { Graph, NodeDefinition, NodeFinding } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { SourceMark } from "../graph/source.ts";
import { neededNodes } from "./needed.ts";

/** All findings of a graph, in the order of its nodes. */
export function checkGraph(graph: Graph): readonly Finding[] {
  return [...checkCorrelation(graph), ...checkUse(graph), ...graph.nodes.flatMap((node) => checkNode(graph, node))];
}

function checkNode(graph: Graph, node: NodeDefinition): Finding[] {
  const own = node.behaviour.check({ needs: Object.keys(node.needs) });
  return [...own.map((finding) => place(graph, finding, node.name, node.source)), ...checkChildren(node)];
}

/** What is inside children written in place; a contract's own findings were told when it was defined, and what it is given its kind checks. */
function checkChildren({ behaviour: { work } }: NodeDefinition): Finding[] {
  if (work.type !== "children") return [];
  const inline = Object.values(work.parts).filter((child) => child.inline);
  return inline.flatMap((child) => checkGraph(child).filter((finding) => finding.code !== "input_unused"));
}

function checkCorrelation(graph: Graph): Finding[] {
  const inputs = graph.inputs.map((input) => input.name);
  return graph.correlate
    .filter((key) => !inputs.includes(key))
    .map((key) =>
      place(
        graph,
        {
          code: "unknown_correlation",
          severity: "error",
          message: `correlate names "${key}", which is no input`,
          hint: didYouMean(key, inputs),
        },
        undefined,
        graph.source,
      ),
    );
}

function checkUse(graph: Graph): Finding[] {
  const needed = neededNodes(graph);
  const inputs = new Set(graph.inputs.map((input) => input.name));
  const unneeded = graph.nodes.filter((node) => !needed.has(node.name) && !graph.correlate.includes(node.name));
  return unneeded.map((node) => {
    const finding: NodeFinding = inputs.has(node.name)
      ? {
          code: "input_unused",
          severity: "warning",
          message: "nothing uses this input",
          hint: "Use it, name it in correlate, or leave it out.",
        }
      : {
          code: "node_unused",
          severity: "warning",
          message: "no output needs this node, so it never runs",
          hint: "Return it, or let something that is returned need it.",
        };
    return place(graph, finding, node.name, node.source);
  });
}

function place(graph: Graph, finding: NodeFinding, node: string | undefined, mark: SourceMark): Finding {
  const source = mark.locate();
  return { ...finding, contract: graph.name, ...(node === undefined ? {} : { node }), ...(source === undefined ? {} : { source }) };
}
