// Whether the values of one JSON Schema fit another: what is told, in which words, and that nothing is told that is not sure.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { misfits } from "../../src/compile/fits.ts";
import type { JsonObject, JsonValue } from "../../src/json.ts";
import { jsonSchemaOf, type Schema } from "../../src/schema.ts";
import { accepts, schemaOf, valueOf, type Simple } from "./simple-schema.ts";

/** Misfits of two schemas as `place: gives / takes`. */
const told = (source: JsonObject, target: JsonObject) =>
  misfits(source, target).map(({ at, gives, takes }) => `${at}: ${gives} / ${takes}`);
const json = (schema: Schema) => jsonSchemaOf(schema) ?? {};
const between = (source: Schema, target: Schema) => told(json(source), json(target));

describe("sure misfits", () => {
  it("of types, each in words", () => {
    expect(between(z.string(), z.number())).toEqual([": text / number"]);
    expect(between(z.array(z.string()), z.object({ a: z.string() }))).toEqual([": list of text / { a }"]);
    expect(between(z.boolean(), z.null())).toEqual([": true or false / null"]);
  });

  it("of null and of nothing", () => {
    expect(between(z.string().nullable(), z.string())).toEqual([": null / text"]);
    expect(between(z.object({ a: z.string().optional() }), z.object({ a: z.string() }))).toEqual(["a: text or nothing / text"]);
    expect(between(z.strictObject({ b: z.string() }), z.looseObject({ a: z.string() }))).toEqual(["a: nothing / text"]);
    expect(between(z.object({ b: z.string() }), z.object({ a: z.string() }))).toEqual(["a: perhaps nothing / text"]);
  });

  it("of properties the target does not take", () => {
    expect(between(z.object({ a: z.string(), b: z.number().optional() }), z.strictObject({ a: z.string() }))).toEqual([
      "b: number / no such property",
    ]);
    expect(between(z.record(z.string(), z.number()), z.strictObject({}))).toEqual(["*: number / no such property"]);
  });

  it("of nested places, with the way to them", () => {
    const order = z.object({ lines: z.array(z.object({ total: z.string() })) });
    const wanted = z.object({ lines: z.array(z.object({ total: z.number() })) });
    expect(between(z.object({ order }), z.object({ order: wanted }))).toEqual(["order.lines[].total: text / number"]);
    expect(between(z.tuple([z.string(), z.string()]), z.tuple([z.string(), z.number()]))).toEqual(["[1]: text / number"]);
    expect(between(z.record(z.string(), z.string()), z.record(z.string(), z.number()))).toEqual(["*: text / number"]);
  });

  it("of listed values", () => {
    expect(between(z.enum(["a", "b", "c"]), z.enum(["a", "b"]))).toEqual([': "c" / "a" or "b"']);
    expect(between(z.string(), z.enum(["a", "b"]))).toEqual([': text / "a" or "b"']);
    expect(between(z.literal(3), z.literal(4))).toEqual([": 3 / 4"]);
    expect(told({ type: "integer", minimum: 0, maximum: 3 }, { enum: [0, 1, 2] })).toEqual([": whole number from 0 up to 3 / 0 or 1 or 2"]);
  });

  it("of numbers where whole ones are wanted", () => {
    expect(between(z.number(), z.int())).toEqual([": number / whole number"]);
    expect(told({ const: 1.5 }, { type: "integer" })).toEqual([": 1.5 / whole number"]);
  });

  it("of bounds without a common value", () => {
    expect(between(z.number().min(10), z.number().max(5))).toEqual([": number from 10 / number up to 5"]);
    expect(between(z.number().gt(5), z.number().max(5))).toEqual([": number above 5 / number up to 5"]);
    expect(between(z.string().min(4), z.string().max(3))).toEqual([": text of at least 4 characters / text of at most 3 characters"]);
    expect(between(z.array(z.string()).min(2), z.array(z.string()).max(1))).toEqual([
      ": list of at least 2 items of text / list of at most 1 item of text",
    ]);
  });

  it("of alternatives: each must fit one", () => {
    expect(between(z.union([z.string(), z.boolean()]), z.union([z.string(), z.number()]))).toEqual([": true or false / text or number"]);
    const event = z.discriminatedUnion("t", [z.object({ t: z.literal("a"), n: z.string() }), z.object({ t: z.literal("b") })]);
    const wanted = z.discriminatedUnion("t", [z.object({ t: z.literal("a"), n: z.number() }), z.object({ t: z.literal("b") })]);
    expect(between(event, wanted)).toEqual(["n: text / number"]);
  });

  it("of literals, whatever is in them", () => {
    expect(told({ const: { list: [1, "two"], extra: true } }, json(z.strictObject({ list: z.array(z.number()) })))).toEqual([
      'list[1]: "two" / number',
      "extra: true / no such property",
    ]);
  });
});

