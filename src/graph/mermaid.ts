// A contract's graph as a Mermaid flowchart: scopes and children as subgraphs, what is only waited for as dashed edges. With a run it is coloured by how far each
// node is. It renders a drawing and knows nothing else.

import type { AnyContract } from "./contract.ts";
import { type DrawingBox, type DrawingMember, type DrawingNode, drawingOf, type DrawnRun, type Standing } from "./drawing.ts";
import { coloursOf, labelOf, otherLocals, seenText, titleOf } from "./drawing-label.ts";
import { describeMilliseconds } from "./duration.ts";
import type { Picture } from "./graph.ts";

/** Each shape has signs of its own, so that no two look alike. */
const SHAPES: Readonly<Record<Picture["shape"] | "output", readonly [open: string, close: string]>> = {
  input: ["([", "])"],
  box: ["[", "]"],
  check: ["[/", "/]"],
  world: ["[(", ")]"],
  model: ["{{", "}}"],
  person: ["[/", "\\]"],
  event: [">", "]"],
  time: ["((", "))"],
  choice: ["{", "}"],
  many: ["[\\", "/]"],
  loop: ["(", ")"],
  part: ["[[", "]]"],
  output: ["[\\", "\\]"],
};

interface Page {
  readonly lines: string[];
  /** Stand after all nodes: an edge inside a subgraph would draw its other end into it. */
  readonly edges: string[];
  /** Ids by status, for the colours at the end. */
  readonly coloured: Map<string, string[]>;
}

/** The graph of a contract as a Mermaid flowchart; with a run, coloured by its nodes' status. */
export function mermaidGraph(contract: AnyContract, run?: DrawnRun): string {
  const { box } = drawingOf(contract, run);
  const page: Page = { lines: [], edges: [], coloured: new Map() };
  drawMembers(page, box.members, "  ");
  drawEnds(page, box);
  const colours = [...page.coloured].flatMap(([status, ids]) => {
    const [name, { fill, stroke, text }] = coloursOf(status);
    return [`  classDef ${name} fill:${fill},stroke:${stroke},color:${text}`, `  class ${ids.join(",")} ${name}`];
  });
  return ["flowchart TD", ...page.lines, ...page.edges, ...colours].join("\n");
}

function drawMembers(page: Page, members: readonly DrawingMember[], indent: string): void {
  for (const member of members) {
    if (member.type === "node") drawNode(page, member, indent);
    else drawSubgraph(page, member.id, member.name, member.members, indent);
  }
}

function drawNode(page: Page, node: DrawingNode, indent: string): void {
  page.lines.push(`${indent}${node.id}${shaped(node.shape, labelOf(node))}`);
  colour(page, node.id, node.standing);
  for (const need of node.needs) {
    const locals = otherLocals(need).join(", ");
    if (need.from !== undefined) page.edges.push(`  ${need.from} -->${locals === "" ? "" : `|${quoted([locals])}|`} ${node.id}`);
  }
  for (const { from } of node.after) if (from !== undefined) page.edges.push(`  ${from} -.-> ${node.id}`);
  for (const part of node.parts) {
    page.edges.push(`  ${node.id} -. ${quoted([part.part])} .-> ${part.id}`);
    drawSubgraph(page, part.id, titleOf(part), part.members, indent);
  }
}

function drawSubgraph(page: Page, id: string, title: string, members: readonly DrawingMember[], indent: string): void {
  page.lines.push(`${indent}subgraph ${id} [${quoted([title])}]`);
  drawMembers(page, members, `${indent}  `);
  page.lines.push(`${indent}end`);
}

/** What the contract gives, and which events come to it before there is a run. */
function drawEnds({ lines, edges }: Page, { outputs, earlyMs }: DrawingBox): void {
  for (const [index, { name, node, from }] of outputs.entries()) {
    lines.push(`  g${index}${shaped("output", [name === "" ? node : name, "given"])}`);
    if (from !== undefined) edges.push(`  ${from} ==> g${index}`);
  }
  if (earlyMs !== undefined) lines.push(`  early${shaped("event", ["early events", `kept for ${describeMilliseconds(earlyMs)}`])}`);
}

function colour(page: Page, id: string, standing: Standing | undefined): void {
  if (standing === undefined) return;
  const [name] = coloursOf(standing.status);
  const ids = page.coloured.get(name);
  if (ids === undefined) page.coloured.set(name, [id]);
  else ids.push(id);
}

function shaped(shape: keyof typeof SHAPES, lines: readonly string[]): string {
  const [open, close] = SHAPES[shape];
  return `${open}${quoted(lines)}${close}`;
}

/**
 * A label: lines in quotes. What Mermaid or HTML would read as something else is written as its number; a colon only beside the words that Mermaid looks for
 * together with one.
 */
function quoted(lines: readonly string[]): string {
  const escape = (line: string) =>
    seenText(line).replace(/style|classDef/.test(line) ? SIGNS_AND_COLON : SIGNS, (character) => `#${character.codePointAt(0)};`);
  return `"${lines.map(escape).join("<br/>")}"`;
}

const SIGNS = /["#&<>`\\;{}[\]|%]/g;
const SIGNS_AND_COLON = /["#&<>`\\;{}[\]|%:]/g;
