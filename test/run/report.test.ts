// Reports of runs: of one that succeeded, one that waits, one that failed in an item. Made from the view alone, whatever values and presenters hold.

import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { type AnyContract, type CollectionResult, contract, type Graph, type Kindling, type RunView } from "../../src/index.ts";
import { type RunReport, reportOf } from "../../src/run/report.ts";
import { reportMarkdown } from "../../src/run/report-markdown.ts";
import { reportText } from "../../src/run/report-text.ts";
import { manualClock, seededChance } from "../../src/testing.ts";
import { model } from "../host/models.ts";
import { openKindling } from "../host/open-host.ts";

const golden = (name: string) => new URL(`./golden/${name}.txt`, import.meta.url).pathname;

const post = contract("post", {
  inputs: { channel: z.string(), topic: z.string() },
  define(g, { channel, topic }) {
    const draft = g.llm("draft", {
      needs: { channel, topic },
      prompt: ({ channel, topic }) => `${topic} for ${channel}`,
      model: "scripted:x",
    });
    const page = g.compute("page", {
      needs: { draft, channel },
      run: ({ draft, channel }) => {
        if (channel === "fr") throw new Error("no page\nfor fr");
        return `# ${draft}`;
      },
    });
    const review = g.await("review", {
      event: "post.reviewed",
      schema: z.enum(["approve", "reject"]),
      show: { page },
      by: "human",
      roles: ["editor"],
      timeout: "1d",
    });
    return { page, review };
  },
});

const press = contract("press", {
  version: "2",
  inputs: { topic: z.string(), channels: z.array(z.string()), note: z.string().default("short") },
  correlate: ["topic"],
  define(g, { topic, channels, note }) {
    const posts = g.collection("posts", { over: channels, as: "channel", key: (id) => id, with: { topic }, each: post });
    const notes = g.compute("notes", { needs: { note }, run: ({ note }) => ({ note, of: ["a", "b"] }) });
    const sum = g.compose("sum", { needs: { posts }, child: (_inner, { posts }) => posts });
    return { posts: sum, notes, lasting: g.compute("lasting", { needs: { notes }, run: () => "x".repeat(3_000) }) };
  },
});

/** The graph of `press` with presenters: reports ask the graph for them, and runs do not. */
const presenting: Graph = {
  ...press.graph,
  present: {
    posts: (value) => {
      // The output is a collection, and presenters get what the author's own code gets.
      const { keys, summary } = value as CollectionResult<unknown>;
      return `${summary.succeeded} of ${summary.total} posts: ${keys.join(", ")}`;
    },
    notes: () => {
      throw new Error("no notes today");
    },
  },
};

const strict = contract("strict", {
  inputs: { list: z.array(z.number()) },
  define(g, { list }) {
    const quotients = g.collection("quotients", {
      over: list,
      as: "item",
      key: String,
      mode: "failFast",
      each: (inner, { item }) =>
        inner.compute("quotient", {
          needs: { item },
          run: ({ item }) => {
            if (item === 0) throw new Error("division by zero");
            return 12 / item;
          },
        }),
    });
    return g.compute("sum", { needs: { quotients }, run: ({ quotients }) => quotients.summary.total });
  },
});

async function open(contracts: readonly AnyContract[] = [press, strict]): Promise<Kindling> {
  return openKindling({
    contracts,
    clock: manualClock(),
    chance: seededChance(1),
    models: [model("a draft")],
    prices: { asOf: "2026-11-01", source: "test", models: { "scripted:x": { input: 1, output: 5 } } },
  });
}

async function pressRun(channels: readonly string[], decide: boolean): Promise<RunView> {
  const kindling = await open();
  const run = await kindling.start(press, { topic: "Rain", channels: [...channels] }, { actor: { id: "cli:ann", assurance: "client" } });
  await run.settled();
  for (const { path } of decide ? await kindling.inbox({ run: run.id }) : []) {
    const actor = { id: "web:bob", assurance: "outOfBand", roles: ["editor"] } as const;
    await kindling.deliver({ event: "post.reviewed", run: run.id, path, payload: "approve", actor });
  }
  return run.settled();
}

async function strictRun(list: readonly number[]): Promise<RunView> {
  return (await (await open()).start(strict, { list: [...list] })).settled();
}

async function renderings(name: string, report: RunReport): Promise<void> {
  await expect(`${reportText(report)}\n`).toMatchFileSnapshot(golden(`report-${name}-text`));
  await expect(`${reportMarkdown(report)}\n`).toMatchFileSnapshot(golden(`report-${name}-markdown`));
  await expect(`${JSON.stringify(report, undefined, 2)}\n`).toMatchFileSnapshot(golden(`report-${name}-json`));
}

