// Where values came from, as a function of facts alone.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, planOf } from "../../src/index.ts";
import type { Fact } from "../../src/run/fact.ts";
import { dependsOn, lineageOf, type Lineage } from "../../src/run/lineage.ts";
import type { LoadedRun } from "../../src/run/explain-tree.ts";
import { loadedRun, reading, runOf, started } from "./loaded-run.ts";

const chain = contract("chain", {
  inputs: { a: z.string(), b: z.string(), c: z.string() },
  define(g, { a, b, c }) {
    const first = g.compute("first", { needs: { a }, run: ({ a }) => a });
    const second = g.compute("second", { needs: { first, b }, run: ({ first, b }) => first + b });
    const third = g.compute("third", { needs: { first, second, b }, run: ({ first, second }) => first + second });
    return { third, own: c };
  },
});

const gave = (node: string, value: string, cause: readonly number[] = []): Fact => ({ type: "node.succeeded", node, value, cause });
const ada = { id: "ada", assurance: "client" } as const;

function lineage(run: LoadedRun, name: string, others: readonly LoadedRun[] = [], values = false): Lineage | undefined {
  const node = run.state.plan.byName.get(name);
  return node === undefined ? undefined : lineageOf(run, node, reading(run, ...others), { values });
}

describe("lineage", () => {
  const run = runOf(chain, "run_1", { a: "A", b: "B", c: "C" }, [gave("first", "A"), gave("second", "AB"), gave("third", "AAB")], {
    actor: ada,
  });

  it("leads over the nodes that were read back to the inputs and who gave them", () => {
    expect(lineage(run, "second")).toMatchObject({
      path: "second",
      origin: "work",
      fact: "run_1:3",
      brief: '"AB"',
      reads: [
        { as: "first", from: { fact: "run_1:2", reads: [{ as: "a", from: { origin: "input", brief: '"A"', by: ada, fact: "run_1:1" } }] } },
        { as: "b", from: { origin: "input" } },
      ],
    });
  });

  it("tells what stands further up already only once", () => {
    const [, second] = lineage(run, "third")?.reads ?? [];
    expect(second?.from.reads[0]?.from).toMatchObject({ path: "first", isRepeated: true, reads: [] });
  });

  it("is nothing for a node without a value", () => {
    expect(lineage(runOf(chain, "run_1", { a: "A", b: "B", c: "C" }, []), "first")).toBeUndefined();
  });

  it("tells long texts and structures short, and whole only when asked", () => {
    const long = "x".repeat(200);
    const many = runOf(chain, "run_1", { a: long, b: "B", c: "C" }, []);
    expect(lineage(many, "a")?.brief).toHaveLength(80);
    expect(lineage(many, "a")).not.toHaveProperty("value");
    expect(lineage(many, "a", [], true)?.value).toBe(long);
  });

  it("sums up the turns of a conversation, and its cost is unknown when one of them is", () => {
    const turn = (number: number, cost: number | null): Fact[] => [
      { type: "model.requested", node: "first", turn: number, model: "m", request: `r${number}`, prompt: "p@1" },
      {
        type: "model.replied",
        node: "first",
        turn: number,
        cost,
        durationMs: 1,
        reply: { content: [], stop: { reason: "end" }, usage: { input: 10, output: 5 }, model: "m" } as never,
      },
    ];
    const talked = (second: number | null) =>
      runOf(chain, "run_1", { a: "A", b: "B", c: "C" }, [...turn(1, 0.5), ...turn(2, second), gave("first", "A")]);
    const use = { model: "m", prompt: "p@1", request: "r2", turns: 2, inputTokens: 20, outputTokens: 10 };
    expect(lineage(talked(0.25), "first")?.models).toEqual([{ ...use, usd: 0.75 }]);
    expect(lineage(talked(null), "first")?.models).toEqual([{ ...use, usd: null }]);
  });

  it("of a value that was taken over looks up who made it in the other run", () => {
    const donor = runOf(chain, "run_0", { a: "A", b: "B", c: "C" }, [{ type: "node.succeeded", node: "first", value: "A", by: ada }]);
    const reused: Fact = { type: "node.reused", node: "first", source: "run_0:2", value: "A" };
    const fork = runOf(chain, "run_1", { a: "A", b: "B", c: "C" }, [reused]);
    expect(lineage(fork, "first", [donor])).toMatchObject({ fact: "run_1:2", reusedFrom: "run_0:2", by: ada });
  });
});

