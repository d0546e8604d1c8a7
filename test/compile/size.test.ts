// A large contract is made and compiled in time that grows with its nodes, not with their square.

import { expect, it } from "vitest";
import { z } from "zod";
import { compile } from "../../src/compile/compile.ts";
import { contract } from "../../src/dsl/contract.ts";
import type { Node } from "../../src/graph/node.ts";

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
  const best = (size: number) => Math.min(...Array.from({ length: 5 }, () => build(size)));
  build(1_000);
  // Linear work gives 4, quadratic work 16; the middle leaves room for a busy machine.
  expect(best(2_000) / best(500)).toBeLessThan(10);
});