describe("the report of a run", () => {
  it("that succeeded tells what it gave, in the contract's readable form and in full, and which items failed", async () => {
    const report = reportOf(await pressRun(["en", "fr"], true), presenting);
    expect(report.outputs.map(({ name, text, presenterError }) => [name, text, presenterError])).toEqual([
      ["posts", "1 of 2 posts: en, fr", null],
      ["notes", null, "no notes today"],
      ["lasting", null, null],
    ]);
    expect(report.collections).toMatchObject([{ path: "posts", total: 2, failed: [{ key: "fr", error: { code: "threw" } }] }]);
    expect(report.errors).toEqual([]);
    await renderings("succeeded", report);
  });

  it("that waits tells what for, who may answer, since when and until when", async () => {
    const report = reportOf(await pressRun(["en", "de"], false), press.graph);
    const [first] = report.waits;
    expect(first).toMatchObject({ path: "posts[en]/review", event: "post.reviewed", by: "human", roles: ["editor"] });
    expect((first?.deadline ?? 0) - (first?.since ?? 0)).toBe(86_400_000);
    expect(report.collections).toMatchObject([{ path: "posts", total: 2, byStatus: { waiting: 2 } }]);
    expect(report.endedAt).toBeNull();
    await renderings("waiting", report);
  });

  it("that failed says first where and why: the innermost node or item", async () => {
    const report = reportOf(await strictRun([3, 0]), strict.graph);
    expect(report.errors).toEqual([
      { path: "quotients[0]/quotient", code: "threw", message: "division by zero", fix: null, attempts: null },
    ]);
    expect(report.nodes.failed).toEqual(["quotients"]);
    for (const text of [reportText(report), reportMarkdown(report)]) {
      expect(text.indexOf("division by zero")).toBeGreaterThan(0);
      expect(text.indexOf("division by zero")).toBeLessThan(text.indexOf("started"));
    }
    await renderings("failed", report);
  });

  it("counts what models used, and says when a price is not known", async () => {
    const view = await pressRun(["en", "de"], false);
    const report = reportOf(view, press.graph);
    expect(report.spending).toMatchObject({ calls: 2 });
    expect(reportText(report)).toContain("2 model calls");
    const ended = reportOf(await pressRun(["en", "de"], true), press.graph);
    expect(ended.spending).toEqual(report.spending);
    const unpriced = reportOf({ ...view, spending: { ...view.spending, calls: 3, knownUsd: 0, unpricedCalls: 3 } }, press.graph);
    expect(unpriced.spending.unpricedCalls).toBe(3);
    expect(reportText(unpriced)).toContain("3 calls without a known price");
    expect(reportMarkdown(unpriced)).toContain("3 calls without a known price");
  });

  it("tells of nodes in the order in which they began, and last of those that did not", async () => {
    const { timeline } = reportOf(await pressRun(["en"], false), press.graph);
    const begun = timeline.filter(({ startedAt }) => startedAt !== null);
    expect(begun.map(({ path }) => path)).toContain("posts[en]/draft");
    expect(timeline.slice(0, begun.length)).toEqual(begun);
    expect(timeline.at(-1)).toMatchObject({ path: "sum", status: "blocked", startedAt: null, durationMs: null });
  });

  it("says how long each node took, and how often it was tried", async () => {
    const view = await strictRun([3]);
    const nodes = view.nodes.map((node) => ({ ...node, startedAt: 10_000, endedAt: 11_500, attempts: 3 }));
    const report = reportOf({ ...view, nodes }, strict.graph);
    expect(report.timeline[0]).toMatchObject({ path: "quotients", startedAt: 10_000, durationMs: 1_500, attempts: 3 });
    expect(reportText(report)).toMatch(/✓ quotients +collection +1\.5 s +.*3 attempts/);
    expect(reportMarkdown(report)).toMatch(/\| `quotients` \| collection \| succeeded \| 1\.5 s \| .*3 attempts \|/);
  });

  it("is JSON, and making it changes and asks nothing", async () => {
    const kindling = await open();
    const run = await kindling.start(press, { topic: "Rain", channels: ["en"] });
    const view = await run.settled();
    const before = await run.facts();
    const report = reportOf(view, press.graph);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(await run.facts()).toEqual(before);
  });

  it("asks what succeeded only: a run that waits has no outputs to present", async () => {
    const present = vi.fn(() => "never");
    const gate = contract("gate", { inputs: {}, define: (g) => g.await("go", { event: "go", schema: z.string() }) });
    const run = await (await open([gate])).start(gate, {});
    expect(reportOf(await run.settled(), { ...gate.graph, present: { "": present } }).outputs).toEqual([]);
    expect(present).not.toHaveBeenCalled();
  });
});

