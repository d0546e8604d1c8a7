// A run's nodes as a tree, at rest and in motion, and its facts as lines.

import { describe, expect, it } from "vitest";
import { frameLines } from "../../src/cli/live.ts";
import { changeLines } from "../../src/cli/view/change-lines.ts";
import { nodeLines } from "../../src/cli/view/node-lines.ts";
import { plainPaint } from "../../src/cli/view/paint.ts";
import {
  describeDollars,
  type Fact,
  NO_SPENDING,
  type NodeStatus,
  type NodeView,
  type RecordedFact,
  type RunView,
} from "../../src/index.ts";

const NOW = 100_000;

function node(path: string, status: NodeStatus, more: Partial<NodeView> = {}): NodeView {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const startedAt = status === "blocked" || status === "pending" || status === "skipped" ? undefined : 90_000;
  const endedAt = status === "succeeded" || status === "failed" ? 92_100 : undefined;
  return {
    path,
    name,
    kind: "compute",
    status,
    attempts: 1,
    startedAt,
    endedAt,
    error: undefined,
    value: undefined,
    note: undefined,
    spending: undefined,
    children: [],
    ...more,
  };
}

const child = (key: string, status: NodeStatus, nodes: readonly NodeView[] = []) => ({
  key,
  status,
  error: status === "failed" ? { code: "threw", message: "no such page\nin the book" } : undefined,
  nodes,
});

const NODES: readonly NodeView[] = [
  node("draft", "succeeded", {
    kind: "llm",
    note: "anthropic:claude-sonnet-5-5",
    spending: { ...NO_SPENDING, calls: 1, inputTokens: 1_812, outputTokens: 220, knownUsd: 0.00421 },
  }),
  node("posts", "running", {
    kind: "collection",
    note: "3 children",
    children: [
      child("en", "waiting", [
        node("posts[en]/write", "succeeded"),
        node("posts[en]/review", "waiting", { kind: "await", note: "waits for post.reviewed" }),
      ]),
      child("de", "failed"),
      child("fr", "running", [node("posts[fr]/write", "running", { kind: "llm", attempts: 2 })]),
    ],
  }),
  node("archive", "blocked"),
  node("unused", "skipped"),
];

describe("a tree of nodes", () => {
  it("shows status, time, and what each did", async () => {
    const lines = nodeLines(NODES, { now: NOW, paint: plainPaint, childLimit: 50 });
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(new URL("./golden/node-lines.txt", import.meta.url).pathname);
  });

  it("in motion has a spinner, the end of what is written, and how far it is", () => {
    const motion = new Map([["posts[fr]/write", { tail: "il pleut sur la ville", fraction: 0.42, note: "page 2" }]]);
    const line = nodeLines(NODES, { now: NOW, paint: plainPaint, childLimit: 50, spinner: "⠹", motion }).find((each) =>
      each.includes("⠹ write"),
    );
    expect(line).toContain("10.0 s");
    expect(line).toContain("page 2  attempt 2  42 %  “il pleut sur la ville”");
  });

  it("tells of many children those that ask for attention, and counts the rest", () => {
    const children = Array.from({ length: 40 }, (_, index) =>
      child(`item-${index}`, index === 30 ? "failed" : index < 35 ? "succeeded" : "running"),
    );
    const lines = nodeLines([node("many", "running", { children })], { now: NOW, paint: plainPaint, childLimit: 3 });
    expect(lines).toHaveLength(5);
    expect(lines[0]).toContain("34 succeeded, 1 failed, 5 running");
    expect(lines[1]).toContain("✗ [item-30]");
    expect(lines[2]).toContain("▸ [item-35]");
    expect(lines[4]).toContain("… 37 more");
  });

  it("fits the terminal in both directions", () => {
    const nodes = Array.from({ length: 60 }, (_, index) => node(`node-${index}`, "running", { note: "x".repeat(200) }));
    const view: RunView = {
      id: "run_1",
      contract: "many",
      version: "1",
      status: "running",
      correlation: {},
      tags: [],
      startedAt: 0,
      updatedAt: 0,
      position: 1,
      error: undefined,
      awaits: [],
      inputs: {},
      outputs: undefined,
      endedAt: undefined,
      starter: undefined,
      spending: NO_SPENDING,
      nodes,
    };
    const lines = frameLines(view, new Map(), "⠋", { columns: () => 40, rows: () => 12, paint: plainPaint });
    expect(lines).toHaveLength(9);
    expect(lines.at(-1)).toBe("… 52 more");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  });
});

describe("facts as lines", () => {
  const fact = (path: string, time: number, of: Fact): RecordedFact => ({
    ...of,
    id: `run_1:${time}`,
    run: "run_1",
    path,
    position: time,
    time,
  });
  const reply = {
    content: [],
    stop: { reason: "stop" as const },
    usage: { input: 812, output: 220, cacheRead: null, cacheWrite: null, reasoning: null },
    model: "m",
    warnings: [],
  };
  const tell = (...facts: readonly RecordedFact[]) => facts.map(changeLines(plainPaint)).filter((line) => line !== undefined);

  it("sum up what a model conversation took", () => {
    expect(
      tell(
        fact("draft", 1_000, { type: "node.started", node: "draft", attempt: 1 }),
        fact("draft", 1_001, { type: "model.requested", node: "draft", turn: 1, model: "anthropic:m", request: "h" }),
        fact("draft", 2_000, { type: "model.replied", node: "draft", turn: 1, reply, cost: 0.01, durationMs: 999 }),
        fact("draft", 2_001, { type: "model.requested", node: "draft", turn: 2, model: "anthropic:m", request: "h" }),
        fact("draft", 3_000, { type: "model.replied", node: "draft", turn: 2, reply, cost: 0.02, durationMs: 999 }),
        fact("draft", 3_100, { type: "node.succeeded", node: "draft", value: "text" }),
      ),
    ).toEqual([
      "▸ draft  asks anthropic:m",
      "▸ draft  asks anthropic:m again, turn 2",
      "✓ draft  2.1 s  anthropic:m  1,624→440 tokens  $0.03",
    ]);
  });

  it("tell of a retry when it comes, and of a failure why", () => {
    const error = { code: "rate_limited", message: "slow\ndown" };
    expect(
      tell(
        fact("draft", 1_000, { type: "node.failed", node: "draft", attempt: 1, error, retryAt: 3_500 }),
        fact("draft", 4_000, { type: "node.failed", node: "draft", attempt: 2, error }),
      ),
    ).toEqual(["↻ draft  attempt 1 failed, rate_limited: slow down; again in 2.5 s", "✗ draft  rate_limited: slow down"]);
  });

  it("cannot forge a line or move the cursor", () => {
    const [line = ""] = tell(fact("posts[a\n✓ all done\u001b[1A]/draft", 1, { type: "node.succeeded", node: "draft" }));
    expect(line).toBe("✓ posts[a ✓ all done<U+001B>[1A]/draft");
  });
});

describe("dollars", () => {
  it("show the digits that matter, and never a cost of 0 that is none", () => {
    expect([12.3456, 1, 0.42, 0.00421, 0.0000123, 0].map(describeDollars)).toEqual([
      "$12.35",
      "$1.00",
      "$0.42",
      "$0.00421",
      "$0.0000123",
      "$0.00",
    ]);
  });
});
