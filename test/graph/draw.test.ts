// Pictures of graphs in every format: children and scopes stand inside, a run's state is shown, and whatever a name holds, the picture stays a picture.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/dsl/contract.ts";
import { dotGraph } from "../../src/graph/dot.ts";
import { textGraph } from "../../src/graph/draw.ts";
import { DRAWN_NODES_LIMIT, drawingOf } from "../../src/graph/drawing.ts";
import { coloursOf } from "../../src/graph/drawing-label.ts";
import { graphJson } from "../../src/graph/graph-json.ts";
import { mermaidGraph } from "../../src/graph/mermaid.ts";
import { chain, drawn, nested, redrawn, showcase, showcaseRun } from "./showcase.ts";

const golden = (name: string) => new URL(`./golden/${name}`, import.meta.url).pathname;
const pretty = (value: unknown) => JSON.stringify(value, undefined, 2);

describe.each([
  ["text", textGraph, "txt"],
  ["Mermaid", mermaidGraph, "mmd"],
  ["DOT", dotGraph, "dot"],
  ["JSON", (...all: Parameters<typeof graphJson>) => pretty(graphJson(...all)), "json"],
] as const)("a graph as %s", (format, render, extension) => {
  const kept = (name: string) => golden(`${name}-${format.toLowerCase()}.${extension === "json" ? "json.txt" : "txt"}`);

  it("shows scopes, shapes, children, edges, correlation and outputs", async () => {
    await expect(`${render(showcase)}\n`).toMatchFileSnapshot(kept("nested"));
  });

  it("shows how far a run is", async () => {
    await expect(`${render(showcase, showcaseRun)}\n`).toMatchFileSnapshot(kept("run"));
  });

  it("draws 10,000 nodes in a chain, with and without a run", () => {
    const long = chain(10_000);
    const run = { nodes: long.graph.nodes.map(({ name }) => drawn(name, "succeeded")) };
    expect(render(long)).toContain("node-9999");
    expect(render(long, run)).toContain("succeeded");
  });

  it("draws 60 levels of children", () => {
    const text = render(nested(60));
    expect(text).toContain("leaf");
    expect(text).toContain("level-59");
  });

  it("cuts a picture whose children double from level to level, and says so", () => {
    const text = format === "JSON" ? JSON.stringify(graphJson(nested(60, 2))) : render(nested(60, 2));
    expect(text).toMatch(/the picture is full|"cut":true/);
  });
});

describe("a drawing", () => {
  it("is frozen to the bottom, and gives nodes their paths", () => {
    const { box } = drawingOf(showcase, showcaseRun);
    const seen: unknown[] = [];
    const visit = (value: unknown) => {
      if (typeof value !== "object" || value === null) return;
      seen.push(value);
      expect(Object.isFrozen(value)).toBe(true);
      Object.values(value).forEach(visit);
    };
    visit(box);
    expect(seen.length).toBeGreaterThan(100);
    expect(JSON.stringify(box)).toContain('"path":"posts[each]/draft"');
  });

  it("draws a contract's own nodes however many there are; the limit is for those of its children", () => {
    const { box } = drawingOf(chain(DRAWN_NODES_LIMIT + 1));
    expect(box.members).toHaveLength(DRAWN_NODES_LIMIT + 2);
    expect(box.isCut).toBe(false);
  });
});

