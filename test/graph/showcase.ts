// A contract that has everything a picture can show, and runs to draw over it.

import { z } from "zod";
import { contract } from "../../src/dsl/contract.ts";
import type { AnyContract } from "../../src/graph/contract.ts";
import type { DrawnNode, DrawnRun } from "../../src/graph/drawing.ts";
import type { Graph, NodeDefinition } from "../../src/graph/graph.ts";

const post = contract("post", {
  description: "One post for one channel.",
  inputs: { text: z.string(), channel: z.object({ id: z.string() }) },
  define(g, { text, channel }) {
    const draft = g.llm("draft", { needs: { text, channel }, prompt: ({ text }) => text, model: "scripted:any" });
    const review = g.await("review", {
      event: "post.reviewed",
      schema: z.object({ decision: z.enum(["approve", "reject"]) }),
      show: { draft },
      by: "human",
      roles: ["editor"],
      timeout: "1d",
    });
    return { draft, review };
  },
});

/** Every shape, scopes in scopes, edges of both sorts, named and inline children, correlation and a mailbox. */
export const showcase = contract("press", {
  version: "2",
  description: "Drafts, then posts to every channel.",
  inputs: { topic: z.string().describe("What it is about"), channels: z.array(z.object({ id: z.string() })) },
  correlate: ["topic"],
  early: { keepFor: "10m" },
  define(g, { topic, channels }) {
    const tone = g.const("tone", 'plain "quoted" [x] <b> %%{init: 1}%%');
    const text = g.scope("write", (write) => {
      const facts = write.lookup("facts", { needs: { topic }, run: ({ topic }) => topic, resource: "archive" });
      const checked = write.scope("check", (check) =>
        check.guard("known", { needs: { subject: topic }, where: { subject: { in: ["rain", "snow"] } } }),
      );
      return write.compute("text", { needs: { facts, tone }, run: ({ facts }) => facts, after: [checked], tags: ["draft"] });
    });
    const merged = g.await("merged", { event: "pr.merged", schema: z.object({ sha: z.string() }), timeout: "1d" });
    const calm = g.sleep("calm", { for: "2h", after: [merged] });
    const better = g.repeat("better", {
      from: text,
      as: "draft",
      max: 3,
      until: (draft) => draft.length > 9,
      child: (inner, { draft }) => inner.compute("longer", { needs: { draft }, run: ({ draft }) => `${draft}!` }),
    });
    const way = g.branch("way", {
      needs: { text: better, calm },
      on: ({ text }) => (text === "" ? "nothing" : "posts"),
      cases: {
        posts: (inner, { text }) => inner.compute("ready", { needs: { text }, run: ({ text }) => text }),
        nothing: (inner) => inner.const("none", ""),
      },
    });
    const posts = g.collection("posts", { over: channels, as: "channel", key: ({ id }) => id, with: { text: way }, each: post });
    const sum = g.compose("sum", { needs: { posts }, child: (_inner, { posts }) => posts });
    g.effect("announce", { needs: { sum }, run: () => "done", idempotencyKey: () => "once", description: "Tells everybody." });
    return { text, all: sum };
  },
});

/** A node of a run, as far as pictures look at it. */
export function drawn(name: string, status: string, children: DrawnNode["children"] = []): DrawnNode {
  return { name, status, children };
}

const item = (key: string, status: string, draft: string, review: string): DrawnNode["children"][number] => ({
  key,
  status,
  nodes: [drawn("draft", draft), drawn("review", review)],
});

/** A run of it that waits in one item and failed in another. */
export const showcaseRun: DrawnRun = {
  id: "run_1",
  status: "waiting",
  nodes: [
    drawn("write.facts", "succeeded"),
    drawn("write.check.known", "succeeded"),
    drawn("write.text", "stale"),
    drawn("merged", "succeeded"),
    drawn("calm", "succeeded"),
    drawn("better", "succeeded", [
      { key: "1", status: "succeeded", nodes: [] },
      { key: "2", status: "succeeded", nodes: [drawn("longer", "succeeded")] },
    ]),
    drawn("way", "succeeded", [{ key: "posts", status: "succeeded", nodes: [drawn("ready", "succeeded")] }]),
    drawn("posts", "waiting", [item("en", "waiting", "succeeded", "waiting"), item("de", "failed", "failed", "blocked")]),
    drawn("sum", "blocked"),
    drawn("announce", "resting"),
  ],
};

/** The contract with its graph changed: for what no kind makes, and for sizes that would take long to declare. */
export function redrawn({ name, version, graph }: AnyContract, change: Partial<Graph>): AnyContract {
  return { name, version, graph: { ...graph, ...change } };
}

/** A chain of nodes, each needing the one before. */
export function chain(length: number): AnyContract {
  const base = contract("chain", {
    inputs: { seed: z.number() },
    define: (g, { seed }) => ({ end: g.compute("end", { needs: { seed }, run: ({ seed }) => seed }) }),
  });
  const [seed, node] = base.graph.nodes;
  if (seed === undefined || node === undefined) throw new Error("the chain has no first node");
  const nodes = Array.from(
    { length },
    (_, index): NodeDefinition => ({
      ...node,
      name: `node-${index}`,
      needs: { before: index === 0 ? "seed" : `node-${index - 1}` },
    }),
  );
  return redrawn(base, { nodes: [seed, ...nodes], outputs: { type: "one", node: `node-${length - 1}` } });
}

/** A contract that uses another, and that one the next, `depth` levels down; each of them `uses` times, which doubles from level to level with two. */
export function nested(depth: number, uses = 1): AnyContract {
  const leaf = contract("leaf", {
    inputs: { seed: z.number() },
    define: (g, { seed }) => ({ end: g.compute("end", { needs: { seed }, run: ({ seed }) => seed }) }),
  });
  const outer = contract("level", {
    inputs: { seed: z.number() },
    define: (g, { seed }) =>
      Object.fromEntries(Array.from({ length: uses }, (_, use) => [`use${use}`, g.compose(`use${use}`, { needs: { seed }, child: leaf })])),
  });
  // Put together as data: a graph is drawn whatever it would cost to define it.
  let { graph } = leaf;
  for (let level = 1; level <= depth; level++) {
    graph = { ...outer.graph, name: `level-${level}`, nodes: outer.graph.nodes.map((node) => holding(node, graph)) };
  }
  return redrawn(outer, graph);
}

function holding(node: NodeDefinition, child: Graph): NodeDefinition {
  const { behaviour } = node;
  if (behaviour.work.type !== "children") return node;
  return { ...node, behaviour: { ...behaviour, work: { ...behaviour.work, parts: { child } } } };
}
