// What of a contract a document can hold, and what is told of the rest.

import { contract, DefinitionError, planOf } from "kindling";
import { fromDocument, toDocument } from "kindling/document";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { add, archive, CONTRACTS, EXECUTORS } from "./press.ts";

const SOURCES = { executors: EXECUTORS, contracts: [archive] };

describe("toDocument", () => {
  it("lists everything that is not portable, with node, option and cure", () => {
    const coded = contract("coded", {
      inputs: { a: z.number(), date: z.string().transform((text) => new Date(text).getTime()) },
      onExit: () => undefined,
      schedule: { every: "1h", inputs: () => ({ a: 1, date: "x" }) },
      define(g, { a, date }) {
        const plus = g.compute("plus", { needs: { a, date }, run: ({ a }) => a + 1 });
        g.present(plus, (value) => `${value}`);
        const chosen = g.branch("chosen", {
          needs: { a },
          on: ({ a }) => a > 1,
          cases: { true: (g, { a }) => g.map("deep", a, (value) => value), false: (_g, { a }) => a },
        });
        return { plus, chosen, sum: g.compute("sum", { needs: { a, b: a }, run: add }) };
      },
    });
    const error = (() => {
      try {
        return toDocument(coded);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(DefinitionError);
    const { findings } = error as DefinitionError;
    expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(["not_portable"]));
    expect(findings.map(({ message }) => message)).toEqual([
      "present holds functions",
      "onExit is a function",
      "inputs.date has a schema without a JSON Schema",
      "schedule.inputs is a function",
      "plus: run is a function",
      "chosen: on is a function",
      "chosen/deep: run is a function",
    ]);
    expect(findings[4]?.hint).toBe("Make it an executor with defineExecutor.");
    expect(findings[5]?.hint).toContain("Give a path");
  });

  it("writes contract guards as guards, and reads them as such", () => {
    const { guards, nodes } = toDocument(CONTRACTS["heading"] ?? archive);
    expect(guards).toEqual({ positive: { where: { a: { min: 0 } }, message: "a is negative" }, small: { where: { b: { max: 10 } } } });
    expect(nodes.map(({ name, after }) => ({ name, after }))).toEqual([{ name: "sum", after: undefined }]);
  });

  it("keeps the hash of a contract that waits for nodes by hand", () => {
    const ordered = contract("ordered", {
      inputs: { a: z.number() },
      define(g, { a }) {
        const first = g.guard("first", { needs: { a }, where: { a: { min: 1 } }, tags: ["x"] });
        return g.compute("sum", { needs: { a, b: a }, run: add, after: [first] });
      },
    });
    const again = fromDocument(toDocument(ordered), SOURCES);
    expect(toDocument(ordered)["guards"]).toBeUndefined();
    expect(planOf(again.graph).hash).toBe(planOf(ordered.graph).hash);
  });
});
