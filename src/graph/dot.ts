// A contract's graph in the DOT language of Graphviz: scopes and children as clusters, what is only waited for as dashed edges. With a run it is coloured by how
// far each node is. It renders a drawing and knows nothing else.

import type { AnyContract } from "./contract.ts";
import { type DrawingBox, type DrawingMember, type DrawingNode, drawingOf, type DrawnRun } from "./drawing.ts";
import { coloursOf, labelOf, otherLocals, seenText, titleOf } from "./drawing-label.ts";
import { describeMilliseconds } from "./duration.ts";
import type { Picture } from "./graph.ts";

const SHAPES: Readonly<Record<Picture["shape"] | "output", string>> = {
  input: "oval",
  box: "box",
  check: "parallelogram",
  world: "cylinder",
  model: "hexagon",
  person: "house",
  event: "cds",
  time: "doublecircle",
  choice: "diamond",
  many: "box3d",
  loop: "octagon",
  part: "component",
  output: "note",
};

/** Edges between clusters need `compound`; the white ground keeps the black lines readable in dark pages. */
const DEFAULTS = [
  'graph [rankdir=TB, compound=true, bgcolor="white", fontname="Helvetica", style="rounded", color="#64748b"]',
  'node [fontname="Helvetica"]',
  'edge [fontname="Helvetica", fontsize=10]',
];

interface Page {
  readonly lines: string[];
  /** Stand after all nodes: an edge inside a cluster would draw its other end into it. */
  readonly edges: string[];
}

/** The graph of a contract in the DOT language, for `dot -Tsvg` and its like; with a run, coloured by its nodes' status. */
export function dotGraph(contract: AnyContract, run?: DrawnRun): string {
  const drawing = drawingOf(contract, run);
  const { name, version } = drawing.contract;
  const page: Page = { lines: [], edges: [] };
  drawMembers(page, drawing.box.members, "  ");
  drawEnds(page, drawing.box);
  const title = `  label=${quoted([`${name}  version ${version}`, ...(drawing.run?.id === undefined ? [] : [drawing.run.id])])}`;
  return [`digraph ${quoted([name])} {`, ...DEFAULTS.map((line) => `  ${line}`), title, ...page.lines, ...page.edges, "}"].join("\n");
}

function drawMembers(page: Page, members: readonly DrawingMember[], indent: string): void {
  for (const member of members) {
    if (member.type === "node") drawNode(page, member, indent);
    else {
      page.lines.push(`${indent}subgraph cluster_${member.id} {`, `${indent}  label=${quoted([member.name])}`);
      drawMembers(page, member.members, `${indent}  `);
      page.lines.push(`${indent}}`);
    }
  }
}

function drawNode(page: Page, node: DrawingNode, indent: string): void {
  const tooltip = quoted([node.path, ...(node.description === undefined ? [] : [node.description])]);
  page.lines.push(`${indent}${node.id} [shape=${SHAPES[node.shape]}, label=${quoted(labelOf(node))}, tooltip=${tooltip}${coloured(node)}]`);
  for (const need of node.needs) {
    const locals = otherLocals(need).join(", ");
    if (need.from !== undefined) page.edges.push(`  ${need.from} -> ${node.id}${locals === "" ? "" : ` [label=${quoted([locals])}]`}`);
  }
  for (const { from } of node.after) if (from !== undefined) page.edges.push(`  ${from} -> ${node.id} [style=dashed]`);
  for (const part of node.parts) drawPart(page, node, part, indent);
}

/** An edge ends at a node and is cut at a cluster's rim, and a child may have no nodes: so every cluster has a point that cannot be seen. */
function drawPart(page: Page, node: DrawingNode, part: DrawingBox, indent: string): void {
  page.lines.push(
    `${indent}subgraph cluster_${part.id} {`,
    `${indent}  label=${quoted([titleOf(part)])}`,
    `${indent}  ${part.id} [shape=point, style=invis]`,
  );
  drawMembers(page, part.members, `${indent}  `);
  page.lines.push(`${indent}}`);
  page.edges.push(`  ${node.id} -> ${part.id} [style=dotted, lhead=cluster_${part.id}, label=${quoted([part.part])}]`);
}

/** What the contract gives, and which events come to it before there is a run. */
function drawEnds({ lines, edges }: Page, { outputs, earlyMs }: DrawingBox): void {
  for (const [index, { name, node, from }] of outputs.entries()) {
    lines.push(`  g${index} [shape=${SHAPES.output}, label=${quoted([name === "" ? node : name, "given"])}]`);
    if (from !== undefined) edges.push(`  ${from} -> g${index} [style=bold]`);
  }
  if (earlyMs !== undefined) {
    const label = quoted(["early events", `kept for ${describeMilliseconds(earlyMs)}`]);
    lines.push(`  early [shape=${SHAPES.event}, style=dashed, label=${label}]`);
  }
}

function coloured({ standing }: DrawingNode): string {
  if (standing === undefined) return "";
  const [, { fill, stroke, text }] = coloursOf(standing.status);
  return `, style=filled, fillcolor="${fill}", color="${stroke}", fontcolor="${text}"`;
}

/** A label: lines in quotes. Graphviz reads a backslash as the beginning of a name of its own, and an ampersand as that of an HTML entity. */
function quoted(lines: readonly string[]): string {
  const escape = (line: string) => seenText(line).replaceAll("&", "&amp;").replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return `"${lines.map(escape).join("\\n")}"`;
}
