// Code as a value: checked on both sides, known by key and version, and by what it touches.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, InputError, planOf, textGraph, type GraphBuilder, type Node } from "../../src/index.ts";
import { defineExecutor, isExecutor } from "../../src/graph/executor.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";
import { behaviourOf, failureIn, resultOf } from "./outcome.ts";

const rate = defineExecutor({
  key: "tax.rate",
  version: "3",
  description: "The rate of a country",
  input: z.object({ country: z.string(), year: z.number().default(2026) }),
  output: z.object({ rate: z.number() }),
  run: ({ country, year }) => ({ rate: country.length + (year - 2026) }),
});

const capital = defineExecutor({
  key: "geo.capital",
  input: z.object({ country: z.string() }),
  output: z.string().trim(),
  capabilities: ["net:geo.example", "fs:read"],
  run: async ({ country }, { attempt }) => ` ${country} ${attempt} `,
});

const even = defineExecutor({ key: "math.even", input: z.number(), output: z.boolean(), run: (number) => number % 2 === 0 });

describe("an executor", () => {
  const country = { country: z.string() };

  it("runs where a function would: in compute, lookup, map and guard", async () => {
    const positive = defineExecutor({
      key: "is.short",
      input: z.object(country),
      output: z.boolean(),
      run: ({ country }) => country.length < 9,
    });
    const all = contract("all", {
      inputs: country,
      define: (g, { country }) => ({
        rate: g.compute("rate", { needs: { country }, run: rate }),
        capital: g.lookup("capital", { needs: { country }, run: capital }),
        even: g.map(
          "even",
          g.map("size", country, (text) => text.length),
          even,
        ),
        short: g.guard("short", { needs: { country }, check: positive }),
      }),
    });
    expect(await resultOf(all, { country: "Peru" })).toEqual({ rate: { rate: 4 }, capital: "Peru 1", even: true, short: true });
  });

  it("fills in the defaults of its input", async () => {
    const later = contract("later", {
      inputs: { country: z.string(), year: z.number() },
      define: (g, needs) => g.compute("rate", { needs, run: rate }),
    });
    expect(await resultOf(later, { country: "Peru", year: 2030 })).toEqual({ rate: 8 });
  });

  it("fails, and is not tried again, when what it takes does not fit its schema", async () => {
    let calls = 0;
    const strict = defineExecutor({
      key: "strict",
      input: z.object({ country: z.string().max(3), more: z.object({ code: z.number() }).optional() }),
      output: z.number(),
      run: () => (calls += 1),
    });
    const bad = contract("bad", {
      inputs: { country: z.string() },
      define: (g, { country }) => g.lookup("x", { needs: { country }, run: strict }),
    });
    expect(await failureIn(bad, { country: "Peru" })).toMatchObject({
      code: "executor_input_invalid",
      retryable: false,
      message: expect.stringMatching(/^the input of executor "strict" does not fit its schema: country: /) as string,
      details: { executor: "strict", issues: [{ at: "country" }] },
    });
    expect(calls).toBe(0);
  });

  it("fails when what it gives does not fit its schema, sync or async", async () => {
    const input = z.object(country);
    const output = z.object({ list: z.array(z.number()) });
    const wrong = { list: ["x"] } as unknown as { list: number[] };
    for (const run of [() => wrong, async () => wrong]) {
      const loose = defineExecutor({ key: "loose", input, output, run });
      const bad = contract("bad", { inputs: country, define: (g, { country }) => g.lookup("x", { needs: { country }, run: loose }) });
      expect(await failureIn(bad, { country: "Peru" })).toMatchObject({
        code: "executor_output_invalid",
        retryable: false,
        message: expect.stringMatching(/^the output of executor "loose" does not fit its schema: list\[0\]: /) as string,
      });
    }
  });

  it("can be called by itself, at once when nothing of it is asynchronous", () => {
    // None of what it is given as a context is looked at.
    const context = {} as Parameters<typeof rate>[1];
    expect(rate({ country: "Peru" }, context)).toEqual({ rate: 4 });
    expect(() => even("x" as unknown as number, context)).toThrow('the input of executor "math.even"');
  });

  it("is frozen, and says what it is", () => {
    expect(Object.isFrozen(rate)).toBe(true);
    expect({ ...rate }).toMatchObject({
      key: "tax.rate",
      version: "3",
      description: "The rate of a country",
      capabilities: [],
      pure: false,
    });
    expect([rate.name, String(rate)]).toEqual(["tax.rate", "executor tax.rate version 3"]);
    expect(Object.isFrozen(capital.capabilities)).toBe(true);
    expect([rate, () => 1, { ...rate }, null].map(isExecutor)).toEqual([true, false, false, false]);
  });
});

