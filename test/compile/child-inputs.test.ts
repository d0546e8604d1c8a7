// What a contract is given as a child and surely cannot take is told when the contract around it is defined.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkGraph } from "../../src/compile/check.ts";
import { contract } from "../../src/dsl/contract.ts";
import { eitherSchemaOf, outputsSchemaOf } from "../../src/graph/gives.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";
import { completed } from "./completed.ts";

const Order = z.object({ total: z.number(), lines: z.array(z.string()) });
const invoice = contract("invoice", { inputs: { order: Order }, define: (_g, { order }) => order });
const size = contract("size", { inputs: { size: z.int() }, define: (_g, { size }) => size });
const label = contract("label", { inputs: { text: z.string().min(1) }, define: (_g, { text }) => text });

// A schema whose type promises what its JSON Schema does not hold: what TypeScript cannot see, the comparison does.
const LooseOrder = z.object({ total: z.string() }) as unknown as typeof Order;

describe("a misfit is an error of the node that runs the child", () => {
  it("naming input, node, place and both types, all at once", () => {
    const findings = findingsOf(() =>
      contract("bill", {
        inputs: { text: z.string() },
        define(g, { text }) {
          const parsed = g.llm("parsed", { needs: { text }, prompt: ({ text }) => text, output: LooseOrder });
          return g.compose("invoiced", { needs: { order: parsed }, child: invoice });
        },
      }),
    );
    expect(lines(findings)).toEqual([
      'child_input_type invoiced: part "child" runs the contract "invoice", whose input "order" cannot take what "parsed" gives: ' +
        'order.lines is nothing in "parsed" and must be list of text; order.total is text in "parsed" and must be number',
    ]);
    expect(findings[0]?.hint).toContain("g.compute");
    expect(findings[0]?.source?.file).toMatch(/child-inputs\.test\.ts$/);
  });

  it("for a parent's input, an await's payload, a model's text and a literal", () => {
    const number = z.string() as unknown as z.ZodNumber;
    const findings = findingsOf(() =>
      contract("sources", {
        inputs: { given: number },
        correlate: ["given"],
        define(g, { given }) {
          const event = g.await("event", { event: "sized", schema: z.number() });
          const text = g.llm("text", { needs: { given }, prompt: () => "" });
          const half = g.const("half", 1.5);
          // The model's text is text whatever its type says.
          const said = text as unknown as typeof event;
          return {
            a: g.compose("a", { needs: { size: given }, child: size }),
            b: g.compose("b", { needs: { size: event }, child: size }),
            c: g.compose("c", { needs: { size: said }, child: size }),
            d: g.compose("d", { needs: { size: half }, child: size }),
          };
        },
      }),
    );
    expect(findings.map(({ node, message }) => `${node}: ${/gives: (.*)/.exec(message)?.[1]}`)).toEqual([
      'a: size is text in "given" and must be whole number',
      'b: size is number in "event" and must be whole number',
      'c: size is text in "text" and must be whole number',
      'd: size is 1.5 in "half" and must be whole number',
    ]);
  });

  it("for every case of a branch, and through children written in place", () => {
    const findings = findingsOf(() =>
      contract("cases", {
        inputs: { size: z.number() },
        define: (g, handles) =>
          g.compose("part", {
            needs: handles,
            child: (g, { size: given }) => g.branch("which", { needs: { size: given }, on: () => "a" as const, cases: { a: size } }),
          }),
      }),
    );
    expect(findings.map(({ contract, node, code }) => `${code} ${contract} ${node}`)).toEqual(["child_input_type cases/part[child] which"]);
  });
});

describe("nothing is told", () => {
  it("of values whose schema is not known, of narrower bounds, and of what only TypeScript could know", () => {
    const made = contract("unknown", {
      inputs: { text: z.string() },
      define(g, { text }) {
        const length = g.compute("length", { needs: { text }, run: ({ text }) => text.length });
        return { a: g.compose("a", { needs: { size: length }, child: size }), b: g.compose("b", { needs: { text }, child: label }) };
      },
    });
    expect(checkGraph(made.graph)).toEqual([]);
  });

  it("of what a schema gives after a transform, and of defaults that fill what is missing", () => {
    const filled = z.object({ total: z.number().default(0), lines: z.array(z.string()).default([]) });
    const made = contract("transformed", {
      inputs: { raw: filled, length: z.string().transform((text) => text.length) },
      define: (g, { raw, length }) => ({
        a: g.compose("a", { needs: { order: raw }, child: invoice }),
        b: g.compose("b", { needs: { size: length }, child: size }),
      }),
    });
    expect(checkGraph(made.graph)).toEqual([]);
  });

  it("where the child's schema takes more than its JSON Schema says", () => {
    const coerced = contract("coerced", {
      inputs: { size: z.coerce.number<string>(), order: z.object({ total: z.coerce.number<string>() }), note: z.string().catch("none") },
      define: (_g, handles) => handles,
    });
    const made = contract("lenient", {
      inputs: { size: z.string(), order: z.object({ total: z.string().optional() }), note: z.null() },
      define(g, { size, order, note }) {
        const needs = { size, order, note } as unknown as Parameters<typeof g.compose<{}, typeof coerced>>[1]["needs"];
        return g.compose("part", { needs, child: coerced });
      },
    });
    expect(checkGraph(made.graph)).toEqual([]);
  });
});

