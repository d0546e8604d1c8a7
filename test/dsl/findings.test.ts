// What a definition is refused for: everything at once, each thing once, with a cure.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/dsl/contract.ts";
import type { Node } from "../../src/graph/node.ts";
import { errorOf, findingsOf, lines } from "./findings-of.ts";

const inputs = { topic: z.string() };

describe("names", () => {
  it("a node declared twice is one finding, and both handles stay usable", () => {
    const findings = findingsOf(() =>
      contract("twice", {
        inputs,
        define(g, { topic }) {
          const first = g.compute("same", { needs: { topic }, run: ({ topic }) => topic });
          const second = g.compute("same", { needs: { topic }, run: ({ topic }) => topic });
          return { both: g.compute("both", { needs: { first, second }, run: ({ first }) => first }) };
        },
      }),
    );
    expect(lines(findings)).toEqual(['duplicate_node same: there are two nodes "same"']);
  });

  it("a node may not have the name of an input", () => {
    const findings = findingsOf(() => contract("clash", { inputs, define: (g) => g.const("topic", 1) }));
    expect(lines(findings)).toEqual(['duplicate_node topic: there are two nodes "topic"']);
  });

  it("names of contracts, inputs and nodes are checked, and all that are wrong are told", () => {
    const findings = findingsOf(() =>
      contract("Wrong Name", {
        inputs: { "a b": z.string() },
        define: (g) => ({ x: g.const("2nd", 1), y: g.const("", 2), z: g.const("x".repeat(65), 3) }),
      }),
    );
    expect(findings.map(({ code, node }) => [code, node?.slice(0, 5)])).toEqual([
      ["bad_name", undefined],
      ["bad_name", "a b"],
      ["bad_name", "2nd"],
      ["bad_name", ""],
      ["bad_name", "xxxxx"],
    ]);
  });
});

describe("foreign handles", () => {
  it("a handle of another contract is told with that contract's name", () => {
    let kept: Node<string> | undefined;
    contract("first", {
      inputs,
      define(_g, { topic }) {
        kept = topic;
        return topic;
      },
    });
    const findings = findingsOf(() =>
      contract("second", {
        inputs: {},
        define(g) {
          const topic = kept ?? g.const("topic", "");
          return { x: g.compute("x", { needs: { topic }, run: ({ topic }) => topic }) };
        },
      }),
    );
    expect(lines(findings)).toEqual(['foreign_handle x: the need "topic" is the node "topic" of the contract "first"']);
    expect(findings[0]?.hint).toContain("g.compose");
  });

  it("a parent's handle used inside a child is told with the way to pass it in", () => {
    const findings = findingsOf(() =>
      contract("outer", {
        inputs,
        define(g, { topic }) {
          const size = g.compute("size", { needs: { topic }, run: ({ topic }) => topic.length });
          return g.compose("part", { needs: { topic }, child: (g) => g.compute("inner", { needs: { size }, run: ({ size }) => size }) });
        },
      }),
    );
    expect(lines(findings)).toEqual(['foreign_handle inner: the need "size" is the node "size" of the graph around this child']);
    expect(findings[0]?.contract).toBe("outer/part[child]");
    expect(findings[0]?.hint).toBe(
      'Pass it in: add "size" to the needs (or with) of "part", and take it from the second parameter of the child.',
    );
  });

  it("a parent's handle that the child has itself is told to be shadowed by the child's own", () => {
    const findings = findingsOf(() =>
      contract("outer", {
        inputs,
        define: (g, { topic }) =>
          g.compose("part", { needs: { topic }, child: (g) => g.compute("x", { needs: { topic }, run: ({ topic }) => topic }) }),
      }),
    );
    expect(findings[0]?.hint).toBe('The child has its own handle "topic": take it from the second parameter of the child.');
  });

  it("an output that belongs to the graph around the child is told as such", () => {
    const findings = findingsOf(() =>
      contract("outer", { inputs, define: (g, { topic }) => g.compose("part", { needs: { topic }, child: () => topic }) }),
    );
    expect(lines(findings)).toEqual(['foreign_handle -: gives the node "topic" of the graph around this child']);
    const record = findingsOf(() =>
      contract("outer", { inputs, define: (g, { topic }) => g.compose("part", { needs: { topic }, child: () => ({ topic }) }) }),
    );
    expect(lines(record)).toEqual(['foreign_handle -: the output "topic" is the node "topic" of the graph around this child']);
  });

  it("a need that is no handle at all is told with what it is", () => {
    const findings = findingsOf(() =>
      // @ts-expect-error a text is no handle
      contract("text", { inputs, define: (g) => g.compute("x", { needs: { topic: "rain", other: undefined }, run: () => 1 }) }),
    );
    expect(lines(findings)).toEqual([
      'foreign_handle x: the need "topic" is no node, but a string',
      'foreign_handle x: the need "other" is no node, but undefined',
    ]);
  });
});

