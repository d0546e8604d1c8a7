// Everything wrong with a document is told at once, each with its place; and nothing else is ever thrown.

import { DefinitionError, type Finding } from "kindling";
import { fromDocument, toDocument } from "kindling/document";
import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { changed } from "./changed.ts";
import { archive, CONTRACTS, EXECUTORS } from "./press.ts";

const SOURCES = { executors: EXECUTORS, contracts: [archive] };

function findingsOf(document: unknown): readonly Finding[] {
  try {
    fromDocument(document, SOURCES);
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.findings;
    throw error;
  }
}

const told = (document: unknown) => findingsOf(document).map(({ code, message, hint }) => `${code}: ${message}. ${hint}`);

const NUMBER = { schema: { type: "number" } };
const sum = { kind: "compute", name: "sum", needs: { a: "a", b: "a" }, run: { executor: "math.add", version: "2" } };
const document = (rest: object) => ({ kindling: 1, name: "test", inputs: { a: NUMBER }, nodes: [sum], outputs: "sum", ...rest });
const withNodes = (...nodes: readonly object[]) => document({ nodes: [sum, ...nodes] });

describe("a document", () => {
  it("that is sound is read, whatever the order of its nodes", () => {
    const later = { ...sum, name: "later", needs: { a: "sum", b: "sum" } };
    const read = fromDocument(document({ nodes: [later, sum], outputs: { later: "later" } }), SOURCES);
    expect(read.graph.nodes.map(({ name }) => name)).toEqual(["a", "sum", "later"]);
  });

  it.each<[string, unknown, string]>([
    ["that is no object", [], 'bad_document: $ is no object. A document is { "kindling": 1'],
    ["of another version", document({ kindling: 2 }), "bad_document: $.kindling is 2, and this reads version 1"],
    ["without outputs", { ...document({}), outputs: undefined }, "bad_document: $.outputs is missing"],
    ["with an unknown member", document({ inptus: {} }), 'bad_document: $.inptus is not known here. Did you mean "inputs"?'],
    [
      "with an unknown kind",
      withNodes({ kind: "comput", name: "x" }),
      'bad_document: $.nodes[1].kind is "comput", which is no kind. Did you mean "compute"?',
    ],
    [
      "with an unknown option",
      withNodes({ ...sum, name: "x", tymeout: 1 }),
      'bad_document: $.nodes[1].tymeout is not known here. Did you mean "timeout"?',
    ],
    ["without a needed option", withNodes({ kind: "const", name: "x" }), 'bad_document: $.nodes[1] has no "value", which must be there'],
    [
      "with an option of a wrong type",
      withNodes({ ...sum, name: "x", tags: "money" }),
      'bad_document: $.nodes[1].tags is "money". It must be a list.',
    ],
    [
      "with a bad duration",
      withNodes({ ...sum, name: "x", timeout: "soon" }),
      'bad_document: $.nodes[1].timeout is "soon". It must be milliseconds',
    ],
    [
      "with an unknown node",
      withNodes({ ...sum, name: "x", needs: { a: "summ", b: "a" } }),
      'bad_document: $.nodes[1].needs.a names the node "summ", and there is none. Did you mean "sum"?',
    ],
    [
      "with an unknown output",
      document({ outputs: { x: "summ" } }),
      'bad_document: $.outputs.x names the node "summ", and there is none. Did you mean "sum"?',
    ],
    [
      "with an unknown executor",
      document({ nodes: [{ ...sum, run: { executor: "math.ad" } }] }),
      'unknown_executor: $.nodes[0].run names the executor "math.ad", and there is none. Did you mean "math.add"?',
    ],
    [
      "with an executor of another version",
      document({ nodes: [{ ...sum, run: { executor: "math.add", version: "1" } }] }),
      'unknown_executor: $.nodes[0].run names version "1" of the executor "math.add", and there is "2"',
    ],
    [
      "with code of another sort",
      document({ nodes: [{ ...sum, run: "a + b" }] }),
      'bad_document: $.nodes[0].run is "a + b". It must be an executor',
    ],
    ["with two nodes of a name", withNodes(sum), 'duplicate_node: $.nodes[1].name is "sum", which is there already'],
    ["with a node named as an input", withNodes({ ...sum, name: "a" }), 'duplicate_node: $.nodes[1].name is "a", which is there already'],
    ["with a bad name", withNodes({ ...sum, name: ".x" }), 'bad_name: $.nodes[1].name is ".x", which is no name for a node'],
    ["with a bad schema", document({ inputs: { a: { schema: { type: "strin" } } } }), 'bad_schema: $.inputs.a.schema.type is "strin"'],
    [
      "with a keyword that would be passed over",
      document({ inputs: { a: { schema: { type: "number", minimun: 1 } } } }),
      'bad_schema: $.inputs.a.schema.minimun is no keyword that is understood here. Did you mean "minimum"?',
    ],
    [
      "with a schema of keywords without a type",
      document({ inputs: { a: { schema: { minLength: 1 } } } }),
      "bad_schema: $.inputs.a.schema.minLength has no force without a type",
    ],
    [
      "with a reference to nowhere",
      document({ inputs: { a: { schema: { $ref: "#/$defs/x" } } } }),
      'bad_schema: $.inputs.a.schema.$ref is "#/$defs/x", which is not in $defs',
    ],
    [
      "with a schema of itself alone",
      document({ inputs: { a: { schema: { $ref: "#" } } } }),
      "bad_schema: $.inputs.a.schema cannot be used",
    ],
    [
      "with an unknown contract",
      withNodes({ kind: "compose", name: "x", needs: {}, child: { contract: "archiv" } }),
      'bad_child: $.nodes[1].child names the contract "archiv", and there is none. Did you mean "archive"?',
    ],
    [
      "with a contract of another version",
      withNodes({ kind: "compose", name: "x", needs: { a: "a" }, child: { contract: "archive", version: "1" } }),
      'bad_child: $.nodes[1].child names version "1" of the contract "archive", and there is "3"',
    ],
    [
      "with an output of a node that has none",
      document({ outputs: "sum.total" }),
      'bad_document: $.outputs names the node "sum.total", and there is none',
    ],
    [
      "with what the language refuses",
      withNodes({ ...sum, name: "x", retry: { attempts: 0 } }),
      "bad_option: $.nodes[1] retry.attempts is 0",
    ],
    [
      "with a missing input of an executor",
      withNodes({ ...sum, name: "x", needs: { a: "a" } }),
      'executor_input_missing: $.nodes[1] the executor "math.add" takes "b"',
    ],
    [
      "with a function",
      withNodes({ kind: "effect", name: "x", needs: { customer: "a" }, run: { executor: "mail.send" }, compensate: "undo" }),
      "bad_document: $.nodes[1].compensate is code, which no document can hold",
    ],
    [
      "with a bad prompt",
      withNodes({ kind: "llm", name: "x", needs: {}, prompt: { name: "p", text: "Hello {{a}}" } }),
      "bad_document: $.nodes[1].prompt.text is no prompt",
    ],
    [
      "with a bad matcher",
      withNodes({ kind: "guard", name: "x", needs: { a: "a" }, where: { a: { matches: { source: "(", flags: "" } } } }),
      "bad_matcher: $.nodes[1].where.a.matches is no regular expression",
    ],
    ["with an unknown correlation", document({ correlate: ["b"] }), 'unknown_correlation: $ correlate names "b", which is no input'],
    [
      "with a bad guard",
      document({ guards: { x: { where: { b: { eq: 1 } } } } }),
      'bad_option: $.guards.x where has "b", which is none of its needs',
    ],
  ])("%s is refused", (_what, json, expected) => {
    const all = told(JSON.parse(JSON.stringify(json)));
    expect(all).toHaveLength(1);
    expect(all[0]).toContain(expected);
  });

  it("tells the nodes of a cycle", () => {
    const nodes = ["x", "y", "z"].map((name, index, names) => ({ ...sum, name, needs: { a: names[(index + 1) % 3], b: "a" } }));
    expect(told(document({ nodes: [sum, ...nodes] }))).toEqual([
      'cycle: $.nodes[1] is in a cycle: "x" needs "y" needs "z" needs "x". A node runs when what it needs is there: leave one of them out, or use repeat.',
    ]);
    expect(told(withNodes({ ...sum, name: "self", needs: { a: "self", b: "a" } }))[0]).toContain('"self" needs "self"');
  });

  it("tells what is wrong inside children at its place", () => {
    const child = {
      nodes: [
        { ...sum, name: "inner", needs: { a: "n", b: "outer" } },
        { ...sum, name: "late", needs: { a: "n", b: "n" }, timeout: 0 },
      ],
      outputs: "inner",
    };
    const repeat = { kind: "repeat", name: "again", from: "a", as: "n", child, until: { is: { min: 5 } }, max: 3 };
    const branch = {
      kind: "branch",
      name: "chosen",
      needs: { n: "a" },
      on: "n",
      cases: { "1": child },
      default: { when: { eq: 1 }, run: child },
    };
    expect(findingsOf(withNodes(repeat, branch)).map(({ code, message }) => `${code}: ${message.split(" ")[0]}`)).toEqual([
      "bad_document: $.nodes[1].child.nodes[0].needs.b",
      "bad_document: $.nodes[2].cases.1.nodes[0].needs.b",
      "bad_document: $.nodes[2].default",
      "bad_option: $.nodes[1].child.nodes[1]",
    ]);
  });

  it("tells many things at once, those of the language among them", () => {
    const codes = findingsOf(
      withNodes(
        { ...sum, name: "x", run: { executor: "none" } },
        { ...sum, name: "y", retry: { attempts: 0 }, needs: { a: "x", b: "nowhere" } },
        { ...sum, name: "z", timeout: 0 },
      ),
    ).map(({ code, node }) => `${node}: ${code}`);
    expect(codes).toEqual(["x: unknown_executor", "y: bad_document", "z: bad_option"]);
  });

  it("with __proto__ as a key is refused wherever it stands", () => {
    const text = JSON.stringify(document({})).replace('"needs":{', '"needs":{"__proto__":"a",');
    expect(told(JSON.parse(text))[0]).toContain('bad_document: $.nodes[0].needs has a key "__proto__"');
    expect(findingsOf(JSON.parse('{"__proto__":1}'))).toHaveLength(1);
  });

  it("that is nested too deep or too large is refused", () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 5_000; depth++) value = [value];
    expect(told(withNodes({ kind: "const", name: "x", value }))[0]).toContain("is nested deeper than 64 levels");
    expect(told(withNodes({ kind: "const", name: "x", value: Array.from({ length: 1_000_000 }, () => 1) }))[0]).toContain(
      "holds more than 1000000 values",
    );
    expect(told(withNodes({ kind: "const", name: "x", value: "x".repeat(20_000_001) }))[0]).toContain(
      "holds more than 20000000 characters",
    );
  });

  it("of 10,000 nodes in reverse order is read and written", () => {
    const length = 10_000;
    const nodes = Array.from({ length }, (_, index) => ({
      ...sum,
      name: `n${index}`,
      needs: { a: index === 0 ? "a" : `n${index - 1}`, b: "a" },
    }));
    const read = fromDocument(document({ nodes: nodes.reverse(), outputs: `n${length - 1}` }), SOURCES);
    expect(read.graph.nodes).toHaveLength(length + 1);
    expect(toDocument(read)["nodes"]).toHaveLength(length);
  });

  it("of 10,000 mistakes is refused with the first of them", () => {
    const nodes = Array.from({ length: 10_000 }, (_, index) => ({
      ...sum,
      name: `n${index}`,
      needs: { a: `m${index}`, b: `n${(index + 1) % 10_000}` },
    }));
    const findings = findingsOf(document({ nodes, outputs: "n1" }));
    expect(findings.length).toBe(201);
    expect(findings.at(-1)?.message).toContain("more findings");
  });
});

describe("for any JSON", () => {
  const documents = Object.values(CONTRACTS).map((each) => JSON.stringify(toDocument(each)));

  it("nothing but a DefinitionError with findings is thrown", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(findingsOf(json).length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it("that was made of a sound document by changing one thing, it is read or refused", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...documents),
        fc.nat(),
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom("set", "delete", "add"),
        (text, place, value, how) => {
          for (const { message, hint } of findingsOf(changed(text, place, value, how))) expect(`${message}${hint}`).toMatch(/^\$\S* ./);
        },
      ),
      { numRuns: 1_500 },
    );
  });
});
