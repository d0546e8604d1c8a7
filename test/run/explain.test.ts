// Explanations as a function of facts alone: no engine, no ledger, no clock.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, planOf } from "../../src/index.ts";
import { explain } from "../../src/run/explain.ts";
import { AGENT_STYLE } from "../../src/run/explain-style.ts";
import { explainText } from "../../src/run/explain-text.ts";
import type { LoadedRun } from "../../src/run/explain-tree.ts";
import type { Fact } from "../../src/run/fact.ts";
import { loadedRun, reading, runOf, started, timeOf } from "./loaded-run.ts";

const sample = contract("sample", {
  inputs: { list: z.array(z.string()) },
  define(g, { list }) {
    const size = g.lookup("size", { needs: { list }, retry: { attempts: 3 }, run: ({ list }) => list.length });
    const go = g.await("go", { event: "go", schema: z.number(), show: { size } });
    const each = g.collection("each", {
      over: list,
      as: "item",
      key: (item) => item,
      concurrency: 1,
      with: { go },
      each: (inner, { item }) => inner.compute("same", { needs: { item }, run: ({ item }) => item }),
    });
    const word = g.branch("word", {
      needs: { go },
      on: ({ go }) => (go > 1 ? "many" : "one"),
      cases: {
        one: (inner, { go }) => inner.compute("single", { needs: { go }, run: () => "one" }),
        many: (inner, { go }) => inner.compute("several", { needs: { go }, run: () => "many" }),
      },
    });
    return { result: g.compute("sum", { needs: { size, go, word }, run: ({ size, go }) => size + go }), each };
  },
});

const begun: Fact = { type: "node.started", node: "size", attempt: 1 };
const sized: Fact = { type: "node.succeeded", node: "size", value: 2, cause: [1] };
const opened: Fact = { type: "await.opened", node: "go", event: "go", shown: "x", cause: [3] };
const answered: Fact = {
  type: "event.delivered",
  node: "go",
  event: "go",
  deliveryId: "d",
  payload: 2,
  actor: { id: "x", assurance: "agent" },
};
const listed: Fact = { type: "children.listed", node: "each", part: "each", keys: ["a", "b", "c"] };

const of = (...facts: readonly Fact[]): LoadedRun => runOf(sample, "run_1", { list: ["a", "b", "c"] }, facts);
const told = (run: LoadedRun, path?: string) => explain(run, path, reading(run));
const firstLine = (run: LoadedRun, path?: string) => explainText(told(run, path), AGENT_STYLE).split("\n")[0];

describe("a node", () => {
  it("at work tells its attempt and since when", () => {
    expect(told(of(begun), "size")).toMatchObject({ status: "running", attempt: 1, of: 3, since: timeOf(1) });
    expect(firstLine(of(begun), "size")).toBe("`size` is at work since 1970-01-01T00:16:41.000Z, attempt 1 of 3.");
  });

  it("after a failed attempt tells the error and when it is tried again", () => {
    const failed: Fact = { type: "node.failed", node: "size", attempt: 1, error: { code: "threw", message: "busy." }, retryAt: timeOf(9) };
    expect(told(of(begun, failed), "size")).toMatchObject({ status: "retrying", attempt: 1, of: 3, at: timeOf(9) });
    expect(firstLine(of(begun, failed), "size")).toBe(
      "`size` failed attempt 1 of 3 and is tried again at 1970-01-01T00:16:49.000Z: threw: busy.",
    );
    expect(firstLine(of(begun, failed), "sum")).toContain("which come after");
  });

  it("that another system works on tells what that said", () => {
    const asked: Fact = { type: "node.postponed", node: "size", attempt: 1, until: timeOf(20), note: "queued" };
    expect(told(of(begun, asked), "size")).toMatchObject({ status: "postponed", note: "queued", askedAgainAt: timeOf(20), url: undefined });
  });

  it("that failed for good is what those behind it are skipped for", () => {
    const lost: Fact = { type: "node.failed", node: "size", attempt: 3, error: { code: "threw", message: "gone", retryable: false } };
    const run = of(begun, lost, { type: "run.failed", error: { code: "threw", message: "gone" } });
    expect(told(run, "size")).toMatchObject({ status: "failed", canRetry: false, hints: [] });
    expect(told(run, "sum")).toMatchObject({ status: "skipped", reason: { type: "run_failed", failure: { path: "size" } } });
    expect(firstLine(run)).toBe("sample run_1 failed at 1970-01-01T00:16:43.000Z: `size` failed with threw: gone.");
  });

  it("that is blocked over several ways names what they come from once", () => {
    expect(told(of(begun, sized, opened), "sum")).toMatchObject({ needs: ["go", "word"], causes: [{ type: "await", path: "go" }] });
    expect(told(of(begun, sized, opened), "sum")).toHaveProperty("causes.length", 1);
  });

  it("is found by the name of the output that it gives, too", () => {
    expect(told(of(begun), "result")).toMatchObject({ path: "sum", outputs: ["result"], status: "blocked" });
  });
});

