// A contract's graph as lines of text: one row a node in the order they were declared, children in boxes below their node.
// It knows shapes and no kinds: how a node looks is said by its picture.

import type { AnyContract } from "./contract.ts";
import type { Graph, NodeDefinition, Picture } from "./graph.ts";

/** The mark of each shape, one column wide in every terminal, and what it stands for in the legend. */
const MARKS: Readonly<Record<Picture["shape"], readonly [mark: string, meaning: string]>> = {
  input: [">", "given"],
  box: ["□", "computed"],
  check: ["✓", "checked"],
  world: ["↔", "outside"],
  model: ["✦", "model"],
  person: ["◆", "a person decides"],
  event: ["◇", "an event from outside"],
  time: ["◷", "a time"],
  choice: ["?", "one of its cases"],
  many: ["≡", "one child for each item"],
  loop: ["↻", "round by round"],
  part: ["▣", "a part of its own"],
};

/** The graph of a contract as text, ending in a legend of the marks it uses. */
export function textGraph({ graph }: AnyContract): string {
  const shapes = new Set(allNodes(graph).map((node) => node.behaviour.picture.shape));
  const legend = [...shapes].map((shape) => MARKS[shape].join(" ")).join("   ");
  const heading = [`${graph.name}  version ${graph.version}`, ...(graph.description === undefined ? [] : [graph.description])];
  return [...heading, "", ...rowsOf(graph, graph.nodes), "", `gives  ${outputsOf(graph)}`, "", legend]
    .map((line) => line.trimEnd())
    .join("\n");
}

function rowsOf(graph: Graph, nodes: readonly NodeDefinition[]): string[] {
  const columns = widthsOf(nodes.map((node) => [node.name, node.kind, needsOf(node)]));
  return nodes.flatMap((node) => [rowOf(graph, node, columns), ...childrenOf(node)]);
}

function rowOf(graph: Graph, node: NodeDefinition, columns: readonly number[]): string {
  const { shape, lines } = node.behaviour.picture;
  const cells = [node.name, node.kind, needsOf(node)].map((cell, index) => cell.padEnd(columns[index] ?? 0));
  const notes = [...lines, ...(graph.correlate.includes(node.name) ? ["finds the run"] : [])];
  return `${MARKS[shape][0]} ${cells.join("  ")}  ${notes.join(", ")}`.trimEnd();
}

/** The box of each child. Its inputs are what the node above it needs, so they are not told again. */
function childrenOf(node: NodeDefinition): string[] {
  const { work } = node.behaviour;
  if (work.type !== "children") return [];
  return Object.entries(work.parts).flatMap(([part, graph]) => {
    const title = graph.inline ? part : `${part}: ${graph.name} ${graph.version}`;
    const inputs = new Set(graph.inputs.map((input) => input.name));
    const rows = rowsOf(
      graph,
      graph.nodes.filter((inner) => !inputs.has(inner.name)),
    );
    return [`  ╭─ ${title}`, ...[...rows, `gives  ${outputsOf(graph)}`].map((row) => `  │ ${row}`), "  ╰─"];
  });
}

function needsOf({ needs }: NodeDefinition): string {
  const names = [...new Set(Object.values(needs))];
  return names.length === 0 ? "" : `← ${names.join(", ")}`;
}

function outputsOf({ outputs }: Graph): string {
  if (outputs.type === "one") return outputs.node;
  return Object.entries(outputs.nodes)
    .map(([name, node]) => (name === node ? name : `${name} ← ${node}`))
    .join(", ");
}

const COLUMN_LIMIT = 36;

/** The width of each column; a single long cell may stand out instead of widening all rows. */
function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const columns = rows[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, column) => {
    const widths = rows.map((row) => row[column]?.length ?? 0).filter((width) => width <= COLUMN_LIMIT);
    return Math.max(0, ...widths);
  });
}

function allNodes(graph: Graph): NodeDefinition[] {
  return graph.nodes.flatMap((node) => {
    const { work } = node.behaviour;
    return [node, ...(work.type === "children" ? Object.values(work.parts).flatMap(insideNodes) : [])];
  });
}

function insideNodes(graph: Graph): NodeDefinition[] {
  const inputs = new Set(graph.inputs.map((input) => input.name));
  return allNodes(graph).filter((node) => !inputs.has(node.name));
}
