// Pictures of graphs: children stand inside their node, and whatever a name holds, the picture stays a picture.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/dsl/contract.ts";
import { textGraph } from "../../src/graph/draw.ts";
import { type DrawnNode, mermaidGraph } from "../../src/graph/mermaid.ts";

const golden = (name: string) => new URL(`./golden/${name}.txt`, import.meta.url).pathname;

const post = contract("post", {
  inputs: { text: z.string(), channel: z.object({ id: z.string() }) },
  define(g, { text, channel }) {
    const draft = g.llm("draft", { needs: { text, channel }, prompt: ({ text }) => text, model: "scripted:any" });
    const review = g.await("review", {
      event: "post.reviewed",
      schema: z.object({ decision: z.enum(["approve", "reject"]) }),
      show: { draft },
      by: "human",
      timeout: "1d",
    });
    return { draft, review };
  },
});

const press = contract("press", {
  description: "Drafts, then posts to every channel.",
  inputs: { topic: z.string(), channels: z.array(z.object({ id: z.string() })) },
  correlate: ["topic"],
  define(g, { topic, channels }) {
    const tone = g.const("tone", 'plain "quoted" [x] <b>');
    const text = g.compute("text", { needs: { topic, tone }, run: ({ topic }) => topic });
    const merged = g.await("merged", { event: "pr.merged", schema: z.object({ sha: z.string() }), timeout: "1d" });
    const way = g.branch("way", {
      needs: { text, merged },
      on: ({ text }) => (text === "" ? "nothing" : "posts"),
      cases: {
        posts: (g, { text }) => g.compute("ready", { needs: { text }, run: ({ text }) => text }),
        nothing: (g) => g.const("none", ""),
      },
    });
    const posts = g.collection("posts", { over: channels, as: "channel", key: ({ id }) => id, with: { text: way }, each: post });
    return { text, posts };
  },
});

describe("a graph as text", () => {
  it("has a row for each node, its children in boxes, and a legend", async () => {
    await expect(`${textGraph(press)}\n`).toMatchFileSnapshot(golden("nested-text"));
  });
});

describe("a graph as Mermaid", () => {
  it("has its children as subgraphs", async () => {
    await expect(`${mermaidGraph(press)}\n`).toMatchFileSnapshot(golden("nested-mermaid"));
  });

  it("is coloured by how far a run is; several children show the status that matters most", () => {
    const node = (name: string, status: string, children: DrawnNode["children"] = []): DrawnNode => ({ name, status, children });
    const child = (key: string, draft: string, review: string) => ({ key, nodes: [node("draft", draft), node("review", review)] });
    const text = mermaidGraph(press, {
      nodes: [
        node("text", "succeeded"),
        node("way", "succeeded", [{ key: "posts", nodes: [node("ready", "succeeded")] }]),
        node("posts", "waiting", [child("en", "succeeded", "waiting"), child("de", "failed", "blocked")]),
      ],
    });
    const names = new Map(Array.from(text.matchAll(/^\s*(n\d+)[[({>][^"\n]*"([\w-]+)/gm), ([, id = "", name = ""]) => [id, name]));
    const coloured = Array.from(text.matchAll(/^ {2}class (\S+) (\S+)$/gm), ([, ids = "", status]) => [
      status,
      ids.split(",").map((id) => names.get(id)),
    ]);
    expect(Object.fromEntries(coloured)).toEqual({ succeeded: ["text", "way", "ready"], waiting: ["posts", "review"], failed: ["draft"] });
  });

  it("never lets a label end its quotes or begin another node", () => {
    const labels = Array.from(mermaidGraph(press).matchAll(/"([^"\n]*)"/g), ([, label = ""]) => label.replaceAll("<br/>", ""));
    expect(labels.length).toBeGreaterThan(10);
    for (const label of labels) expect(label.replaceAll(/#\d+;/g, "")).not.toMatch(/["<>[\]{}|;]/);
  });
});
