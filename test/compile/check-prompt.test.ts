// What the needs of a node give against the variables of its prompt, by type and by path.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Schema } from "../../src/schema.ts";
import { compile, contract } from "../../src/index.ts";
import { parsePrompt } from "../../src/model/prompt.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";

const prompt = (inputs: string, body: string) =>
  parsePrompt(`---\ninputs: { ${inputs} }\n---\n${body}`, { name: "triage", file: "triage.prompt.md" });

/** A contract whose only node fills `x` of a prompt with an input of this schema. */
const asking = (schema: Schema, type: string, body: string) => () =>
  contract("asks", {
    inputs: { given: schema },
    define: (g, { given }) => g.llm("ask", { needs: { x: given }, prompt: prompt(`x: ${type}`, body) }),
  });

/** A schema that says of one part in two places what it is. */
const together = {
  allOf: [
    { type: "object", properties: { a: { type: "string" } } },
    { type: "object", required: ["a"] },
  ],
};
const putTogether: Schema = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => (value === undefined ? { issues: [{ message: "missing" }] } : { value }),
    jsonSchema: { input: () => together, output: () => together },
  },
};

const Ticket = z.object({
  title: z.string(),
  note: z.string().optional(),
  from: z.object({ name: z.string(), mail: z.string().nullable() }),
  tags: z.array(z.string()),
  pair: z.tuple([z.string(), z.number()]),
  extra: z.record(z.string(), z.number()),
});

describe("a variable", () => {
  it.each<[string, Schema, string, string]>([
    ["text for a string", z.string(), "string", "{{x}}"],
    ["a choice for a string", z.enum(["a", "b"]), "string", "{{x}}"],
    ["a whole number for a number", z.int(), "number", "{{x}}"],
    ["anything for json", z.any(), "json", "{{x.y.z}}"],
    ["what nobody knows of", z.unknown(), "string", "{{x}}"],
    ["a part that is there", Ticket, "json", "{{x.title}} {{x.from.name}} {{x.pair.1}} {{x}}"],
    ["a part that may be missing, where it is optional", Ticket, "json?", "{{x.note}} {{x.tags.0}} {{x.extra.size}} {{x.from.mail}}"],
    ["a part of one of several objects, where it is optional", z.union([Ticket, z.object({ other: z.string() })]), "json?", "{{x.other}}"],
    ["a part of an object that is put together", z.object({ a: z.string() }).and(z.object({ b: z.string() })), "json", "{{x.b}}"],
    ["a part that one of the schemas an object is put together from requires", putTogether, "json", "{{x.a}}"],
    ["an input with a default", z.string().default("plain"), "string", "{{x}}"],
    ["an input that may be left out, where it is optional", z.string().optional(), "string?", "{{x}}"],
  ])("takes %s", (_name, schema, type, body) => {
    expect(compile(asking(schema, type, body)()).findings).toEqual([]);
  });

  it.each<[string, Schema, string, string, string]>([
    [
      "an object for a string",
      Ticket,
      "string",
      "{{x}}",
      'prompt_variable_type ask: prompt "triage" takes {{x}} as a string, and "given" gives { title, note?, from, tags, pair, extra }',
    ],
    [
      "a number for a string",
      z.number(),
      "string",
      "{{x}}",
      'prompt_variable_type ask: prompt "triage" takes {{x}} as a string, and "given" gives number',
    ],
    [
      "text among what fills a number",
      z.union([z.int(), z.string()]),
      "number",
      "{{x}}",
      'prompt_variable_type ask: prompt "triage" takes {{x}} as a number, and "given" gives whole number or text',
    ],
    [
      "a part nobody gives",
      Ticket,
      "json",
      "{{x.titel}}",
      'prompt_path_unknown ask: prompt "triage" reads {{x.titel}}, and x has no "titel": "given" gives { title, note?, from, tags, pair, extra } there',
    ],
    [
      "a part of text",
      Ticket,
      "json?",
      "{{x.title.first}}",
      'prompt_path_unknown ask: prompt "triage" reads {{x.title.first}}, and x.title has no "first": "given" gives text there',
    ],
    [
      "a third of two",
      Ticket,
      "json",
      "{{x.pair.2}}",
      'prompt_path_unknown ask: prompt "triage" reads {{x.pair.2}}, and x.pair has no "2": "given" gives list of 2 items there',
    ],
    [
      "an optional part",
      Ticket,
      "json",
      "{{x.note}}",
      'prompt_variable_optional ask: prompt "triage" requires {{x.note}}, and what "given" gives may be without it',
    ],
    [
      "a part that may be null",
      Ticket,
      "json",
      "{{x.from.mail}}",
      'prompt_variable_optional ask: prompt "triage" requires {{x.from.mail}}, and what "given" gives may be without it',
    ],
    [
      "the first of perhaps none",
      Ticket,
      "json",
      "{{x.tags.0}}",
      'prompt_variable_optional ask: prompt "triage" requires {{x.tags.0}}, and what "given" gives may be without it',
    ],
    [
      "what only one of several objects has",
      z.union([Ticket, z.object({ other: z.string() })]),
      "json",
      "{{x.other}}",
      'prompt_variable_optional ask: prompt "triage" requires {{x.other}}, and what "given" gives may be without it',
    ],
    [
      "an input that may be left out",
      z.string().optional(),
      "string",
      "{{x}}",
      'prompt_variable_optional ask: prompt "triage" requires {{x}}, and what "given" gives may be without it',
    ],
  ])("does not take %s", (_name, schema, type, body, expected) => {
    const found = findingsOf(asking(schema, type, body));
    expect(lines(found)).toEqual([expected]);
    expect(found[0]?.hint).toMatch(/\S/);
    expect(found[0]?.source?.file).toContain("check-prompt.test.ts");
  });

  it("that is misspelt is told with the name that was meant", () => {
    expect(findingsOf(asking(Ticket, "json", "{{x.titl}}"))[0]?.hint).toBe('Did you mean "title"?');
  });
});

it("what other nodes give is compared, also inside a child written in place", () => {
  const found = findingsOf(() =>
    contract("nested", {
      inputs: { tickets: z.array(Ticket) },
      define(g, { tickets }) {
        const sorted = g.llm("sorted", { needs: { tickets }, prompt: () => "", output: z.object({ team: z.string() }) });
        return {
          told: g.llm("told", { needs: { x: sorted }, prompt: prompt("x: json", "{{x.teams}}") }),
          each: g.collection("each", {
            over: tickets,
            as: "ticket",
            key: ({ title }) => title,
            each: (g, { ticket }) => g.llm("one", { needs: { x: ticket }, prompt: prompt("x: string", "{{x}}") }),
          }),
        };
      },
    }),
  );
  expect(lines(found)).toEqual([
    'prompt_path_unknown told: prompt "triage" reads {{x.teams}}, and x has no "teams": "sorted" gives { team } there',
    'prompt_variable_type one: prompt "triage" takes {{x}} as a string, and "ticket" gives { title, note?, from, tags, pair, extra }',
  ]);
});
