// The fold: what one fact does to the state of a run.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { planOf } from "../../src/compile/plan.ts";
import { decide } from "../../src/run/decide.ts";
import type { Fact } from "../../src/run/fact.ts";
import { fold } from "../../src/run/fold.ts";
import { headOf } from "../../src/run/head.ts";
import { newRunState, outputsOf, type RunState } from "../../src/run/state.ts";

const plan = planOf(
  contract("sample", {
    inputs: { list: z.array(z.string()) },
    define(g, { list }) {
      const size = g.compute("size", { needs: { list }, run: ({ list }) => list.length });
      const go = g.await("go", { event: "go", schema: z.number(), show: { size } });
      const each = g.collection("each", {
        over: list,
        as: "item",
        key: (item) => item,
        each: (inner, { item }) => inner.compute("same", { needs: { item }, run: ({ item }) => item }),
      });
      const sum = g.compute("sum", { needs: { size, go }, run: ({ size, go }) => size + go });
      return { sum, each };
    },
  }).graph,
);

const started = (list: readonly string[]): Fact => ({
  type: "run.started",
  contract: "sample",
  version: "1",
  plan: plan.hash,
  inputs: { list },
  correlation: {},
  root: "run",
  path: "",
});
const listed = (keys: readonly string[]): Fact => ({ type: "children.listed", node: "each", part: "each", keys });
const settled = (key: string): Fact => ({ type: "child.settled", v: 2, node: "each", key, status: "succeeded", value: key });
const succeeded = (node: string, value: number): Fact => ({ type: "node.succeeded", node, value });

function folded(...facts: readonly Fact[]): RunState {
  const state = newRunState("run", plan);
  for (const fact of facts) fold(state, fact, 1_000);
  return state;
}

const nodeOf = (state: RunState, name: string) => state.nodes[plan.byName.get(name)?.index ?? -1];
const dueIn = (state: RunState) => state.due.map((index) => plan.nodes[index]?.name);

describe("a fact", () => {
  it("run.started gives the inputs their values and makes due what needs nothing else", () => {
    const state = folded(started(["a"]));
    expect(nodeOf(state, "list")).toMatchObject({ status: "succeeded", value: ["a"] });
    expect(dueIn(state)).toEqual(["size", "each"]);
  });

  it("node.succeeded makes due what has all its needs now, once", () => {
    const state = folded(started([]), succeeded("size", 0));
    expect(dueIn(state)).toEqual(["size", "each", "go"]);
    fold(
      state,
      { type: "event.delivered", node: "go", event: "go", deliveryId: "d", payload: 2, actor: { id: "x", assurance: "agent" } },
      1,
    );
    expect(dueIn(state)).toEqual(["size", "each", "go", "sum"]);
  });

  it("about a node that has its outcome changes nothing (R4)", () => {
    const state = folded(started([]), succeeded("size", 1));
    for (const late of [
      succeeded("size", 2),
      { type: "node.failed", node: "size", attempt: 1, error: { code: "x", message: "x" } },
      { type: "node.failed", node: "size", attempt: 1, retryAt: 5, error: { code: "x", message: "x" } },
      { type: "node.started", node: "size", attempt: 2 },
    ] satisfies Fact[]) {
      fold(state, late, 2_000);
      expect(nodeOf(state, "size")).toMatchObject({ status: "succeeded", value: 1, at: 1_000 });
    }
    expect(state.lost).toBeUndefined();
  });

  it("after the end of the run changes nothing but the count", () => {
    const state = folded(started([]), { type: "run.cancelled", reason: "x", actor: { id: "x", assurance: "agent" } }, succeeded("size", 1));
    expect([state.status, nodeOf(state, "size")?.status, state.version, state.due]).toEqual(["cancelled", "pending", 3, []]);
  });

  it("child.started twice is one child", () => {
    const child: Fact = { type: "child.started", node: "each", key: "a", child: "run_a" };
    const state = folded(started(["a"]), listed(["a"]), child, child);
    expect(headOf(state).note).toMatchObject({ openChildren: 1 });
    fold(state, settled("a"), 1);
    expect(headOf(state).note).not.toHaveProperty("openChildren");
  });

  it("child.settled makes a run that waits go on", () => {
    const state = folded(started(["a", "b"]), listed(["a", "b"]), { type: "run.waiting" }, settled("a"));
    expect(state.status).toBe("running");
  });

  it("child.settled twice counts once, and children keep the order of the listing", () => {
    const state = folded(started(["a", "b"]), listed(["a", "b"]), settled("b"), settled("b"), settled("a"), {
      type: "node.succeeded",
      node: "each",
    });
    expect(nodeOf(state, "each")).toMatchObject({ value: { items: [{ key: "a" }, { key: "b" }] } });
  });

  it("event.delivered takes the event out of what is kept", () => {
    const early: Fact = {
      type: "event.buffered",
      event: "go",
      correlation: {},
      deliveryId: "d",
      payload: 1,
      actor: { id: "x", assurance: "agent" },
    };
    const state = folded(started([]), early);
    expect(headOf(state).keys).toContain("early:go");
    fold(
      state,
      { type: "event.delivered", node: "go", event: "go", deliveryId: "d", payload: 1, actor: { id: "x", assurance: "agent" } },
      1,
    );
    expect(headOf(state).keys).not.toContain("early:go");
    expect(headOf(state).keys).toContain("delivered:d");
  });

  it("about a node the plan does not have is a fault that says so", () => {
    expect(() => folded(started([]), succeeded("nobody", 1))).toThrow('the node "nobody", which its plan does not have');
  });
});

