// Awaits as forms: which schemas can be one, that every client can read it, and what becomes of what was filled in.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { formOf } from "../../mcp/form.ts";
import { flatFormOf, isJsonObject, type JsonObject } from "../../src/index.ts";
import { jsonSchemaOf } from "../../src/schema.ts";

function schemaOf(schema: z.ZodType): JsonObject {
  const json = jsonSchemaOf(schema);
  if (json === undefined) throw new Error("the schema has no JSON Schema");
  return json;
}

function form(schema: z.ZodType) {
  const made = formOf(schemaOf(schema));
  if (made === undefined) throw new Error(`no form: ${JSON.stringify(flatFormOf(schemaOf(schema)))}`);
  return made;
}

function field(schema: z.ZodType): unknown {
  return form(z.object({ it: schema })).requestedSchema.properties["it"];
}

describe("a field", () => {
  it.each([
    ["text", z.string().min(1).max(5).describe("What?"), { type: "string", description: "What?", minLength: 1, maxLength: 5 }],
    ["a mail address", z.email(), { type: "string", format: "email" }],
    ["an address", z.url(), { type: "string", format: "uri" }],
    ["a day", z.iso.date(), { type: "string", format: "date" }],
    ["a moment", z.iso.datetime(), { type: "string", format: "date-time" }],
    ["a text whose form no client knows", z.uuid().describe("Whose?"), { type: "string", description: "Whose? (uuid)" }],
    ["a text with a pattern", z.string().regex(/^a+$/), { type: "string", description: "matches ^a+$" }],
    ["a number", z.number().min(0).max(1).default(0.5), { type: "number", minimum: 0, maximum: 1, default: 0.5 }],
    ["a number within open ends", z.number().gt(0).lt(9), { type: "number", description: "more than 0, less than 9" }],
    ["a whole number", z.int().multipleOf(5), { type: "integer", description: "a multiple of 5" }],
    ["yes or no", z.boolean().default(true), { type: "boolean", default: true }],
    ["a choice", z.enum(["a", "b"]).default("b"), { type: "string", enum: ["a", "b"], default: "b" }],
    ["the only choice", z.literal("a"), { type: "string", enum: ["a"] }],
    [
      "a choice with titles",
      z.union([z.literal("a").meta({ title: "First" }), z.literal("b")]),
      {
        type: "string",
        oneOf: [
          { const: "a", title: "First" },
          { const: "b", title: "b" },
        ],
      },
    ],
    ["a choice of numbers", z.literal([1, 2]).default(2), { type: "string", enum: ["1", "2"], default: "2" }],
    [
      "several choices",
      z
        .array(z.enum(["a", "b"]))
        .min(1)
        .max(2)
        .default(["a"]),
      { type: "array", items: { type: "string", enum: ["a", "b"] }, minItems: 1, maxItems: 2, default: ["a"] },
    ],
    [
      "a choice known by name",
      z.enum(["a", "b"]).meta({ id: "Letter", title: "Letter" }),
      { type: "string", enum: ["a", "b"], title: "Letter" },
    ],
    ["text or null", z.string().max(9).nullable().describe("Why?"), { type: "string", maxLength: 9, description: "Why?" }],
  ])("is %s", (_, schema, expected) => {
    expect(field(schema)).toEqual(expected);
  });
});

