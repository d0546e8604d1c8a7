// Deciding: what follows from a state, as data.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { callEnded, childRested, decide, resume, retryAllowed, wake } from "../../src/run/decide.ts";
import type { Fact } from "../../src/run/fact.ts";
import { fold } from "../../src/run/fold.ts";
import { nodeNamed } from "../../src/run/state.ts";
import { begun, callEndsWith, next } from "./begun-run.ts";

const items = contract("items", {
  inputs: { list: z.array(z.string()) },
  define: (g, { list }) =>
    g.collection("each", {
      over: list,
      as: "item",
      key: (item) => item,
      concurrency: 2,
      each: (inner, { item }) => inner.compute("same", { needs: { item }, run: ({ item }) => item }),
    }),
});

const pair = contract("pair", {
  inputs: { n: z.number() },
  define(g, { n }) {
    const left = g.compute("left", { needs: { n }, run: ({ n }) => n, retry: { attempts: 3 } });
    const right = g.compute("right", { needs: { n }, run: ({ n }) => n });
    return g.compute("both", { needs: { left, right }, run: ({ left, right }) => left + right });
  },
});

const question = contract("question", {
  inputs: { n: z.number() },
  define: (g, { n }) => ({
    answer: g.await("answer", { event: "answered", schema: z.number(), show: { n }, timeout: 1_000 }),
    other: g.await("other", { event: "other", schema: z.number(), show: { n } }),
  }),
});

const failed = (node: string, retryAt?: number): Fact => ({
  type: "node.failed",
  node,
  attempt: 1,
  error: { code: "x", message: "x" },
  ...(retryAt === undefined ? {} : { retryAt }),
});

describe("what is due", () => {
  it("is every node whose needs are there, side by side", () => {
    expect(next(begun(pair, { n: 1 }))).toEqual(["call left", "call right"]);
  });

  it("is told once", () => {
    const state = begun(pair, { n: 1 });
    next(state);
    expect(next(state)).toEqual([]);
  });

  it("ends the run when every needed node has its value", () => {
    const state = begun(pair, { n: 1 });
    next(state);
    for (const node of ["left", "right"]) {
      callEnded(state);
      fold(state, { type: "node.succeeded", node, value: 1 }, 0);
    }
    expect(next(state)).toEqual(["call both"]);
    expect(callEndsWith(state, { type: "node.succeeded", node: "both", value: 2 })).toEqual(["run.succeeded"]);
  });

  it("opens every await that can open", () => {
    expect(
      decide(begun(question, { n: 1 })).map((action) => ("node" in action ? `${action.type} ${action.node.name}` : action.type)),
    ).toEqual(["open answer", "open other"]);
  });

  it("says that the run waits when nothing is in flight, once", () => {
    const opened: Fact = { type: "await.opened", node: "answer", event: "answered", shown: "x", deadline: 1_000 };
    const state = begun(question, { n: 1 }, opened, { ...opened, node: "other", event: "other" });
    state.due.length = 0;
    expect(next(state)).toEqual(["run.waiting"]);
    expect(next(state)).toEqual([]);
  });
});

describe("a failed node", () => {
  it("lets what is in flight end and starts nothing more, then the run fails", () => {
    const state = begun(pair, { n: 1 });
    next(state);
    expect(callEndsWith(state, failed("right"))).toEqual([]);
    expect(callEndsWith(state, { type: "node.succeeded", node: "left", value: 1 })).toEqual(["run.failed"]);
  });

  it("that is tried again sets a timer, and begins anew when it is woken", () => {
    const state = begun(pair, { n: 1 });
    next(state);
    expect(callEndsWith(state, failed("left", 500))).toEqual(["timer left"]);
    wake(state, nodeNamed(state, "left"));
    expect(next(state)).toEqual(["call left"]);
  });

  it("keeps the run from waiting while its pause lasts, and not from failing", () => {
    const state = begun(pair, { n: 1 });
    next(state);
    callEnded(state);
    fold(state, failed("left", 500), 0);
    next(state);
    expect(callEndsWith(state, failed("right"))).toEqual(["run.failed"]);
  });

  it("may be tried as often as it says, unless it is known not to help", () => {
    const state = begun(pair, { n: 1 });
    const left = nodeNamed(state, "left");
    expect([
      retryAllowed(state, left, undefined),
      retryAllowed(state, left, false),
      retryAllowed(state, nodeNamed(state, "right"), true),
    ]).toEqual([true, false, false]);
    fold(state, failed("left", 1), 0);
    fold(state, failed("left", 1), 0);
    expect(retryAllowed(state, left, true)).toBe(false);
  });
});

describe("children", () => {
  const list = ["a", "b", "c", "d"];
  const listed: Fact = { type: "children.listed", node: "each", part: "each", keys: list };
  const settled = (key: string): Fact => ({ type: "child.settled", v: 2, node: "each", key, status: "succeeded", value: key });

  it("begin as far as the window is open, and follow as others settle or rest", () => {
    const state = begun(items, { list }, listed);
    expect(next(state)).toEqual(["child each[a]", "child each[b]"]);
    childRested(state, nodeNamed(state, "each"), "a");
    expect(next(state)).toEqual(["child each[c]"]);
    childRested(state, nodeNamed(state, "each"), "b");
    fold(state, settled("b"), 0);
    expect(next(state)).toEqual(["child each[d]"]);
  });

  it("that have settled are not begun again by a new process", () => {
    const state = begun(items, { list }, listed, settled("a"), settled("c"));
    resume(state);
    expect(next(state)).toEqual(["child each[b]", "child each[d]"]);
  });

  it("that all have settled give the node its outcome", () => {
    const state = begun(items, { list: ["a"] }, { type: "children.listed", node: "each", part: "each", keys: ["a"] }, settled("a"));
    resume(state);
    expect(next(state)).toEqual(["node.succeeded each", "run.succeeded"]);
  });
});

describe("a new process", () => {
  it("goes on with what was begun and has no outcome", () => {
    const state = begun(
      pair,
      { n: 1 },
      { type: "node.started", node: "left", attempt: 1 },
      { type: "node.succeeded", node: "right", value: 1 },
    );
    resume(state);
    expect(decide(state)).toMatchObject([{ type: "call", attempt: 2 }]);
  });

  it("has nothing to do for a run that has ended", () => {
    const state = begun(pair, { n: 1 }, { type: "run.cancelled", reason: "x", actor: { id: "x", assurance: "agent" } });
    resume(state);
    expect([next(state), state.due]).toEqual([[], []]);
  });
});
