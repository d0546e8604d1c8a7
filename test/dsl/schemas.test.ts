// Any Standard Schema will do, with JSON Schema or without; only a model's output must have one.

import { expect, it } from "vitest";
import { z } from "zod";
import { compile } from "../../src/compile/compile.ts";
import { contract } from "../../src/dsl/contract.ts";
import type { Schema } from "../../src/schema.ts";
import { findingsOf, lines } from "./findings-of.ts";

/** A schema of no library at all; `later` makes it validate asynchronously. */
function textSchema(later: boolean): Schema<string> {
  const validate = (value: unknown) => (typeof value === "string" ? { value } : { issues: [{ message: "no text" }] });
  return { "~standard": { version: 1, vendor: "by-hand", validate: later ? async (value) => validate(value) : validate } };
}

it("a plain schema works for inputs and awaits, also when it validates asynchronously", () => {
  for (const later of [false, true]) {
    const schema = textSchema(later);
    const made = contract("plain", {
      inputs: { topic: schema },
      correlate: ["topic"],
      define: (g, { topic }) => g.await("review", { event: "reviewed", schema, show: { topic } }),
    });
    expect(made.graph.inputs.map(({ name, hasDefault }) => [name, hasDefault])).toEqual([["topic", false]]);
    expect(compile(made).findings).toEqual([]);
  }
});

it("a schema that rejects or throws at nothing is an input that must be given", async () => {
  const rejects: Schema<string> = { "~standard": { version: 1, vendor: "rejects", validate: () => Promise.reject(new Error("no")) } };
  const throws: Schema<string> = {
    "~standard": {
      version: 1,
      vendor: "throws",
      validate: () => {
        throw new Error("no");
      },
    },
  };
  const made = contract("faults", { inputs: { rejects, throws }, define: (_g, handles) => handles });
  expect(made.graph.inputs.map(({ hasDefault }) => hasDefault)).toEqual([false, false]);
  await new Promise((resolve) => setImmediate(resolve));
});

it("a model's output needs JSON Schema: a plain schema, and one with a transform of what comes in, are refused with the cure", () => {
  const findings = findingsOf(() =>
    contract("outputs", {
      inputs: { topic: z.string() },
      define: (g, { topic }) => ({
        plain: g.llm("plain", { needs: { topic }, prompt: () => "", output: textSchema(false) }),
        date: g.llm("date", { needs: { topic }, prompt: () => "", output: z.object({ at: z.date() }) }),
      }),
    }),
  );
  expect(lines(findings)).toEqual(["bad_option plain: output has no JSON Schema", "bad_option date: output has no JSON Schema"]);
  expect(findings[0]?.hint).toContain("zod 4.2");
});

it("a schema that is a function, as some libraries make them, is a schema", () => {
  const callable = Object.assign(() => true, textSchema(false));
  expect(contract("callable", { inputs: { topic: callable }, define: (_g, { topic }) => topic }).graph.inputs).toHaveLength(1);
});

it("descriptions and defaults are read from the schema", () => {
  const made = contract("read", {
    inputs: {
      topic: z.string().describe("What about"),
      tone: z.string().default("plain"),
      limit: z.number().optional(),
      at: z.string().nullable(),
    },
    define: (_g, handles) => handles,
  });
  expect(made.graph.inputs.map(({ name, hasDefault, description }) => [name, hasDefault, description])).toEqual([
    ["topic", false, "What about"],
    ["tone", true, undefined],
    ["limit", true, undefined],
    ["at", false, undefined],
  ]);
});