describe("a kind's forecast says what is given where", () => {
  const each = contract("each", {
    inputs: { size: z.int(), over: z.string().default("") },
    define: (_g, { size, over }) => ({ size, over }),
  });

  it("the items of a list are what the child's input is given, and the list itself is not", () => {
    const made = (sizes: z.ZodType<number>) =>
      contract("many", {
        inputs: { sizes: z.array(sizes), named: z.record(z.string(), sizes) },
        define(g, { sizes, named }) {
          const options = { as: "size" as const, each };
          return {
            listed: g.collection("listed", { ...options, over: sizes, key: String }),
            named: g.collection("all", { ...options, over: named }),
          };
        },
      });
    expect(checkGraph(made(z.int()).graph)).toEqual([]);
    expect(findingsOf(() => made(z.number())).map(({ message }) => /gives: (.*)/.exec(message)?.[1])).toEqual([
      'size is number in "sizes" and must be whole number',
      'size is number in "named" and must be whole number',
    ]);
  });

  it("where a kind whose children differ does not say it, nothing is told", () => {
    const made = contract("unsaid", {
      inputs: { sizes: z.array(z.int()) },
      define: (g, { sizes }) => g.collection("all", { over: sizes, as: "size", key: String, each: (_g, { size }) => size }),
    });
    const nodes = made.graph.nodes.map(({ behaviour: { forecast: _forecast, ...behaviour }, ...node }) => {
      const { work } = behaviour;
      // The contract in it has an input of the name under which the collection itself reads its list.
      return { ...node, behaviour: { ...behaviour, work: work.type === "children" ? { ...work, parts: { each: each.graph } } : work } };
    });
    expect(checkGraph({ ...made.graph, nodes })).toEqual([]);
  });

  it("the first round is given its need under the child's name for it", () => {
    const made = contract("rounds", {
      inputs: { start: z.number() },
      define: (g, { start }) => g.compose("again", { needs: { size: start }, child: (_g, { size }) => size }),
    });
    const [node] = made.graph.nodes.filter(({ name }) => name === "again");
    if (node?.behaviour.work.type !== "children") throw new Error("it runs no children");
    const work = { ...node.behaviour.work, parts: { round: size.graph } };
    const { graph } = completed(made, "again", { work, forecast: { type: "rounds", from: "from", as: "size", atMost: 3 } });
    const renamed = { ...graph, nodes: graph.nodes.map((each) => (each.name === "again" ? { ...each, needs: { from: "start" } } : each)) };
    expect(checkGraph(renamed).map(({ code }) => code)).toEqual(["child_input_type"]);
  });
});

describe("what a child gives", () => {
  it("is made of what its nodes give; nothing is claimed of the others, nor of schemas with references", () => {
    type Tree = { readonly kids: readonly Tree[] };
    const tree: z.ZodType<Tree> = z.object({
      get kids() {
        return z.array(tree);
      },
    });
    const made = contract("gives", {
      inputs: { text: z.string(), tree },
      define: (g, { text, tree }) => ({ text, tree, length: g.compute("length", { needs: { text }, run: ({ text }) => text.length }) }),
    });
    expect(outputsSchemaOf(made.graph)).toEqual({
      type: "object",
      properties: { text: { type: "string" }, tree: {}, length: {} },
      required: ["text", "tree", "length"],
      additionalProperties: false,
    });
    expect(outputsSchemaOf(label.graph)).toEqual({ type: "string", minLength: 1 });
    expect(eitherSchemaOf([label.graph, size.graph])?.["anyOf"]).toHaveLength(2);
    expect(eitherSchemaOf([])).toBeUndefined();
  });
});
