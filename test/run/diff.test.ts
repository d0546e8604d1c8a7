// Runs compared: by facts alone, and as the engine leaves them.

import { contract, createRuntime } from "kindling";
import { scripted } from "kindling/providers/scripted";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { diffOf, type RunDiff } from "../../src/run/diff.ts";
import { firstDifference } from "../../src/run/explain-difference.ts";
import type { Fact } from "../../src/run/fact.ts";
import { openKindling, temporaryLedger } from "../host/open-host.ts";
import { reading, runOf } from "./loaded-run.ts";

const changes = ({ nodes }: Pick<RunDiff, "nodes">) => Object.fromEntries(nodes.map(({ path, change }) => [path, change]));

describe("the first difference of two values", () => {
  it.each([
    [1, 1, undefined],
    [1, 2, "$"],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, "$.a[1].b"],
    [[1, 2], [1], "$[1]"],
    [{ "odd name": 1 }, { "odd name": 2 }, '$["odd name"]'],
    [{ a: 1 }, { a: 1, z: null }, "$.z"],
    [{ a: 1 }, [1], "$"],
    [null, undefined, "$"],
  ])("of %j and %j stands at %s", (a, b, at) => {
    expect(firstDifference(a, b)?.at).toBe(at);
  });
});

describe("two runs of a contract", () => {
  const pair = contract("pair", {
    inputs: { a: z.number(), b: z.number() },
    define(g, { a, b }) {
      const left = g.compute("left", { needs: { a }, run: ({ a }) => ({ value: a }) });
      const right = g.lookup("right", { needs: { b }, run: ({ b }) => b });
      return { left, right, sum: g.compute("sum", { needs: { left, right }, run: ({ left, right }) => left.value + right }) };
    },
  });
  const gave = (node: string, value: Extract<Fact, { type: "node.succeeded" }>["value"] = null): Fact => ({
    type: "node.succeeded",
    node,
    value,
  });
  const a = runOf(pair, "run_a", { a: 1, b: 2 }, [gave("left", { value: 1 }), gave("right", 2), gave("sum", 3), { type: "run.succeeded" }]);

  it("with the same values are told to be the same, and that they were made anew", () => {
    const b = runOf(pair, "run_b", { a: 1, b: 2 }, [
      gave("left", { value: 1 }),
      gave("right", 2),
      gave("sum", 3),
      { type: "run.succeeded" },
    ]);
    const diff = diffOf(a, b, reading());
    expect(diff).toMatchObject({ relation: "same_contract", inputs: [], counts: { same: 3, value: 0 } });
    expect(diff.outputs.map(({ change }) => change)).toEqual(["same", "same", "same"]);
  });

  it("tell values, outcomes and outputs that are different", () => {
    const b = runOf(pair, "run_b", { a: 5, b: 2 }, [
      gave("left", { value: 5 }),
      { type: "node.failed", node: "right", attempt: 1, error: { code: "threw", message: "no" } },
      { type: "run.failed", error: { code: "threw", message: "no" } },
    ]);
    expect(diffOf(a, b, reading())).toMatchObject({
      inputs: [{ name: "a", a: 1, b: 5 }],
      nodes: [
        { path: "left", change: "value", difference: { at: "$.value", a: 1, b: 5 } },
        { path: "right", change: "status", a: "succeeded", b: "failed", errors: { b: { message: "no" } } },
        { path: "sum", change: "status", a: "succeeded", b: "skipped" },
      ],
      outputs: [{ change: "only_a" }, { change: "only_a" }, { change: "only_a" }],
      a: { durationMs: 4_000, status: "succeeded" },
      b: { durationMs: 3_000, status: "failed" },
    });
  });

  it("that failed differently tell both errors", () => {
    const failed = (id: string, message: string) =>
      runOf(pair, id, { a: 1, b: 2 }, [{ type: "node.failed", node: "left", attempt: 1, error: { code: "threw", message } }]);
    expect(diffOf(failed("run_a", "x"), failed("run_b", "y"), reading()).nodes[0]).toMatchObject({
      change: "error",
      errors: { a: { message: "x" }, b: { message: "y" } },
    });
    expect(diffOf(failed("run_a", "x"), failed("run_b", "x"), reading()).nodes[0]).toMatchObject({ change: "same" });
  });
});

