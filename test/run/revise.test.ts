// Going back over finished work: what a change makes doubtful, what is decided about it then, and what is not repeated (R10).

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import type { JsonObject } from "../../src/json.ts";
import { decide, resume } from "../../src/run/decide.ts";
import type { Fact } from "../../src/run/fact.ts";
import { fold } from "../../src/run/fold.ts";
import { inheritFrom } from "../../src/run/inherit.ts";
import { nodeNamed, stateOf, type RunState } from "../../src/run/state.ts";
import { begun, callEndsWith, next } from "./begun-run.ts";

const order = contract("order", {
  inputs: { price: z.number(), name: z.string() },
  define(g, { price, name }) {
    const large = g.compute("large", { needs: { price }, run: ({ price }) => price > 10 });
    const label = g.compute("label", { needs: { large, name }, run: ({ large, name }) => `${name} ${large}` });
    const sent = g.effect("sent", { needs: { label }, run: (_needs, { idempotencyKey }) => idempotencyKey });
    const greeting = g.compute("greeting", { needs: { name }, run: ({ name }) => `Dear ${name}` });
    return { sent, greeting };
  },
});

const list = contract("list", {
  inputs: { items: z.array(z.string()) },
  define: (g, { items }) =>
    g.collection("each", {
      over: items,
      as: "item",
      key: (item) => item.slice(0, 1),
      each: (g, { item }) => g.lookup("read", { needs: { item }, run: ({ item }) => item }),
    }),
});

const rounds = contract("rounds", {
  inputs: { from: z.number() },
  define: (g, { from }) =>
    g.repeat("twice", { from, as: "n", child: (g, { n }) => g.map("next", n, (n) => n + 1), until: (_n, round) => round === 2, max: 2 }),
});

const succeeded = (node: string, value: string | boolean): Fact => ({ type: "node.succeeded", node, value });
const updated = (inputs: JsonObject, changed: readonly string[]): Fact => ({ type: "input.updated", inputs, changed });
/** A call ends with a value. */
const gives = (state: RunState, node: string, value: string | boolean) => callEndsWith(state, succeeded(node, value));
const statusOf = (state: RunState, name: string) => stateOf(state, nodeNamed(state, name)).status;

const finished: readonly Fact[] = [
  succeeded("large", false),
  succeeded("label", "Ada false"),
  succeeded("greeting", "Dear Ada"),
  { type: "node.started", node: "sent", attempt: 1 },
  succeeded("sent", "k"),
  { type: "run.succeeded" },
];

describe("other inputs", () => {
  it("make doubtful what reads them, directly or not, and nothing else; a run that has ended goes on", () => {
    const state = begun(order, { price: 1, name: "Ada" }, ...finished, updated({ price: 2, name: "Ada" }, ["price"]));
    expect(["large", "label", "sent", "greeting"].map((name) => statusOf(state, name))).toEqual(["stale", "stale", "stale", "succeeded"]);
    expect([state.status, state.remaining, state.endedAt]).toEqual(["running", 3, undefined]);
  });

  it("run again what reads something different, and what then reads the same keeps its value", () => {
    const state = begun(order, { price: 1, name: "Ada" }, ...finished, updated({ price: 2, name: "Ada" }, ["price"]));
    expect(next(state)).toEqual(["call large"]);
    expect(gives(state, "large", false)).toEqual(["node.reused label", "node.reused sent", "run.succeeded"]);
  });

  it("do not repeat an action, though what it read is different", () => {
    const state = begun(order, { price: 1, name: "Ada" }, ...finished, updated({ price: 20, name: "Ada" }, ["price"]));
    next(state);
    expect(gives(state, "large", true)).toEqual(["call label"]);
    expect(gives(state, "label", "Ada true")).toEqual(["node.reused sent", "run.succeeded"]);
  });

  it("that come back before anything ran again repeat nothing", () => {
    const there = updated({ price: 2, name: "Ada" }, ["price"]);
    const back = updated({ price: 1, name: "Ada" }, ["price"]);
    expect(next(begun(order, { price: 1, name: "Ada" }, ...finished, there, back))).toEqual([
      "node.reused large",
      "node.reused label",
      "node.reused sent",
      "run.succeeded",
    ]);
  });

  it("let a node that was at work begin anew and keep nothing", () => {
    const state = begun(order, { price: 1, name: "Ada" }, updated({ price: 2, name: "Ada" }, ["price"]));
    expect([statusOf(state, "large"), statusOf(state, "label")]).toEqual(["pending", "pending"]);
    expect(next(state)).toEqual(["call large", "call greeting"]);
  });

  it("leave the same to be done in a new process", () => {
    const facts = [...finished, updated({ price: 2, name: "Ada" }, ["price"]), succeeded("large", false)];
    const state = begun(order, { price: 1, name: "Ada" }, ...facts);
    resume(state);
    expect(next(state)).toEqual(["node.reused label", "node.reused sent", "run.succeeded"]);
  });
});

