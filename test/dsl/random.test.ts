// Whatever an author writes: a contract, or one DefinitionError with its findings. Nothing else is ever thrown.

import { fc } from "../fast-check.ts";
import { expect, it } from "vitest";
import { z } from "zod";
import { compile } from "../../src/compile/compile.ts";
import { contract } from "../../src/dsl/contract.ts";
import { DefinitionError } from "../../src/graph/finding.ts";
import type { Needs, Node } from "../../src/graph/node.ts";
import type { GraphBuilder } from "../../src/nodes/index.ts";
import { parsePrompt } from "../../src/model/prompt.ts";

const prompt = parsePrompt("---\ninputs: { a: string, b: string? }\n---\n{{a}}{{b}}", { name: "random", file: "random.prompt.md" });
const child = contract("child", { inputs: { a: z.string(), b: z.string().default("") }, define: (_g, handles) => handles });

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("one", "two", "three", "four", "five", "six", "a", "b") },
  fc.string({ maxLength: 6 }),
  fc.constantFrom("__proto__", "constructor", "toString", "over"),
);
const literal = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(Object.create(null), undefined, Number.NaN, new Date(0), Symbol("s"), () => 1, 7n),
);
const duration = fc.oneof(fc.constantFrom("3d", "1s", "x", "0s", undefined), fc.double());

/** One statement of a definition: which kind, under which name, with which needs (by their numbers), and odd options. */
const statement = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant("const" as const) },
    fc.constantFrom("compute", "llm", "await", "branch", "collection", "compose", "misuse", "throw"),
  ),
  name,
  needs: fc.dictionary(name, fc.nat(12), { maxKeys: 3 }),
  literal,
  duration,
  count: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.double()),
  text: fc.constantFrom("", "scripted:a", "claude", "human", "failFast"),
  flag: fc.boolean(),
});
type Statement = typeof statement extends fc.Arbitrary<infer S> ? S : never;

const program = fc.array(statement, { maxLength: 8 });

/** Declares what the statements say; what is no handle is used like one now and then. `outer` are the handles of the graph around it. */
function run(g: GraphBuilder, statements: readonly Statement[], handles: readonly unknown[], depth: number): readonly unknown[] {
  const known: unknown[] = [...handles];
  for (const each of statements) {
    // Random options are no author's types; the point is that the language stands them.
    const needs = Object.fromEntries(
      Object.entries(each.needs).map(([local, index]) => [local, known[index % (known.length + 1)]]),
    ) as Needs;
    const inner = (g: GraphBuilder, given: Needs) =>
      run(g, depth > 1 ? [] : statements.slice(0, 3), each.flag ? Object.values(given) : known, depth + 1).at(-1) as Node<unknown>;
    const call = { timeout: each.duration as "1s", retry: { attempts: each.count }, description: each.text, tags: [each.text] };
    switch (each.kind) {
      case "const":
        known.push(g.const(each.name, each.flag ? each.literal : [known[0]]));
        break;
      case "compute":
        known.push(g.compute(each.name, { needs, run: () => 1, ...call }));
        break;
      case "llm":
        known.push(
          g.llm(each.name, { needs, prompt: each.flag ? prompt : () => "", model: each.text, maxOutputTokens: each.count, ...call }),
        );
        break;
      case "await":
        known.push(
          g.await(each.name, {
            event: each.text,
            schema: z.string(),
            show: needs,
            timeout: each.duration as "1s",
            onTimeout: { value: each.literal as string },
            ...(each.flag ? { by: "human" } : { roles: [each.text] }),
          }),
        );
        break;
      case "branch":
        known.push(
          g.branch(each.name, {
            needs,
            on: () => each.name,
            cases: { [each.name]: inner, other: each.flag ? inner : (child as never) },
            default: inner,
          }),
        );
        break;
      case "collection":
        known.push(
          g.collection(each.name, {
            over: known[0] as Node<readonly string[]>,
            as: each.name,
            key: String,
            with: needs,
            each: (each.flag ? child : inner) as typeof inner,
            concurrency: each.count,
            mode: each.text as "failFast",
          }),
        );
        break;
      case "compose":
        known.push(g.compose(each.name, { needs, child: (each.flag ? child : inner) as typeof inner }));
        break;
      case "misuse":
        if (each.flag) known.push(`${String(known[0])}`);
        break;
      case "throw":
        if (each.flag && each.count > 2) throw each.literal;
        break;
    }
  }
  return known.slice(handles.length);
}

it("random definitions give a contract or a DefinitionError with a place and a cure for every finding", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      program,
      fc.dictionary(name, fc.constantFrom(z.string(), z.string().default("x"), "no schema", null), { maxKeys: 3 }),
      fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(name, { maxLength: 2 })),
      fc.oneof({ weight: 3, arbitrary: fc.constant("random") }, name),
      (statements, inputs, correlate, title) => {
        try {
          const made = contract(title, {
            inputs: inputs as Record<string, z.ZodString>,
            correlate,
            define(g, handles) {
              const given = run(g, statements, Object.values(handles), 0);
              return (statements.length % 2 === 0 ? given.at(-1) : Object.assign({}, given)) as Node<unknown>;
            },
          });
          seen.add("made");
          expect(Object.isFrozen(made.graph)).toBe(true);
          for (const { severity } of compile(made).findings) expect(severity).toBe("warning");
        } catch (error) {
          if (!(error instanceof DefinitionError)) throw error;
          expect(error.findings.length).toBeGreaterThan(0);
          for (const { code, severity, message, hint } of error.findings) {
            seen.add(code);
            expect({ code, severity, message: message.length > 0, hint: hint !== undefined }).toEqual({
              code,
              severity: "error",
              message: true,
              hint: true,
            });
          }
          JSON.stringify(error);
        }
      },
    ),
    // A fixed seed, so that what must be reached below always is; change it to look further.
    { numRuns: 600, seed: 20_261_121 },
  );
  // It reaches what it is meant to reach.
  expect([...seen]).toEqual(
    expect.arrayContaining([
      "made",
      "bad_name",
      "duplicate_node",
      "foreign_handle",
      "bad_option",
      "handle_as_value",
      "define_threw",
      "child_input_missing",
      "child_input_unknown",
      "no_outputs",
      "unknown_correlation",
      "bad_schema",
    ]),
  );
});