describe("lineage of children", () => {
  const items = contract("items", {
    inputs: { list: z.array(z.string()), shared: z.string() },
    define: (g, { list, shared }) => ({
      each: g.collection("each", {
        over: list,
        as: "item",
        key: (item) => item,
        with: { shared },
        each: (inner, { item, shared }) => inner.compute("both", { needs: { item, shared }, run: ({ item, shared }) => item + shared }),
      }),
    }),
  });
  const plan = planOf(items.graph);
  const keys = Array.from({ length: 12 }, (_, index) => `k${index}`);
  const parent = runOf(items, "run_1", { list: keys, shared: "s" }, [
    { type: "children.listed", node: "each", part: "each", keys },
    { type: "child.started", node: "each", key: "k0", child: "run_2" },
    ...keys.map((key): Fact => ({ type: "child.settled", v: 2, node: "each", key, status: "succeeded", value: `${key}s` })),
    { type: "node.succeeded", node: "each" },
  ]);
  const childPlan = plan.byName.get("each")?.parts["each"];
  const child = loadedRun(childPlan ?? plan, "run_2", [
    started(
      childPlan ?? plan,
      "run_2",
      { item: "k0", shared: "s" },
      { root: "run_1", path: "each[k0]", parent: { run: "run_1", node: "each", key: "k0", part: "each" } },
    ),
    gave("both", "k0s"),
    { type: "run.succeeded" },
  ]);

  it("goes down into those that are recorded, eight at most, and counts the others", () => {
    const told = lineage(parent, "each", [child]);
    expect(told?.children.map(({ path }) => path)).toEqual(keys.slice(0, 8).map((key) => `each[${key}]`));
    expect(told?.cut).toBe(4);
    expect(told?.children[0]?.children).toMatchObject([{ path: "each[k0]/both", fact: "run_2:2" }]);
  });

  it("goes up from an input of a child to what its parent gave it: the list for the item, the need for what all share", () => {
    expect(lineage(child, "both", [parent])).toMatchObject({
      reads: [
        { as: "item", from: { path: "each[k0]/item", reads: [{ from: { path: "list", fact: "run_1:1" } }] } },
        { as: "shared", from: { path: "each[k0]/shared", reads: [{ as: "shared", from: { path: "shared", brief: '"s"' } }] } },
      ],
    });
  });

  it("has a limit to its depth", () => {
    const deep = contract("deep", {
      inputs: { start: z.number() },
      define(g, { start }) {
        let node = start;
        for (let step = 0; step < 20; step++) {
          const before = node;
          node = g.compute(`n${step}`, { needs: { before }, run: ({ before }) => before + 1 });
        }
        return node;
      },
    });
    const run = runOf(
      deep,
      "run_1",
      { start: 0 },
      Array.from({ length: 20 }, (_, step) => ({ type: "node.succeeded", node: `n${step}`, value: step }) as const),
    );
    let depth = 0;
    let node = lineage(run, "n19");
    for (; node?.reads[0] !== undefined; node = node.reads[0].from) depth += 1;
    expect([depth, node?.cut]).toEqual([8, 1]);
  });
});

describe("dependsOn", () => {
  it("names the outputs that an input can reach, directly or not", () => {
    const plan = planOf(chain.graph);
    expect(dependsOn(plan, "a")).toEqual(["third"]);
    expect(dependsOn(plan, "c")).toEqual(["own"]);
    expect(dependsOn(plan, "nothing")).toEqual([]);
  });
});