describe("the outputs", () => {
  it("are what the outputs' nodes gave", () => {
    const state = folded(started(["a"]), listed(["a"]), settled("a"), { type: "node.succeeded", node: "each" }, succeeded("sum", 3));
    expect(outputsOf(state)).toEqual({ sum: 3, each: { type: "collection", items: [{ key: "a", status: "succeeded", value: "a" }] } });
  });
});

describe("the cost of one more fact (R7)", () => {
  it("is the same for the tenth settled child and for the ten-thousandth", () => {
    expect(looksAtChild(10_000, 9_990)).toBe(looksAtChild(20, 10));
  });

  it("is the same in a graph of ten nodes and of a thousand", () => {
    expect(looksAtNode(1_000)).toBe(looksAtNode(10));
  });
});

/** How often the state is looked at to fold one more settled child and decide what follows. */
function looksAtChild(children: number, already: number): number {
  const keys = Array.from({ length: children }, (_, index) => `k${index}`);
  const counter = { looks: 0 };
  const state = folded(started([]), listed(counted(keys, counter)));
  decide(state);
  for (const key of keys.slice(0, already)) {
    fold(state, settled(key), 1);
    decide(state);
  }
  const before = counter.looks;
  fold(state, settled(keys[already] ?? ""), 1);
  decide(state);
  return counter.looks - before;
}

function looksAtNode(size: number): number {
  const wide = planOf(
    contract("wide", {
      inputs: { n: z.number() },
      define: (g, { n }) =>
        Object.fromEntries(
          Array.from({ length: size }, (_, index) => [`n${index}`, g.compute(`n${index}`, { needs: { n }, run: ({ n }) => n })]),
        ),
    }).graph,
  );
  const counter = { looks: 0 };
  const state = newRunState("run", wide);
  fold(state, { ...started([]), inputs: { n: 1 } } as Fact, 1);
  decide(state);
  const looked = { ...state, nodes: counted(state.nodes, counter), unmet: counted(state.unmet, counter) };
  fold(looked, succeeded("n5", 1), 1);
  decide(looked);
  return counter.looks;
}

function counted<T>(list: T[], counter: { looks: number }): T[] {
  return new Proxy(list, {
    get: (target, name, receiver) => {
      counter.looks += 1;
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
}