describe("children listed anew", () => {
  const listed = (keys: readonly string[], more: Partial<Extract<Fact, { type: "children.listed" }>> = {}): Fact => ({
    type: "children.listed",
    node: "each",
    part: "each",
    keys,
    ...more,
  });
  const settled = (key: string, node = "each"): readonly Fact[] => [
    { type: "child.started", node, key, child: `run_${key}` },
    { type: "child.settled", v: 2, node, key, status: "succeeded", value: 1 },
  ];

  it("begin where they are new or changed, and the others stand", () => {
    const before = [listed(["a", "b"]), ...settled("a"), ...settled("b"), { type: "node.succeeded", node: "each" } satisfies Fact];
    const state = begun(list, { items: ["a1", "b1"] }, ...before, updated({ items: ["a1", "b2", "c1"] }, ["items"]));
    expect(next(state)).toEqual(["list each"]);
    fold(state, listed(["a", "b", "c"], { changed: ["b"], dropped: [] }), 0);
    expect(next(state)).toEqual(["child each[b]", "child each[c]"]);
  });

  it("stop those that are no longer there, and what these report counts no more", () => {
    const before = [listed(["a", "b"]), ...settled("a"), { type: "child.started", node: "each", key: "b", child: "run_b" } satisfies Fact];
    const state = begun(list, { items: ["a1", "b1"] }, ...before, updated({ items: ["a1"] }, ["items"]));
    resume(state);
    expect(next(state)).toEqual(["list each"]);
    fold(state, listed(["a"], { changed: [], dropped: ["b"] }), 0);
    fold(state, { type: "child.settled", v: 2, node: "each", key: "b", status: "failed" }, 0);
    expect(next(state)).toEqual(["stop-children each", "node.succeeded each", "run.succeeded"]);
    expect(stateOf(state, nodeNamed(state, "each"))).toMatchObject({ value: { items: [{ key: "a" }] } });
  });

  it("F1: as further rounds count, though rounds of these names were dropped before", () => {
    const round = (key: string) => settled(key, "twice");
    const more = (keys: readonly string[]): Fact => ({ type: "children.listed", node: "twice", part: "round", keys, more: true });
    const first = { type: "children.listed", node: "twice", part: "round", keys: ["1"] } satisfies Fact;
    const done = { type: "node.succeeded", node: "twice" } satisfies Fact;
    const before = [first, ...round("1"), more(["2"]), ...round("2"), done];
    const anew = { ...first, changed: ["1"], dropped: ["2"] };
    const state = begun(
      rounds,
      { from: 0 },
      ...before,
      updated({ from: 10 }, ["from"]),
      anew,
      ...round("1").slice(1),
      more(["2"]),
      ...round("2").slice(1),
    );
    expect(next(state)).toContain("list twice");
  });
});

describe("a retry", () => {
  const failed: Fact = { type: "node.failed", node: "large", attempt: 1, error: { code: "x", message: "x" } };
  const lost: readonly Fact[] = [succeeded("greeting", "Dear Ada"), failed, { type: "run.failed", error: { code: "x", message: "x" } }];

  it("begins what failed, with all its tries, and what had not begun; what succeeded stands", () => {
    const state = begun(order, { price: 1, name: "Ada" }, ...lost, { type: "run.retried", round: 1 });
    expect([state.status, state.lost, state.failures[nodeNamed(state, "large").index]]).toEqual(["running", undefined, 0]);
    expect(next(state)).toEqual(["call large"]);
    expect(gives(state, "large", false)).toEqual(["call label"]);
  });
});

describe("a fork", () => {
  it("takes over what reads the same and says from where; what it took is never a repetition of its own", () => {
    const donor = begun(order, { price: 1, name: "Ada" }, ...finished);
    const state = begun(order, { price: 1, name: "Bob" });
    inheritFrom(state, donor, new Set());
    const actions = decide(state);
    expect(actions).toMatchObject([{ type: "record", facts: [{ type: "node.reused", node: "large", source: "run:2", value: false }] }]);
  });

  it("takes over nothing of nodes that are different, or whose reading nobody knows", () => {
    const donor = begun(order, { price: 1, name: "Ada" }, succeeded("large", false));
    const state = begun(order, { price: 1, name: "Ada" });
    inheritFrom(state, donor, new Set(["large"]));
    expect(["large", "label"].map((name) => statusOf(state, name))).toEqual(["pending", "pending"]);
  });
});