describe("the presenter of an output", () => {
  const giving = contract("giving", { inputs: {}, define: (g) => g.compute("text", { needs: {}, run: () => "value" }) });

  async function outputOf(present: () => unknown): Promise<RunReport> {
    const run = await (await open([giving])).start(giving, {});
    // What the types forbid, a contract written in JavaScript may do.
    return reportOf(await run.settled(), { ...giving.graph, present: { "": present as () => string } });
  }

  it("of a contract with one value stands under no name", async () => {
    expect((await outputOf(() => "readable")).outputs).toEqual([{ name: "", value: "value", text: "readable", presenterError: null }]);
  });

  it.each([
    ["a promise", () => Promise.reject(new Error("late"))],
    ["null", () => null],
    ["number", () => 4],
  ])("that gives %s is told as broken, and nothing breaks", async (what, present) => {
    const report = await outputOf(present);
    expect(report.outputs).toMatchObject([{ value: "value", text: null, presenterError: `it gave ${what} and not a text` }]);
    expect(reportText(report)).toContain("its presenter failed: it gave");
    expect(reportMarkdown(report)).toContain("Its presenter failed: it gave");
  });
});

describe("a rendered report", () => {
  const wild = '``` `b` | <script>alert("x")</script> **bold** [a](b) %s\n# not a heading\n| not | a row |\u001b[1A\u202e';

  async function wildReport(): Promise<RunReport> {
    const echo = contract("echo", {
      inputs: { text: z.string() },
      define: (g, { text }) => ({ text: g.map("copy", text, (each) => each) }),
    });
    const run = await (await open([echo])).start(echo, { text: wild });
    return reportOf(await run.settled(), echo.graph);
  }

  it("cuts a long value and says how long it is in full", async () => {
    const report = reportOf(await pressRun(["en"], true), press.graph);
    for (const text of [reportText(report), reportMarkdown(report)]) {
      expect(text).toContain("cut; all of it has 3,000 characters");
      expect(text).toContain("x".repeat(2_000));
      expect(text).not.toContain("x".repeat(2_001));
    }
  });

  it("lets no value move the cursor or hide something", async () => {
    const report = await wildReport();
    for (const text of [reportText(report), reportMarkdown(report)]) {
      expect(text).toContain("<U+001B>[1A<U+202E>");
      for (const hidden of ["\u001b", "\u202e"]) expect(text).not.toContain(hidden);
    }
  });

  it("lets no value end its block or be read as Markdown", async () => {
    const text = reportMarkdown(await wildReport());
    const outside = text.replaceAll(/^````text\n[\s\S]*?\n````$/gm, "");
    expect(outside).not.toMatch(/<script>|not a heading/);
    expect(text.match(/^````text$/gm)).toHaveLength(2);
  });

  it("escapes what stands in prose, and bars in tables", async () => {
    const report = await wildReport();
    const text = reportMarkdown({
      ...report,
      starter: "a|b *c* <i>",
      errors: [{ path: "a`|b", code: "x_y", message: "<b> & [z](y)", fix: null, attempts: 2 }],
    });
    expect(text).toContain("by a\\|b \\*c\\* \\<i\\>");
    expect(text).toContain("- ``a`|b``: **x\\_y**, \\<b\\> \\& \\[z\\](y) (2 attempts)");
  });

  it("has colour where it is asked for, and the same text", async () => {
    const report = reportOf(await strictRun([3, 0]), strict.graph);
    const colour = reportText(report, { color: true });
    expect(colour).toContain("\u001b[31m");
    // oxlint-disable-next-line no-control-regex -- these are the colours
    expect(colour.replaceAll(/\u001b\[\d+m/g, "")).toBe(reportText(report));
  });

  it("tells the first of very many nodes and items, and counts the others", async () => {
    const report = await wildReport();
    const failed = Array.from({ length: 1_000 }, (_, index) => ({ key: `item-${index}`, error: { code: "threw", message: "no" } }));
    const many = {
      ...report,
      timeline: Array.from({ length: 5_000 }).flatMap(() => report.timeline),
      collections: [{ path: "all", total: 1_000, byStatus: { failed: 1_000 }, failed }],
    };
    for (const text of [reportText(many), reportMarkdown(many)]) {
      expect(text).toContain("… 4,800 more");
      expect(text).toContain("… 950 more");
      expect(text.split("\n").length).toBeLessThan(400);
    }
  });
});
