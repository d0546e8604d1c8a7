// Composed children: their value, their outputs as handles, and what is said about an output that is none.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type Contract, type GraphBuilder, type Node } from "../../src/index.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";
import { openKindling } from "../host/open-host.ts";

const pricing = contract("pricing", {
  inputs: { amounts: z.array(z.number()) },
  define(g, { amounts }) {
    const total = g.compute("sum", { needs: { amounts }, run: ({ amounts }) => amounts.reduce((sum, amount) => sum + amount, 0) });
    const lines = g.collection("lines", {
      over: amounts,
      as: "amount",
      key: String,
      each: (g, { amount }) => g.compute("taxed", { needs: { amount }, run: ({ amount }) => amount * 1.2 }),
    });
    return { total, lines, none: g.const("none", null) };
  },
});

const single = contract("single", { inputs: { amounts: z.array(z.number()) }, define: (_g, { amounts }) => amounts });

/** A contract around `pricing`. */
function around<R extends Node<unknown> | Readonly<Record<string, Node<unknown>>>>(
  define: (g: GraphBuilder, amounts: Node<number[]>) => R,
) {
  return contract("around", { inputs: { amounts: z.array(z.number()) }, define: (g, { amounts }) => define(g, amounts) });
}

async function resultOf<Out>(contract: Contract<{ readonly amounts: number[] }, Out>, amounts: number[]): Promise<Out> {
  const kindling = await openKindling({ contracts: [contract] });
  return (await kindling.start(contract, { amounts })).result();
}

describe("the outputs of a composed child", () => {
  it("are handles that other nodes read, and that a contract gives", async () => {
    const given = around((g, amounts) => {
      const priced = g.compose("priced", { needs: { amounts }, child: pricing });
      const doubled = g.compute("doubled", { needs: { total: priced.output.total }, run: ({ total }) => total * 2 });
      return { doubled, total: priced.output.total, none: priced.output.none };
    });
    expect(await resultOf(given, [1, 2])).toEqual({ doubled: 6, total: 3, none: null });
  });

  it("keep a collection's view", async () => {
    const given = around((g, amounts) => {
      const { lines } = g.compose("priced", { needs: { amounts }, child: pricing }).output;
      const count = g.compute("count", { needs: { lines }, run: ({ lines }) => lines.summary.succeeded });
      return { count, lines };
    });
    const { count, lines } = await resultOf(given, [10, 20]);
    expect(count).toBe(2);
    expect(lines.get("20")).toBe(24);
  });

  it("are nodes below the child, one for each that is read, made once", () => {
    const { graph } = around((g, amounts) => {
      const priced = g.compose("priced", { needs: { amounts }, child: pricing });
      expect(priced.output.total).toBe(priced.output.total);
      const { total } = priced.output;
      expect(total).toMatchObject({ kind: "project", name: "priced.total" });
      return { total, again: priced.output.total };
    });
    expect(graph.nodes.map(({ name, kind }) => `${name} ${kind}`)).toEqual(["amounts input", "priced compose", "priced.total project"]);
    expect(graph.outputs).toEqual({ type: "record", nodes: { total: "priced.total", again: "priced.total" } });
  });

  it("are all given when they are spread", async () => {
    const given = around((g, amounts) => ({ ...g.compose("priced", { needs: { amounts }, child: pricing }).output }));
    expect(await resultOf(given, [1])).toMatchObject({ total: 1, none: null, lines: { successes: { 1: 1.2 } } });
  });

  it("are there for an inline child and for a child in a scope", async () => {
    const given = around((g, amounts) => {
      const inner = g.scope("prices", (g) =>
        g.compose("priced", {
          needs: { amounts },
          child: (g, { amounts }) => ({ size: g.compute("size", { needs: { amounts }, run: ({ amounts }) => amounts.length }) }),
        }),
      );
      return inner.output.size;
    });
    expect(given.graph.nodes.map(({ name }) => name)).toEqual(["amounts", "prices.priced", "prices.priced.size"]);
    expect(await resultOf(given, [1, 2, 3])).toBe(3);
  });

  it("can be listed, and cannot be changed", () => {
    around((g, amounts) => {
      const { output } = g.compose("priced", { needs: { amounts }, child: pricing });
      expect(Object.keys(output)).toEqual(["total", "lines", "none"]);
      expect(Object.isFrozen(output)).toBe(true);
      expect(() => Object.assign(output, { total: 1 })).toThrow(TypeError);
      return output.total;
    });
  });

  it("let one child feed the next", async () => {
    const given = around((g, amounts) => {
      const first = g.compose("first", { needs: { amounts }, child: pricing });
      const list = g.compute("list", { needs: { total: first.output.total }, run: ({ total }) => [total, 2 * total] });
      return g.compose("second", { needs: { amounts: list }, child: pricing }).output.total;
    });
    expect(await resultOf(given, [1, 2])).toBe(9);
  });
});

describe("an output that is none", () => {
  const read = (
    part: (child: { readonly output: Readonly<Record<string, Node<unknown>>> }, g: GraphBuilder) => unknown,
    child: unknown = pricing,
  ) =>
    findingsOf(() =>
      around((g, amounts) => {
        const node = g.compose("priced", { needs: { amounts }, child: child as typeof pricing });
        // As an untyped caller would.
        return part(node, g) as Node<unknown>;
      }),
    );

  it("is told once, with the nearest", () => {
    const findings = read(({ output }, g) =>
      g.compute("x", { needs: { total: output["totl"] as Node<number> }, run: ({ total }) => total }),
    );
    expect(findings.map(({ code, node, message, hint }) => [code, node, message, hint])).toEqual([
      ["bad_output", "priced", "output.totl is read, and the child has no such output", 'Did you mean "total"?'],
    ]);
  });

  it("is what every object has", () => {
    expect(lines(read(({ output }) => output["toString"]))).toEqual([
      "bad_output priced: output.toString is read, and the child has no such output",
    ]);
  });

  it("of a child that gives one value is any", () => {
    const findings = read(({ output }) => output["total"], single);
    expect(lines(findings)).toEqual(["bad_output priced: output.total is read, and the child gives one value, which has no name"]);
    expect(findings[0]?.hint).toBe('Take a part of the value with g.project("total", …, "total").');
  });

  it("is all of them together, used as a node or as a value", () => {
    expect(lines(read(({ output }, g) => g.compute("x", { needs: { output: output as never }, run: () => 1 })))).toEqual([
      'foreign_handle x: the need "output" is no node, but an object',
    ]);
    for (const use of [
      (output: unknown) => `${output as string}`,
      (output: unknown) => Number(output),
      (output: unknown) => JSON.stringify(output),
    ]) {
      expect(lines(read(({ output }, g) => g.const("x", use(output))))).toEqual([
        'handle_as_value priced: the handle "priced" was used as a value',
      ]);
    }
  });

  it("does not make the child's handle a value", () => {
    expect(lines(read((child, g) => g.const("x", `${child as unknown as string}`)))).toEqual([
      'handle_as_value priced: the handle "priced" was used as a value',
    ]);
    expect(lines(read((child, g) => g.const("x", { child: child as never })))).toEqual([
      expect.stringMatching(/^handle_as_value x: .*"priced"/),
    ]);
  });
});