describe("a form", () => {
  it("wants what the schema wants, and neither what has a default nor what may be null", () => {
    const { requestedSchema } = form(
      z.object({ wanted: z.string(), left: z.string().optional(), preset: z.string().default("x"), empty: z.string().nullable() }),
    );
    expect(requestedSchema).toMatchObject({ type: "object", required: ["wanted"] });
  });

  it("without a field asks for consent alone", () => {
    expect(form(z.object({})).payloadOf({})).toEqual({});
  });

  it.each([
    ["an object inside", z.object({ a: z.object({ b: z.string() }) }), "a", "holds fields of its own"],
    ["a list of anything", z.object({ a: z.array(z.string()) }), "a", "is a list of anything but a few given words"],
    ["anything", z.object({ a: z.unknown() }), "a", "takes anything"],
    ["text or a number", z.object({ a: z.union([z.string(), z.number()]) }), "a", "takes values of several kinds"],
    [
      "objects of several kinds",
      z.discriminatedUnion("k", [z.object({ k: z.literal("a") }), z.object({ k: z.literal("b"), n: z.int() })]),
      "",
      "kinds",
    ],
    ["fields of any name", z.record(z.string(), z.string()), "", "has fields of any name"],
    ["a secret", z.object({ a: z.string().meta({ format: "password" }) }), "a", "is a secret"],
    ["too many fields", z.object(Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`f${at}`, z.string()]))), "", "at most 32"],
    ["too many choices", z.object({ a: z.enum(Array.from({ length: 101 }, (_, at) => `c${at}`)) }), "a", "100 are the limit"],
    ["choices that read the same", z.object({ a: z.literal([1, "1"]) }), "a", 'lists "1" twice'],
  ])("cannot hold %s, and says where and why", (_, schema, at, reason) => {
    expect(formOf(schemaOf(schema))).toBeUndefined();
    expect(flatFormOf(schemaOf(schema))).toMatchObject({ ok: false, at, reason: expect.stringContaining(reason) as string });
  });

  it("cannot be made of a schema that refers to itself, of several at once, or of none", () => {
    const tree: JsonObject = { $ref: "#/$defs/Tree", $defs: { Tree: { anyOf: [{ $ref: "#/$defs/Tree" }, { type: "string" }] } } };
    const loop: JsonObject = { $ref: "#/$defs/Loop", $defs: { Loop: { $ref: "#/$defs/Loop" } } };
    const both: JsonObject = { allOf: [{ type: "string" }, { minLength: 1 }] };
    for (const schema of [tree, loop, both, undefined]) expect(formOf(schema)).toBeUndefined();
  });
});

describe("what was filled in", () => {
  it("becomes the payload: choices are values again, what was left out is null where the schema wants something", () => {
    const schema = z.object({
      size: z.literal([1, 2]),
      sure: z.literal(true),
      tags: z.array(z.enum(["a", "b"])),
      note: z.string().nullable(),
      more: z.string().nullish(),
    });
    const payload = form(schema).payloadOf({ size: "2", sure: "true", tags: ["b"] });
    expect(payload).toEqual({ size: 2, sure: true, tags: ["b"], note: null });
    expect(schema.parse(payload)).toEqual(payload);
  });

  it("is the payload itself where that is no object", () => {
    const made = form(z.enum(["yes", "no"]));
    expect(made.requestedSchema).toMatchObject({ properties: { answer: { enum: ["yes", "no"] } }, required: ["answer"] });
    expect(made.payloadOf({ answer: "no" })).toBe("no");
    expect(form(z.string().nullable()).payloadOf({})).toBeNull();
  });

  it("brings in nothing the form did not ask for", () => {
    const { payloadOf } = form(z.object({ note: z.string() }));
    const hostile = JSON.parse('{"__proto__":{"note":"x"},"constructor":"x","other":1,"note":{"deep":true}}') as Record<string, unknown>;
    expect(payloadOf(hostile)).toEqual({});
    expect(payloadOf({ note: Number.NaN })).toEqual({});
    expect(payloadOf(undefined)).toEqual({});
  });

  it("keeps a field called __proto__ a field", () => {
    const schema: JsonObject = { type: "object", properties: JSON.parse('{"__proto__":{"type":"string"}}') as JsonObject };
    const payload = formOf(schema)?.payloadOf(JSON.parse('{"__proto__":"x"}') as Record<string, unknown>);
    expect(isJsonObject(payload) && Object.hasOwn(payload, "__proto__")).toBe(true);
  });
});