describe("a fork and its origin", () => {
  const story = contract("story", {
    inputs: { topic: z.string(), names: z.array(z.string()) },
    define(g, { topic, names }) {
      const idea = g.llm("idea", { needs: { topic }, prompt: ({ topic }) => `idea for ${topic}`, model: "scripted:small" });
      const text = g.llm("text", { needs: { idea }, prompt: ({ idea }) => `text about ${idea}`, model: "scripted:small" });
      const each = g.collection("each", {
        over: names,
        as: "name",
        key: (name) => name,
        each: (inner, { name }) => inner.lookup("greet", { needs: { name }, run: ({ name }) => `Hi ${name}` }),
      });
      return { text, each };
    },
  });
  const models = () => [scripted(["an idea", "a text", "another text", "a third"])];

  it("with another model tell it, and what was taken over", async () => {
    const kindling = await openKindling({ contracts: [story], models: models() });
    const run = await kindling.start(story, { topic: "tea", names: ["a"] });
    await run.result();
    const fork = await kindling.fork(run.id, { models: { text: "scripted:large" } });
    await fork.result();
    const diff = await kindling.diff(run.id, fork.id);
    expect(diff).toMatchObject({
      relation: "fork",
      inputs: [],
      counts: { reused: 2, value: 1, models: 1 },
      outputs: [{ change: "different" }, { change: "same" }],
    });
    expect(diff.nodes.find(({ path }) => path === "text")).toMatchObject({ models: { a: ["scripted:small"], b: ["scripted:large"] } });
    expect(diff.a.spending.calls).toBe(2);
    expect(diff.b.spending.calls).toBe(1);
    expect((await kindling.diff(fork.id, run.id)).relation).toBe("origin");
    expect(diff.text.split("\n")[0]).toBe(`${fork.id}, a fork of ${run.id}, differs in 1 of 3 nodes and 1 output.`);
  });

  it("and another fork of it share what both took over", async () => {
    const kindling = await openKindling({ contracts: [story], models: models() });
    const run = await kindling.start(story, { topic: "tea", names: ["a"] });
    await run.result();
    const [one, other] = [await kindling.fork(run.id), await kindling.fork(run.id)];
    await Promise.all([one.result(), other.result()]);
    const diff = await kindling.diff(one.id, other.id);
    expect(diff).toMatchObject({ relation: "sibling", inputs: [], counts: { reused: 3, value: 0 } });
    expect(diff.text.split("\n")[0]).toBe(`${other.id}, a fork of the same run as ${one.id}, is the same: 3 nodes, every output.`);
  });

  it("with other items match them by key and look into those that are different", async () => {
    const kindling = await openKindling({ contracts: [story], models: models() });
    const run = await kindling.start(story, { topic: "tea", names: ["a", "b"] });
    await run.result();
    const fork = await kindling.fork(run.id, { inputs: { names: ["b", "c"] } });
    await fork.result();
    const diff = await kindling.diff(run.id, fork.id);
    expect(changes(diff)).toEqual({
      idea: "reused",
      text: "reused",
      each: "value",
      "each[a]": "only_a",
      "each[b]": "reused",
      "each[c]": "only_b",
    });
  });
});

describe("two versions of a contract", () => {
  const version = (number: "1" | "2") =>
    contract("grows", {
      version: number,
      inputs: { n: z.number() },
      define(g, { n }) {
        const same = g.compute("same", { needs: { n }, run: ({ n }) => n });
        const changed = g.compute("changed", { needs: { same }, run: number === "1" ? ({ same }) => same + 1 : ({ same }) => same + 2 });
        const extra = number === "1" ? {} : { added: g.compute("added", { needs: { same }, run: ({ same }) => same }) };
        const gone = number === "2" ? {} : { gone: g.compute("gone", { needs: { same }, run: ({ same }) => same }) };
        const parts = g.compose("parts", {
          needs: { n },
          child: (inner, { n }) => inner.lookup("inside", { needs: { n }, run: number === "1" ? ({ n }) => n : ({ n }) => -n }),
        });
        return { changed, parts, ...extra, ...gone };
      },
    });

  it("are compared by what each run recorded, also when the older one is not here any more", async () => {
    const ledger = await temporaryLedger();
    const before = await createRuntime({ contracts: [version("1")], ledger });
    const old = await before.start("grows", { n: 1 });
    await old.result();
    await before.close();
    const kindling = await openKindling({ contracts: [version("2")], ledger });
    const now = await kindling.start("grows", { n: 1 });
    await now.result();
    const diff = await kindling.diff(old.id, now.id);
    expect(diff).toMatchObject({ relation: "other_version", a: { version: "1" }, b: { version: "2" } });
    expect(changes(diff)).toEqual({
      same: "same",
      changed: "value",
      added: "only_b",
      parts: "value",
      "parts/inside": "value",
      gone: "only_a",
    });
    expect(diff.nodes.find(({ path }) => path === "changed")).toMatchObject({ isRedefined: true, difference: { a: 2, b: 3 } });
    expect(diff.nodes.find(({ path }) => path === "same")).toMatchObject({ isRedefined: false });
  });
});

it("a run that is not there is refused", async () => {
  const kindling = await openKindling({ contracts: [] });
  await expect(kindling.diff("run_a", "run_b")).rejects.toMatchObject({ code: "run_not_found" });
});