describe("a handle used as a value", () => {
  const misuses: Readonly<Record<string, (topic: Node<string>) => unknown>> = {
    "in a template literal": (topic) => `About ${topic as unknown as string}`,
    "as JSON": (topic) => JSON.stringify({ topic }),
    compared: (topic) => (topic as unknown as number) < 5,
    "in arithmetic": (topic) => Number(topic) + 1,
  };
  for (const [place, misuse] of Object.entries(misuses)) {
    it(`${place} is a finding beside the others, and says why`, () => {
      const findings = findingsOf(() =>
        contract("misused", {
          inputs,
          define(g, { topic }) {
            g.const("2nd", 1);
            return { text: g.const("text", String(misuse(topic))) };
          },
        }),
      );
      expect(lines(findings)).toEqual([
        'bad_name 2nd: "2nd" is no name for a node',
        'handle_as_value topic: the handle "topic" was used as a value',
      ]);
      expect(findings[1]?.contract).toBe("misused");
      expect(findings[1]?.hint).toContain("needs: {");
    });
  }

  it("inside a literal is a finding of that literal", () => {
    const findings = findingsOf(() => contract("literal", { inputs, define: (g, { topic }) => g.const("pair", { list: [topic] }) }));
    expect(lines(findings)).toEqual(['handle_as_value pair: its value.list[0] is the handle "topic"']);
  });

  it("in a callback, when a run is under way, is an error of that callback", () => {
    let kept: Node<string> | undefined;
    contract("kept", {
      inputs,
      define(_g, { topic }) {
        kept = topic;
        return topic;
      },
    });
    expect(lines(findingsOf(() => `${kept as unknown as string}`))).toEqual([
      'handle_as_value topic: the handle "topic" was used as a value',
    ]);
  });
});

describe("what define gives", () => {
  it("nothing, a literal, an empty record and a list are findings", () => {
    const given: readonly [unknown, string][] = [
      [undefined, "no_outputs -: define gives nothing"],
      [{}, "no_outputs -: define gives nothing"],
      ["text", "bad_output -: define gives a string"],
      [7, "bad_output -: define gives a number"],
    ];
    for (const [value, expected] of given) {
      expect(lines(findingsOf(() => contract("given", { inputs, define: () => value as Node<unknown> })))).toEqual([expected]);
    }
  });

  it("an output that is a literal is told by its name", () => {
    // @ts-expect-error a text is no handle
    const findings = findingsOf(() => contract("literal", { inputs, define: (_g, { topic }) => ({ topic, mode: "fast" }) }));
    expect(lines(findings)).toEqual(['bad_output -: the output "mode" is no node, but a string']);
    expect(findings[0]?.hint).toContain("g.const");
  });

  it("a promise has a finding of its own, also when it is rejected", async () => {
    // @ts-expect-error define must not be async
    const findings = findingsOf(() => contract("async", { inputs, define: async (_g, { topic }) => ({ topic }) }));
    expect(lines(findings)).toEqual(["define_async -: define is async"]);
    // @ts-expect-error define must not be async
    const rejected = findingsOf(() => contract("async", { inputs, define: () => Promise.reject(new Error("no")) }));
    expect(lines(rejected)).toEqual(["define_async -: define is async"]);
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("a define that throws is one finding beside those before it", () => {
    const findings = findingsOf(() =>
      contract("thrown", {
        inputs,
        define(g): Node<number> {
          g.const("2nd", 1);
          throw new TypeError("no such thing");
        },
      }),
    );
    expect(lines(findings)).toEqual(['bad_name 2nd: "2nd" is no name for a node', "define_threw -: define threw: no such thing"]);
  });

  it("a child that throws, gives nothing or is async is told with its place, and the rest goes on", () => {
    const findings = findingsOf(() =>
      contract("children", {
        inputs,
        define(g, { topic }) {
          const text = g.branch("text", {
            needs: { topic },
            on: () => "a" as const,
            cases: {
              a: (): Node<string> => {
                throw new Error("broken");
              },
            },
          });
          const part = g.compose("part", { needs: { topic }, child: () => undefined as unknown as Node<string> });
          // @ts-expect-error a child must not be async
          const later = g.compose("later", { needs: { topic }, child: async (_g, { topic }) => topic });
          return { text, part, later, bad: g.const("2nd", 1) };
        },
      }),
    );
    expect(findings.map(({ code, contract }) => `${code} ${contract}`)).toEqual([
      "define_threw children/text[a]",
      "no_outputs children/part[child]",
      "define_async children/later[child]",
      "bad_name children",
    ]);
  });

  it("the error of a contract inside define stays that contract's own", () => {
    const error = errorOf(() =>
      contract("outer", {
        inputs,
        define: (g) => g.compose("x", { needs: {}, child: contract("Inner", { inputs: {}, define: (g) => g.const("a", 1) }) }),
      }),
    );
    expect(error.message).toContain('contract "Inner" has 1 error');
  });
});

describe("inputs and correlation", () => {
  it("a correlation key that is no input is told with the nearest one", () => {
    // @ts-expect-error misspelt
    const findings = findingsOf(() => contract("keys", { inputs, correlate: ["topik"], define: (_g, { topic }) => topic }));
    expect(lines(findings)).toEqual(['unknown_correlation -: correlate names "topik", which is no input']);
    expect(findings[0]?.hint).toBe('Did you mean "topic"?');
  });

  it("an input that is no schema is a finding, and define still runs", () => {
    // @ts-expect-error a text is no schema
    const findings = findingsOf(() => contract("schemas", { inputs: { topic: "string", size: null }, define: (g) => g.const("2nd", 1) }));
    expect(findings.map(({ code, node }) => [code, node])).toEqual([
      ["bad_schema", "topic"],
      ["bad_schema", "size"],
      ["bad_name", "2nd"],
    ]);
    expect(findings[0]?.hint).toContain("Standard Schema");
  });

  it("a default that is no JSON is told when the contract is defined", () => {
    const findings = findingsOf(() => contract("dates", { inputs: { at: z.date().default(new Date(0)) }, define: (_g, { at }) => at }));
    expect(lines(findings)).toEqual(["default_invalid at: the default is a Date, which JSON would change; use .toISOString()"]);
  });
});
