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
  return [...own.map((finding) => place(graph, finding, node.name, node.source)), ...checkChildren(graph, node)];
}

function checkChildren(graph: Graph, node: NodeDefinition): Finding[] {
  const { work } = node.behaviour;
  if (work.type !== "children") return [];
  const given = [...Object.keys(node.needs), ...Object.keys(work.correlation(""))];
  return Object.entries(work.parts).flatMap(([part, child]) => {
    // An inline child's findings are told by the contract it stands in; a contract's own were told when it was defined.
    if (child.inline) return checkGraph(child).filter((finding) => finding.code !== "input_unused");
    const missing = child.inputs.filter((input) => !input.hasDefault && !given.includes(input.name));
    return missing.map((input) =>
      place(
        graph,
        {
          code: "child_input_missing",
          severity: "error",
          message: `part "${part}" runs the contract "${child.name}", whose input "${input.name}" nothing gives`,
          hint: didYouMean(input.name, given),
        },
        node.name,
        node.source,
      ),
    );
  });
}

function checkCorrelation(graph: Graph): Finding[] {
  const inputs = graph.inputs.map((input) => input.name);
  return graph.correlate
    .filter((key) => !inputs.includes(key))
    .map((key) => place(graph, { code: "unknown_correlation", severity: "error", message: `correlate names "${key}", which is no input`, hint: didYouMean(key, inputs) }, undefined, graph.source));
}

function checkUse(graph: Graph): Finding[] {
  const needed = neededNodes(graph);
  const inputs = new Set(graph.inputs.map((input) => input.name));
  const unneeded = graph.nodes.filter((node) => !needed.has(node.name) && !graph.correlate.includes(node.name));
  return unneeded.map((node) => {
    const finding: NodeFinding =
      inputs.has(node.name)
        ? { code: "input_unused", severity: "warning", message: "nothing uses this input", hint: "Use it, name it in correlate, or leave it out." }
        : { code: "node_unused", severity: "warning", message: "no output needs this node, so it never runs", hint: "Return it, or let something that is returned need it." };
    return place(graph, finding, node.name, node.source);
  });
}

function place(graph: Graph, finding: NodeFinding, node: string | undefined, mark: SourceMark): Finding {
  const source = mark.locate();
  return { ...finding, contract: graph.name, ...(node === undefined ? {} : { node }), ...(source === undefined ? {} : { source }) };
}