describe("children", () => {
  const run = of(begun, sized, opened, answered, listed, {
    type: "child.settled",
    v: 2,
    node: "each",
    key: "a",
    status: "succeeded",
    value: "a",
  });

  it("beyond the window have not begun since the others take the places", () => {
    expect(told(run, "each[b]")).toMatchObject({ status: "running" });
    expect(told(run, "each[c]")).toMatchObject({ status: "pending", reason: "no_place_yet" });
    expect(told(run, "each")).toMatchObject({ status: "running", children: { total: 3, succeeded: 1, failed: 0 } });
  });

  it("that are cases are told by which one was taken, and before that by what the choice waits for", () => {
    const taken: Fact = { type: "children.listed", node: "word", part: "many", keys: ["many"] };
    const chosen = of(begun, sized, opened, answered, taken);
    expect(told(chosen, "word[one]/single")).toMatchObject({
      status: "skipped",
      reason: { type: "case_not_taken", branch: "word", taken: "many" },
    });
    expect(told(of(begun, sized, opened), "word[one]")).toMatchObject({ status: "blocked", causes: [{ path: "go" }] });
  });
});

describe("a run", () => {
  it("whose child was not read says so instead of guessing", () => {
    const run = of(begun, sized, opened, answered, listed, { type: "child.started", node: "each", key: "a", child: "run_2" });
    expect(told(run)).toMatchObject({
      causes: [{ type: "unread", path: "each[a]", run: "run_2" }, { type: "running" }, { type: "running" }, {}],
    });
  });

  it("that waits itself is running while one of its children goes on by itself", () => {
    const part = planOf(sample.graph).byName.get("word")?.parts["many"] ?? planOf(sample.graph);
    const link = { root: "run_1", path: "word[many]", parent: { run: "run_1", node: "word", key: "many", part: "many" } };
    const failed: Fact = {
      type: "node.failed",
      node: "several",
      attempt: 1,
      error: { code: "threw", message: "busy" },
      retryAt: timeOf(50),
    };
    const child = loadedRun(part, "run_2", [started(part, "run_2", { go: 2 }, link), failed]);
    const taken: Fact = { type: "children.listed", node: "word", part: "many", keys: ["many"] };
    const root = of(
      begun,
      sized,
      opened,
      answered,
      taken,
      { type: "child.started", node: "word", key: "many", child: "run_2" },
      { type: "run.waiting" },
    );
    expect(explain(root, undefined, reading(root, child))).toMatchObject({
      status: "running",
      causes: expect.arrayContaining([expect.objectContaining({ type: "retry", path: "word[many]/several" })]),
      next: { path: "word[many]/several", why: "retry", at: timeOf(50) },
    });
  });

  it("with more causes than are told counts the rest", () => {
    const keys = Array.from({ length: 130 }, (_, index) => `k${index}`);
    const run = of(begun, sized, opened, answered, { type: "children.listed", node: "each", part: "each", keys });
    const whole = told(run);
    expect(whole).toMatchObject({ subject: "run", cut: { causes: 31 } });
    expect(explainText(whole, AGENT_STYLE)).toContain("… 121 more");
  });
});

describe("the text", () => {
  it("holds nothing of several lines from outside, and an answer in its first line", () => {
    const failed: Fact = {
      type: "node.failed",
      node: "size",
      attempt: 3,
      error: { code: "threw", message: `one\ntwo ${"x".repeat(500)}` },
    };
    const text = explainText(told(of(begun, failed), "size"), AGENT_STYLE);
    expect(text.split("\n")[0]).toMatch(/^`size` failed at \S+ with threw: one two x+…\.$/);
    expect(text.split("\n").every((line) => line.length < 300)).toBe(true);
  });
});
