// Definitions that cannot be used: `contract` throws one error that names the place, the value and the cure, and the next definition is as good as ever.

import { compile, contract, DefinitionError, type AnyContract, type GraphBuilder, type Node } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";

/** What a definition is refused with: the codes, and the message with its hints; after it, a right definition of that name is accepted. */
function refusal(define: () => unknown): { readonly codes: readonly string[]; readonly text: string } {
  let thrown: unknown;
  try {
    define();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(DefinitionError);
  if (!(thrown instanceof DefinitionError)) throw new Error("the definition was accepted");
  expect(thrown.code).toBe("definition_invalid");
  expect(compile(contract("shop", { inputs: {}, define: (g) => g.const("one", 1) })).plan.name).toBe("shop");
  return { codes: thrown.findings.map(({ code }) => code), text: thrown.message };
}

type Bad = readonly [what: string, define: () => unknown, codes: readonly string[], words: RegExp];

// Authors without types, and machines, write what the types forbid; the casts below play them.
const shop = (define: (g: GraphBuilder, handles: Record<string, Node<never>>) => unknown, inputs: Record<string, z.ZodType> = {}) =>
  contract("shop", { inputs, define: define as never });

const price = contract("price", {
  inputs: { sku: z.string(), amount: z.number() },
  define: (g, { sku, amount }) => ({ text: g.compute("text", { needs: { sku, amount }, run: ({ sku, amount }) => `${sku} ${amount}` }) }),
});

function ofAnother(): Node<number> {
  let leaked: Node<number> | undefined;
  contract("home", { inputs: { a: z.number() }, define: (g, { a }) => (leaked = g.compute("total", { needs: { a }, run: ({ a }) => a })) });
  if (leaked === undefined) throw new Error("define did not run");
  return leaked;
}

/** A part that is a function which composes itself. */
const itself = (g: GraphBuilder, handles: Record<string, Node<never>>): Node<unknown> =>
  g.compose("again", { needs: handles as never, child: itself as never });

/** A contract that composes itself, by a variable that is filled when it is done. */
function composingItself(): void {
  const later: { contract?: AnyContract } = {};
  later.contract = shop((g, { sku }) => g.compose("again", { needs: { sku } as never, child: later.contract as never }), {
    sku: z.string(),
  });
}

const BAD: readonly Bad[] = [
  [
    "two nodes of one name, and a node with the name of an input",
    () => shop((g, { sku }) => ({ one: g.const("sku", 1), two: g.const("x", 1), three: g.const("x", 2), sku }), { sku: z.string() }),
    ["duplicate_node", "duplicate_node"],
    /there are two nodes "sku".*there are two nodes "x"\s+Names are durable and must be unique/s,
  ],
  [
    "another contract's handle as a need and as an output",
    () => shop((g) => ({ sum: g.compute("sum", { needs: { total: ofAnother() }, run: () => 1 }), total: ofAnother() })),
    ["foreign_handle", "foreign_handle"],
    /sum: the need "total" is the node "total" of the contract "home"\s.*g\.compose.*the output "total" is the node "total" of the contract "home"/s,
  ],
  [
    "an output that is no node",
    () => shop((g) => ({ one: g.const("one", 1), two: undefined, three: 7 })),
    ["bad_output", "bad_output"],
    /the output "two" is no node, but undefined.*the output "three" is no node, but a number.*g\.const/s,
  ],
  [
    "an output of a child that it does not have",
    () =>
      shop(
        (g, { sku, amount }) => {
          const part = g.compose("part", { needs: { sku, amount } as never, child: price });
          return { text: (part.output as unknown as Record<string, unknown>)["txet"] };
        },
        { sku: z.string(), amount: z.number() },
      ),
    ["bad_output"],
    /part: output\.txet is read.*(?:Did you mean|Known:) "text"/s,
  ],
  [
    "a child's input that nothing gives",
    () => shop((g, { sku }) => g.compose("part", { needs: { sku } as never, child: price }), { sku: z.string() }),
    ["child_input_missing"],
    /part: part "child" runs the contract "price", whose input "amount" nothing gives/,
  ],
  [
    "a child's input of a wrong type",
    () =>
      shop((g, { sku, amount }) => g.compose("part", { needs: { sku, amount } as never, child: price }), {
        sku: z.string(),
        amount: z.string(),
      }),
    ["child_input_type"],
    /part: .*"price", whose input "amount" cannot take what "amount" gives: amount is text.*must be number\s.*g\.compute between/s,
  ],
  ["a contract that gives nothing", () => shop(() => ({})), ["no_outputs"], /define gives nothing\s+Return a handle/],
  ["an async define", () => shop(async (g) => g.const("one", 1)), ["define_async"], /define is async\s.*leave async out/s],
  [
    "a define that throws",
    () =>
      shop(() => {
        throw new Error("no catalogue");
      }),
    ["define_threw"],
    /define threw: no catalogue\s+It only declares nodes/,
  ],
  [
    "a define that throws no error",
    () =>
      shop(() => {
        throw undefined as unknown as Error;
      }),
    ["define_threw"],
    /define threw: undefined/,
  ],
  ["a part that composes itself without end", () => shop(itself), ["nested_too_deep"], /levels of children.*are the limit\s.*g\.repeat/s],
  ["a contract that composes itself", composingItself, ["bad_child"], /again: part "child" is undefined: .*Give a contract/s],
  [
    "a repeat that may never end",
    () =>
      shop((g) =>
        g.repeat("again", {
          from: g.compute("zero", { needs: {}, run: (): number => 0 }),
          as: "n",
          child: (g, { n }) => g.compute("next", { needs: { n }, run: ({ n }) => n + 1 }),
          until: () => false,
          max: Infinity,
        }),
      ),
    ["bad_option"],
    /again: max is Infinity\s+Give a whole number from 1 to 10000/,
  ],
  [
    "an input named __proto__",
    () => shop((_g, handles) => ({ out: handles["__proto__"] }), JSON.parse('{"__proto__":1}') as never),
    ["bad_schema", "bad_name"],
    /__proto__: "__proto__" is no name for a node\s+A name starts with a letter/,
  ],
  [
    "a literal with a key __proto__",
    () => shop((g) => g.const("one", JSON.parse('{"__proto__":1}') as never)),
    ["bad_option"],
    /one: its value has a key "__proto__"/,
  ],
];

describe("a definition is refused with its place, the value and the cure", () => {
  it.each(BAD)("%s", (_what, define, codes, words) => {
    const { codes: told, text } = refusal(define);
    expect([...told].sort()).toEqual([...codes].sort());
    expect(text).toMatch(/^contract "shop" has \d errors?:/);
    expect(text).toMatch(words);
    expect(text).toMatch(/bad-input-definition\.test\.ts:\d+|throws no error|threw: undefined/);
  });

  it.each(["", " ", "a b", "a.b", "a/b", "a[0]", "é", "💥", "1a", "a\u0000", "__proto__", "a".repeat(65)])(
    "the strange name %j, for a node and for an input",
    (name) => {
      for (const define of [
        () => shop((g) => g.const(name, 1)),
        () => shop((g) => g.const("one", 1), Object.fromEntries([[name, z.string()]])),
      ]) {
        const { codes, text } = refusal(define);
        expect(codes).toContain("bad_name");
        expect(text).toContain(`"${name}" is no name for a node`);
        expect(text).toContain("starts with a letter and has up to 64 letters, digits, _ and -");
      }
    },
  );

  it.each(["", "Shop", "a b", "a/b", "__proto__", "é", "a".repeat(65)])("the strange name %j for a contract", (name) => {
    const { codes, text } = refusal(() => contract(name, { inputs: {}, define: (g) => g.const("one", 1) }));
    expect(codes).toEqual(["bad_name"]);
    expect(text).toMatch(/is no name for a contract\s+Lower case letters, digits and dashes, up to 64/);
  });
});

describe("a definition should be refused better", () => {
  // graph-builder.ts `nameProblem` and contract.ts test `NAME` against String(name), so undefined and null pass as "undefined" and "null".
  it.each([undefined, null])("the name %s for a node", (name) => {
    expect(refusal(() => shop((g) => g.const(name as never, 1))).codes).toEqual(["bad_name"]);
  });

  it.each([undefined, null])("the name %s for a contract", (name) => {
    expect(refusal(() => contract(name as never, { inputs: {}, define: (g) => g.const("one", 1) })).codes).toEqual(["bad_name"]);
  });

  // finding.ts `pathOf` splits the contract's name, which is a number here: a TypeError takes the place of the finding.
  it("a number as the name of a contract", () => {
    expect(refusal(() => contract(7 as never, { inputs: {}, define: (g) => g.const("one", 1) })).codes).toEqual(["bad_name"]);
  });

  // handle.ts `handleInside` walks into a literal without a limit, before toJson refuses its depth.
  it.each([
    ["g.const", (g: GraphBuilder, deep: never) => g.const("one", deep)],
    ["the default of g.project", (g: GraphBuilder, deep: never) => g.project("one", g.const("two", { a: 1 }), "a", { default: deep })],
  ])("a literal 10,000 deep in %s", (_where, declare) => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 10_000; depth++) deep = [deep];
    // What the types would refuse for its depth alone.
    expect(refusal(() => shop((g) => declare(g, deep as never))).text).toMatch(/one: .*nested deeper than 64 levels/);
  });

  // graph-builder.ts `#resolve` takes any name for a need; one named __proto__ is set as a prototype later, and the callback never sees it.
  it("a need named __proto__", () => {
    const { text } = refusal(() =>
      shop((g, { sku }) => g.compute("one", { needs: Object.fromEntries([["__proto__", sku]]) as never, run: () => 1 }), {
        sku: z.string(),
      }),
    );
    expect(text).toMatch(/one: .*"__proto__".*name/);
  });

  // outputs.ts takes any name for an output; values with that key are refused everywhere else.
  it("an output named __proto__", () => {
    expect(refusal(() => shop((g) => Object.fromEntries([["__proto__", g.const("one", 1)]]))).text).toMatch(/output "__proto__"/);
  });

  // graph-builder.ts `childProblem` says "but undefined", and nothing tells why the variable is empty at this moment.
  it("a contract that composes itself by a variable that is filled later: why that is empty", () => {
    expect(refusal(composingItself).text).toMatch(/again: part "child" is undefined.*not defined yet.*cannot contain itself.*g\.repeat/s);
  });

  // child.ts `checkChildInputs` proposes the nearest need, though that one is an input of the child too and is given.
  it("a child's input that nothing gives: the hint is to add it, not another one that is right", () => {
    const { text } = refusal(() => shop((g, { sku }) => g.compose("part", { needs: { sku } as never, child: price }), { sku: z.string() }));
    expect(text).toMatch(/Add "amount" to the needs/);
  });

  // graph-builder.ts `runDefine` reads error.message, which throws here: the bare value comes out of `contract`.
  it("a define that throws an error whose message throws", () => {
    const odd = Object.defineProperty(new Error("x"), "message", {
      get: () => {
        throw new Error("no message");
      },
    });
    const { codes } = refusal(() =>
      shop(() => {
        throw odd;
      }),
    );
    expect(codes).toEqual(["define_threw"]);
  });

  // The kinds read options.needs and options.run without looking: the error of JavaScript is told, without the node.
  it("a node without needs", () => {
    expect(refusal(() => shop((g) => g.compute("one", { run: () => 1 } as never))).text).toMatch(/one: .*needs/);
  });
});