describe("nothing is told", () => {
  it.each<readonly [string, JsonObject, JsonObject]>([
    ["of equal schemas", json(z.object({ a: z.array(z.int()) })), json(z.object({ a: z.array(z.int()) }))],
    ["of whole numbers for numbers", { type: "integer" }, { type: "number" }],
    ["of what may be anything", {}, { type: "string" }],
    ["to what takes anything", { type: "string" }, {}],
    ["of bounds that are only narrower", { type: "number" }, { type: "number", minimum: 5 }],
    ["of formats and patterns", { type: "string", pattern: "^a|b$" }, { enum: ["a", "b"] }],
    ["of multiples that are whole", { type: "number", multipleOf: 2 }, { type: "integer" }],
    ["of true and false, listed one by one", { type: "boolean" }, { anyOf: [{ const: true }, { const: false }] }],
    ["of a few whole numbers that are all listed", { type: "integer", minimum: 0, maximum: 2 }, { enum: [0, 1, 2, 3] }],
    [
      "of a value that one of several alternatives may take",
      { type: "object", properties: { t: { enum: ["a", "b"] } }, required: ["t"] },
      {
        anyOf: [
          { type: "object", properties: { t: { const: "a" } } },
          { type: "object", properties: { t: { const: "b" } } },
        ],
      },
    ],
    [
      "of a property that one alternative takes when it is there, and another when it is not",
      { type: "object", properties: { a: { type: "string" } } },
      {
        anyOf: [
          { type: "object", properties: { a: { type: "number" } } },
          { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
        ],
      },
    ],
    ["of an open object for a closed one", { type: "object" }, { type: "object", additionalProperties: false }],
    [
      "where a pattern declares properties",
      { type: "object", properties: { ab: {} } },
      { type: "object", patternProperties: { a: {} }, additionalProperties: false },
    ],
    ["of exactly one of two that overlap", { oneOf: [{ type: "number" }, { type: "number", minimum: 5 }] }, { type: "integer" }],
    [
      "of a list that must be empty",
      { type: "array", items: { type: "string" }, maxItems: 0 },
      { type: "array", items: { type: "number" } },
    ],
    ["of nothing at all", { not: {} }, { type: "string" }],
    ["behind references that lead nowhere", { $ref: "#/$defs/none" }, { type: "string" }],
    ["behind references that go in circles", { $ref: "#" }, { type: "string" }],
  ])("%s", (_name, source, target) => {
    expect(told(source, target)).toEqual([]);
  });

  it("of recursive schemas that are alike, and what differs in them is told once", () => {
    const tree = (name: JsonValue): JsonObject => ({
      type: "object",
      properties: { name: { type: name }, kids: { type: "array", items: { $ref: "#" } } },
      required: ["name", "kids"],
    });
    expect(told(tree("string"), tree("string"))).toEqual([]);
    expect(told(tree("string"), tree("number"))).toEqual(["name: text / number"]);
  });
});

it("a schema that refers to itself in many places is compared to the end", () => {
  const wide: JsonObject = {
    type: "object",
    properties: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`p${index}`, { $ref: "#" }])),
  };
  expect(misfits(wide, wide)).toEqual([]);
});

const simple = fc.letrec<{ any: Simple }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom<Simple>({ type: "null" }, { type: "boolean" }, { type: "text" }, { type: "text", most: 0 }, { type: "text", least: 2 }),
    fc.record({
      type: fc.constant("number" as const),
      whole: fc.boolean(),
      min: fc.integer({ min: -2, max: 2 }),
      length: fc.integer({ min: 0, max: 3 }),
    }),
    fc.record({
      type: fc.constant("listed" as const),
      values: fc.uniqueArray(fc.constantFrom<JsonValue>(true, false, null, "", "a", "b", 0, 1, 1.5), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      type: fc.constant("list" as const),
      items: tie("any"),
      least: fc.integer({ min: 0, max: 2 }),
      more: fc.integer({ min: 0, max: 2 }),
    }),
    fc.record({
      type: fc.constant("object" as const),
      closed: fc.boolean(),
      properties: fc.dictionary(fc.constantFrom("a", "b", "c"), fc.record({ schema: tie("any"), required: fc.boolean() }), { maxKeys: 3 }),
    }),
    fc.record({ type: fc.constant("either" as const), alternatives: fc.array(tie("any"), { minLength: 1, maxLength: 3 }) }),
  ),
})).any;

describe("for all small schemas", () => {
  it("whenever a misfit is told, some value of the source is refused by the target", () => {
    let misfitting = 0;
    fc.assert(
      fc.property(simple, simple, fc.integer(), (source, target, seed) => {
        if (misfits(schemaOf(source), schemaOf(target)).length === 0) return;
        misfitting++;
        const values = Array.from({ length: 400 }, (_, index) => valueOf(source, seed + index));
        for (const value of values.slice(0, 5)) expect(accepts(source, value)).toBe(true);
        expect(values.some((value) => !accepts(target, value))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(misfitting).toBeGreaterThan(500);
  });

  it("a schema fits itself, and whatever takes anything", () => {
    fc.assert(
      fc.property(simple, (schema) => {
        expect(misfits(schemaOf(schema), schemaOf(schema))).toEqual([]);
        expect(misfits(schemaOf(schema), { anyOf: [{}, schemaOf(schema)] })).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
