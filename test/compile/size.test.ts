// A large contract is made and compiled in time that grows with its nodes, not with their square.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { compile } from "../../src/compile/compile.ts";
import { nestingOf } from "../../src/compile/nesting.ts";
import { contract } from "../../src/dsl/contract.ts";
import type { AnyContract, Contract } from "../../src/graph/contract.ts";
import type { Node } from "../../src/graph/node.ts";
import type { GraphBuilder } from "../../src/nodes/index.ts";
import { findingsOf } from "../dsl/findings-of.ts";

/** Makes and compiles a contract of this size: each node needs the three before it and the first of all. */
function build(size: number): number {
  const started = performance.now();
  const { plan, findings } = compile(
    contract("large", {
      inputs: { topic: z.string() },
      define(g, { topic }) {
        const last: Node<string>[] = [topic, topic, topic];
        for (let index = 0; index < size; index++) {
          const [a = topic, b = topic, c = topic] = last.slice(-3);
          last.push(g.compute(`node${index}`, { needs: { a, b, c, topic }, run: ({ a, topic }) => a + topic }));
        }
        return { last: last.at(-1) ?? topic };
      },
    }),
  );
  expect(findings).toEqual([]);
  expect(plan.neededCount).toBe(size + 1);
  return performance.now() - started;
}

it("2,000 nodes cost about four times what 500 do, and not sixteen times", () => {
  build(1_000);
  // In turns, so that a busy machine is busy for both. Linear work gives 4, quadratic work 16.
  const turns = Array.from({ length: 10 }, () => ({ large: build(2_000), small: build(500) }));
  const best = (size: "large" | "small") => Math.min(...turns.map((turn) => turn[size]));
  expect(best("large") / best("small")).toBeLessThan(10);
});

it("20,000 nodes are checked in seconds, and without running out of stack", () => {
  expect(build(20_000)).toBeLessThan(10_000);
});

describe("children in children", () => {
  const limit = 100;
  type Inline = (g: GraphBuilder, handles: { readonly topic: Node<string> }) => Node<string>;
  const nested = (levels: number): Inline =>
    levels === 0 ? (_g, { topic }) => topic : (g, needs) => g.compose("part", { needs, child: nested(levels - 1) });

  it(`are allowed ${limit} deep`, () => {
    const made = contract("deep", { inputs: { topic: z.string() }, define: (g, handles) => nested(limit)(g, handles) });
    expect(nestingOf(made.graph)).toBe(limit);
    expect(compile(made).findings).toEqual([]);
  });

  it("10,000 deep are one finding at the level that is too much, and no overflow", () => {
    const findings = findingsOf(() =>
      contract("deeper", { inputs: { topic: z.string() }, define: (g, handles) => nested(10_000)(g, handles) }),
    );
    expect(findings.map(({ code, node }) => `${code} ${node}`)).toEqual(["nested_too_deep part"]);
    expect(findings[0]?.contract.split("/")).toHaveLength(limit + 1);
    expect(findings[0]?.message).toContain(`${limit} are the limit`);
  });

  it("count through contracts, which are as deep as what is in them", () => {
    const topic = z.string();
    const wrap = (child: AnyContract & Contract<{ readonly topic: string }, string>, index: number) =>
      contract(`wrap-${index}`, { inputs: { topic }, define: (g, needs) => g.compose("part", { needs, child }) });
    let last = contract("wrap-0", { inputs: { topic }, define: (_g, { topic }) => topic });
    for (let index = 1; index <= limit; index++) last = wrap(last, index);
    expect(compile(last).plan.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(findingsOf(() => wrap(last, limit + 1)).map(({ code }) => code)).toEqual(["nested_too_deep"]);
  });
});

it("a definition that gives nothing is a finding", () => {
  expect(findingsOf(() => contract("empty", { inputs: {}, define: () => ({}) })).map(({ code }) => code)).toEqual(["no_outputs"]);
});