describe("names that every object has", () => {
  it.each(["constructor", "toString", "valueOf", "hasOwnProperty"])(
    "%s is a name like any other, for inputs, needs, nodes and outputs",
    async (name) => {
      const odd = contract("odd", {
        inputs: { [name]: z.string(), other: z.string().default("d") },
        correlate: [name],
        define: (g, handles) => {
          const given = handles[name];
          if (given === undefined) throw new Error("no handle");
          const needs = { [name]: given };
          const choice = g.branch("choice", {
            needs,
            on: (values) => values[name] ?? "",
            cases: { [name]: (g: GraphBuilder) => g.const("taken", "the case") },
            default: (g: GraphBuilder) => g.const("taken", "the default"),
          });
          return { [name]: g.compute("read", { needs, run: (values) => values[name] ?? "nothing" }), choice };
        },
      });
      const kindling = await openKindling({ contracts: [odd] });
      await expect(kindling.start("odd", {})).rejects.toMatchObject({ code: "invalid_inputs", details: { issues: [{ at: name }] } });
      const outputs = async (value: string) => (await kindling.start("odd", { [name]: value })).result();
      expect(await outputs(name)).toEqual({ [name]: name, choice: "the case" });
      expect(await outputs("v")).toEqual({ [name]: "v", choice: "the default" });
    },
  );
});

describe("10,000 needs on one node", () => {
  it("are a graph like any other", async () => {
    const wide = contract("wide", {
      inputs: { a: z.number() },
      define: (g, { a }) => {
        const parts = Array.from({ length: 10_000 }, (_, index) => g.compute(`n${index}`, { needs: { a }, run: ({ a }) => a + index }));
        const needs = Object.fromEntries(parts.map((part, index) => [`n${index}`, part]));
        return g.compute("sum", { needs, run: (values) => Object.values(values).reduce((sum, each) => sum + each, 0) });
      },
    });
    const kindling = await openKindling({ contracts: [wide] });
    expect(await (await kindling.start(wide, { a: 1 })).result()).toBe(50_005_000);
  });
});