describe("the shapes", () => {
  const shapes = ["input", "box", "check", "world", "model", "person", "event", "time", "choice", "many", "loop", "part"] as const;
  const [, node] = chain(1).graph.nodes;
  const drawings = shapes.map((shape) => {
    if (node === undefined) throw new Error("the chain has no node");
    const only = { ...node, needs: {}, behaviour: { ...node.behaviour, picture: { shape, lines: [] } } };
    return redrawn(chain(1), { nodes: [only] });
  });

  it.each([
    ["text", textGraph, /^(\S) node-0/m],
    ["Mermaid", mermaidGraph, /n0(\W+)"node-0.*?"(\W+)$/m],
    ["DOT", dotGraph, /n0 \[shape=(\w+)/],
  ] as const)("are all different in %s", (_format, render, sign) => {
    const found = drawings.map((each) => sign.exec(render(each))?.slice(1).join(" "));
    expect(new Set(found.filter((each) => each !== undefined)).size).toBe(shapes.length);
  });
});

describe("the state of a run", () => {
  const coloured = (text: string) => {
    const names = new Map(Array.from(text.matchAll(/^\s*(n\d+)[[({>/\\]+"([\w.-]+)/gm), ([, id = "", name = ""]) => [id, name]));
    return Object.fromEntries(
      Array.from(text.matchAll(/^ {2}class (\S+) (\S+)$/gm), ([, ids = "", status = ""]) => [
        status,
        ids.split(",").map((id) => names.get(id)),
      ]),
    );
  };

  it("colours each node; one that stands for several shows the status that matters most, and how many there are of each", () => {
    const text = mermaidGraph(showcase, showcaseRun);
    expect(coloured(text)).toMatchObject({ waiting: ["posts", "review"], failed: ["draft"], stale: ["write.text"] });
    expect(text).toContain("1 failed, 1 succeeded");
  });

  it("keeps a status that nobody has heard of", () => {
    expect(coloured(mermaidGraph(showcase, showcaseRun))).toMatchObject({ other: ["announce"] });
    expect(textGraph(showcase, showcaseRun)).toContain("• resting");
    expect(graphJson(showcase, showcaseRun).nodes.at(-1)).toMatchObject({ name: "announce", status: "resting" });
    const strange = { nodes: [drawn("announce", 'x"] <b>\n%%{end}')] };
    expect(mermaidGraph(showcase, strange)).not.toMatch(/<b>|%%|\{end/);
    expect(dotGraph(showcase, strange)).toContain('x\\"] <b> %%{end}');
    expect(textGraph(showcase, strange)).toContain('• x"] <b> %%{end}');
  });

  it("is told of nodes, and of nothing that has none: inputs and what never runs", () => {
    const { run, nodes } = graphJson(showcase, showcaseRun);
    expect(run).toEqual({ id: "run_1", status: "waiting" });
    expect(nodes.find(({ name }) => name === "topic")).toMatchObject({ status: null });
    expect(graphJson(showcase).nodes[0]).not.toHaveProperty("status");
  });

  it("is painted by whoever has colours, without moving a column", () => {
    const plain = textGraph(showcase, showcaseRun);
    const painted = textGraph(showcase, showcaseRun, (status, text) => `\u001b[${status.length}m${text}\u001b[0m`);
    expect(painted).not.toBe(plain);
    // oxlint-disable-next-line no-control-regex -- these are the colours
    expect(painted.replaceAll(/\u001b\[\d+m/g, "")).toBe(plain);
  });

  it("has colours that can be read: text on its fill by the contrast that WCAG AA asks for", () => {
    for (const status of ["pending", "blocked", "running", "waiting", "succeeded", "failed", "skipped", "stale", "unheard-of"]) {
      const [, { fill, text, stroke }] = coloursOf(status);
      expect(contrast(fill, text), status).toBeGreaterThan(4.5);
      expect(contrast("#ffffff", stroke), status).toBeGreaterThan(3);
      expect(contrast("#0d1117", stroke), status).toBeGreaterThan(3);
    }
  });
});

describe("whatever stands in names, lines and descriptions", () => {
  const wild = 'a "b" <script>alert(1)</script> [c] {d} |e| %%{init: {}}%% `f`; #35; \\N &lt;\nstyle: x:y#z \u001b[1A\u202e';
  const [seed, node] = chain(1).graph.nodes;
  if (seed === undefined || node === undefined) throw new Error("the chain has no node");
  const picture = { shape: "box" as const, lines: [wild] };
  const contractOfIt = redrawn(chain(1), {
    description: wild,
    nodes: [seed, { ...node, scope: "wild", description: wild, kind: wild, behaviour: { ...node.behaviour, picture } }],
  });

  it("never ends a label of Mermaid or begins something else", () => {
    const text = mermaidGraph(contractOfIt);
    const labels = Array.from(text.matchAll(/"([^"\n]*)"/g), ([, label = ""]) => label.replaceAll("<br/>", ""));
    expect(labels.length).toBeGreaterThan(2);
    for (const label of labels) expect(label.replaceAll(/#\d+;/g, "")).not.toMatch(/["<>[\]{}|;%`\\&#]/);
    expect(text.split("\n").every((line) => /^(flowchart TD|  +(n|g|s|b|end|subgraph|early|classDef|class)\S*.*)$/.test(line))).toBe(true);
  });

  it("never ends a label of DOT or names something in it", () => {
    const strings = Array.from(dotGraph(contractOfIt).matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, text = ""]) => text);
    expect(strings.some((text) => text.includes('\\"b\\"') && text.includes("\\\\N") && text.includes("&amp;lt;"))).toBe(true);
    for (const text of strings) expect(text.replaceAll(/\\[\\"n]/g, "")).not.toMatch(/["\\\n]/);
  });

  it("stays on its line in text, and moves no cursor", () => {
    const text = textGraph(contractOfIt);
    expect(text).toContain("<U+001B>[1A<U+202E>");
    expect(text.split("\n")).toHaveLength(textGraph(chain(1)).split("\n").length + 2);
  });

  it("stands in JSON as it is", () => {
    expect(graphJson(contractOfIt)).toMatchObject({ contract: { description: wild }, nodes: [{}, { lines: [wild], scope: "wild" }] });
  });
});

describe("edges", () => {
  const small = contract("small", {
    inputs: { left: z.string() },
    define(g, { left }) {
      const first = g.compute("first", { needs: { left }, run: ({ left }) => left });
      const both = g.compute("both", { needs: { a: first, b: first }, run: ({ a }) => a, after: [first] });
      return g.compute("last", { needs: { left }, run: ({ left }) => left, after: [both] });
    },
  });

  it("are drawn once for two local names, and dashed where nothing is read", () => {
    const text = mermaidGraph(small);
    expect(text).toContain('n1 -->|"a, b"| n2');
    expect(text).toContain("n2 -.-> n3");
    expect(text).not.toContain("n1 -.-> n2");
    expect(textGraph(small)).toContain("← first as a and b");
    expect(textGraph(small)).toContain("← left  ⇠ both");
    expect(dotGraph(small)).toContain("n2 -> n3 [style=dashed]");
  });

  it("stand outside of every subgraph, which would draw their ends into it", () => {
    for (const text of [mermaidGraph(showcase), dotGraph(showcase)]) {
      const lines = text.split("\n");
      const edges = lines.filter((line) => /^\s+\w+ (-->|-\.|==>|->)/.test(line));
      expect(edges.length).toBeGreaterThan(15);
      for (const edge of edges) expect(edge).toMatch(/^ {2}\w/);
    }
  });
});

/** The contrast of two colours as WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