describe("a node with an executor", () => {
  const made = (run: typeof rate) =>
    contract("made", { inputs: { country: z.string() }, define: (g, { country }) => g.compute("rate", { needs: { country }, run }) });
  const options = { input: rate.input as z.ZodType<{ country: string }>, output: rate.output as z.ZodType<{ rate: number }> };
  const fingerprint = (run: typeof rate) => planOf(made(run).graph).byName.get("rate")?.fingerprint;

  it("has its key, version and schemas in the fingerprint, and not its source", () => {
    expect(behaviourOf(made(rate), "rate").detail).toEqual({
      executor: "tax.rate",
      version: "3",
      input: {
        type: "object",
        properties: { country: { type: "string" }, year: { type: "number", default: 2026 } },
        required: ["country"],
      },
      output: { type: "object", properties: { rate: { type: "number" } }, required: ["rate"] },
    });
    const rewritten = defineExecutor({ key: "tax.rate", version: "3", ...options, run: () => ({ rate: 0 }) });
    expect(fingerprint(rewritten)).toBe(fingerprint(rate));
    const newer = defineExecutor({ key: "tax.rate", version: "4", ...options, run: () => ({ rate: 0 }) });
    expect(fingerprint(newer)).not.toBe(fingerprint(rate));
  });

  it("names it: in the picture, and for whoever asks which executors and capabilities a graph uses", () => {
    const shown = contract("shown", {
      inputs: { country: z.string() },
      define: (g, { country }) => g.lookup("capital", { needs: { country }, run: capital, resource: "geo" }),
    });
    expect(textGraph(shown)).toMatch(/↔ capital +lookup +← country +geo, geo\.capital/);
    expect(behaviourOf(shown, "capital").executor).toEqual({ key: "geo.capital", capabilities: ["net:geo.example", "fs:read"] });
    expect(behaviourOf(made(rate), "rate").executor).toEqual({ key: "tax.rate", capabilities: [] });
  });

  const found = (declare: (g: GraphBuilder, country: Node<string>) => Node<unknown>) =>
    lines(findingsOf(() => contract("found", { inputs: { country: z.string() }, define: (g, { country }) => declare(g, country) })));
  const denied = (option: string, key = "geo.capital", capabilities = '"net:geo.example", "fs:read"') =>
    `capability_denied x: ${option} is the executor "${key}", which has ${capabilities}, and this kind touches nothing outside`;

  it("touches nothing outside where its kind does not", () => {
    const reads = defineExecutor({ key: "fs.has", input: z.string(), output: z.boolean(), capabilities: ["fs:read"], run: () => true });
    const readsBoth = defineExecutor({
      key: "fs.has",
      input: z.object({ country: z.string() }),
      output: z.boolean(),
      capabilities: ["fs:read"],
      run: () => true,
    });
    expect(found((g, country) => g.compute("x", { needs: { country }, run: capital }))).toEqual([denied("run")]);
    expect(found((g, country) => g.map("x", country, reads))).toEqual([denied("run", "fs.has", '"fs:read"')]);
    expect(found((g, country) => g.guard("x", { needs: { country }, check: readsBoth }))).toEqual([denied("check", "fs.has", '"fs:read"')]);
  });

  it("gives it every need it takes, and none that it does not know", () => {
    // @ts-expect-error a need is missing
    expect(found((g, country) => g.compute("x", { needs: { contry: country }, run: rate }))).toEqual([
      'executor_input_missing x: the executor "tax.rate" takes "country", and the node has no such need',
      'executor_input_unknown x: the executor "tax.rate" takes no "contry"',
    ]);
    expect(found((g, country) => g.compute("x", { needs: { country, yaer: country }, run: rate }))).toEqual([
      'executor_input_unknown x: the executor "tax.rate" takes no "yaer"',
    ]);
    const open = defineExecutor({
      key: "open",
      input: z.looseObject({ country: z.string() }),
      output: z.string(),
      run: ({ country }) => country,
    });
    expect(() =>
      contract("fits", {
        inputs: { country: z.string() },
        define: (g, { country }) => g.compute("x", { needs: { country, more: country }, run: open }),
      }),
    ).not.toThrow();
  });

  it("gives its needs as an object, so an executor of another value is refused", () => {
    // @ts-expect-error takes no object
    expect(found((g, country) => g.compute("x", { needs: { country }, run: even }))).toEqual([
      'executor_input_type x: the executor "math.even" takes a value of type number, and a node gives it its needs, an object',
    ]);
  });
});

describe("an executor is refused", () => {
  const options = { input: z.string(), output: z.string(), run: (text: string) => text };
  const refusal = (changed: object) => {
    try {
      defineExecutor({ key: "a.b", ...options, ...changed });
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      if (error instanceof InputError) {
        expect(error).toMatchObject({ code: "bad_executor", fix: expect.stringMatching(/\.$/) as string });
        return error.message;
      }
    }
    return "accepted";
  };

  it("with a key that is none", () => {
    for (const key of ["", "A", "a b", "a_b", ".a", "a.", "a..b", "1a", "a".repeat(101)])
      expect(refusal({ key })).toBe(`executor "${key}": this is no key`);
    for (const key of ["a", "a.b-c.d2", "a".repeat(100)]) expect(refusal({ key })).toBe("accepted");
  });

  it("without version, schema or code", () => {
    expect(refusal({ version: "" })).toBe('executor "a.b": its version is no text or empty');
    expect(refusal({ input: {} })).toBe('executor "a.b": its input is no schema');
    expect(refusal({ output: undefined })).toBe('executor "a.b": its output is no schema');
    expect(refusal({ run: 1 })).toBe('executor "a.b": its run is no function');
  });

  it("with a capability that is none, and when it is pure and has some", () => {
    expect(refusal({ capabilities: ["net:", "fs"] })).toBe('executor "a.b": "net:" is no capability');
    expect(refusal({ capabilities: ["Net"] })).toBe('executor "a.b": "Net" is no capability');
    expect(refusal({ capabilities: ["fs:read"], pure: true })).toBe('executor "a.b": it is pure and touches "fs:read"');
    expect(refusal({ capabilities: [], pure: true })).toBe("accepted");
    expect(refusal({ capabilities: ["fs:read", "net:api.stripe.com"], pure: false })).toBe("accepted");
  });
});
