// A contract's graph as a Mermaid flowchart, children as subgraphs; with a run's nodes it is coloured by how far each is.
// It knows shapes and no kinds: how a node looks is said by its picture.

import type { AnyContract } from "./contract.ts";
import type { Graph, NodeDefinition, Picture } from "./graph.ts";

/** What a picture needs to know of a node of a run; the nodes of a run's view fit. */
export interface DrawnNode {
  readonly name: string;
  readonly status: string;
  readonly children: readonly { readonly key: string; readonly nodes: readonly DrawnNode[] }[];
}

const SHAPES: Readonly<Record<Picture["shape"], readonly [open: string, close: string]>> = {
  input: ["([", "])"],
  box: ["[", "]"],
  check: ["{{", "}}"],
  world: ["[(", ")]"],
  model: ["{{", "}}"],
  person: ["[/", "\\]"],
  event: [">", "]"],
  time: ["((", "))"],
  choice: ["{", "}"],
  many: ["[[", "]]"],
  loop: ["[[", "]]"],
  part: ["[[", "]]"],
};

/** Colours by status. Fill and text are given together, so that they can be read in light and dark pages. */
const COLOURS: Readonly<Record<string, string>> = {
  running: "fill:#dbeafe,stroke:#2563eb,color:#1e3a8a",
  waiting: "fill:#fef3c7,stroke:#d97706,color:#78350f",
  succeeded: "fill:#dcfce7,stroke:#16a34a,color:#14532d",
  failed: "fill:#fee2e2,stroke:#dc2626,color:#7f1d1d",
  skipped: "fill:#f3f4f6,stroke:#9ca3af,color:#6b7280",
};

/** When one picture stands for several children, the status that matters most is shown. */
const WEIGHT = ["failed", "waiting", "running", "blocked", "pending", "succeeded", "skipped"];

interface Page {
  readonly lines: string[];
  /** Ids by status, for the colours at the end. */
  readonly coloured: Map<string, string[]>;
  nodes: number;
}

/** The graph of a contract as a Mermaid flowchart; with a run, coloured by its nodes' status. */
export function mermaidGraph({ graph }: AnyContract, run?: { readonly nodes: readonly DrawnNode[] }): string {
  const page: Page = { lines: [], coloured: new Map(), nodes: 0 };
  drawGraph(page, graph, graph.nodes, run === undefined ? [] : [run.nodes], "  ");
  const colours = [...page.coloured].flatMap(([status, ids]) => {
    const colour = COLOURS[status];
    return colour === undefined ? [] : [`  classDef ${status} ${colour}`, `  class ${ids.join(",")} ${status}`];
  });
  return ["flowchart TD", ...page.lines, ...colours].join("\n");
}

/** Draws nodes and their edges. `views` holds the same nodes as several children of a run see them. */
function drawGraph(
  page: Page,
  graph: Graph,
  nodes: readonly NodeDefinition[],
  views: readonly (readonly DrawnNode[])[],
  indent: string,
): void {
  const ids = new Map(nodes.map((node) => [node.name, `n${page.nodes++}`]));
  for (const node of nodes) {
    const id = ids.get(node.name) ?? "";
    const seen = views.flat().filter((view) => view.name === node.name);
    page.lines.push(`${indent}${id}${shapeOf(graph, node)}`);
    colour(page, id, seen);
    for (const name of new Set(Object.values(node.needs))) {
      const from = ids.get(name);
      if (from !== undefined) page.lines.push(`${indent}${from} --> ${id}`);
    }
    drawChildren(page, node, id, seen, indent);
  }
}

function drawChildren(page: Page, node: NodeDefinition, id: string, seen: readonly DrawnNode[], indent: string): void {
  const { work } = node.behaviour;
  if (work.type !== "children") return;
  const parts = Object.entries(work.parts);
  for (const [part, graph] of parts) {
    const box = `${id}_${page.nodes++}`;
    // With one part all children are of it; with several, a child's key is the name of its part.
    const children = seen.flatMap((view) => view.children).filter(({ key }) => parts.length === 1 || key === part);
    const inputs = new Set(graph.inputs.map((input) => input.name));
    const inner = graph.nodes.filter((child) => !inputs.has(child.name));
    page.lines.push(
      `${indent}${id} -. ${quoted([part])} .-> ${box}`,
      `${indent}subgraph ${box} [${quoted([graph.inline ? part : `${graph.name} ${graph.version}`])}]`,
    );
    drawGraph(
      page,
      graph,
      inner,
      children.map((child) => child.nodes),
      `${indent}  `,
    );
    page.lines.push(`${indent}end`);
  }
}

function shapeOf(graph: Graph, node: NodeDefinition): string {
  const { shape, lines } = node.behaviour.picture;
  const [open, close] = SHAPES[shape];
  const kind = shape === "input" ? [] : [node.kind];
  const notes = graph.correlate.includes(node.name) ? ["finds the run"] : [];
  return `${open}${quoted([node.name, [...kind, ...lines, ...notes].join(", ")])}${close}`;
}

function colour(page: Page, id: string, seen: readonly DrawnNode[]): void {
  const status = WEIGHT.find((each) => seen.some((view) => view.status === each));
  if (status === undefined) return;
  const ids = page.coloured.get(status) ?? [];
  page.coloured.set(status, [...ids, id]);
}

/** A label: lines in quotes. What Mermaid or HTML would read as something else is written as its number. */
function quoted(lines: readonly string[]): string {
  const escape = (line: string) => line.replace(/["#&<>`\\;{}[\]|]/g, (character) => `#${character.codePointAt(0)};`).replace(/\s+/g, " ");
  return `"${lines
    .filter((line) => line !== "")
    .map(escape)
    .join("<br/>")}"`;
}
