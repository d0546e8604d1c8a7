import { describe, expect, it } from "vitest";
import { z } from "zod";
import { narrowSchema, type SchemaDialect, withoutAddedNulls } from "../../providers/schema-dialect.ts";
import { jsonSchemaOf } from "../../src/schema.ts";

const LOOSE: SchemaDialect = { keywords: new Set(), formats: new Set(["email"]), minItemsLimit: 1, allRequired: false };
const STRICT: SchemaDialect = { ...LOOSE, keywords: new Set(["pattern", "minimum", "maximum"]), allRequired: true };
const schemaOf = (schema: z.ZodType) => jsonSchemaOf(schema) ?? {};

describe("narrowing a schema", () => {
  it("unions, literals, references and formats of zod are kept", () => {
    const Node: z.ZodType = z.object({
      name: z.string(),
      get children() {
        return z.array(Node);
      },
    });
    const Whole = z.object({
      kind: z.enum(["a", "b"]),
      mail: z.email(),
      tree: Node,
      one: z.discriminatedUnion("t", [z.object({ t: z.literal("x") }), z.object({ t: z.literal("y"), n: z.number() })]),
    });
    const narrowed = narrowSchema(schemaOf(Whole), LOOSE);
    expect(narrowed.fits).toBe(true);
    const text = JSON.stringify(narrowed);
    expect(text).not.toContain("oneOf");
    expect(text).toContain('"format":"email"');
    expect(text).toContain('"$ref"');
  });

  it.each([
    ["a list", z.array(z.string()), "its root is not an object"],
    ["a record", z.object({ r: z.record(z.string(), z.number()) }), "$.r is a record with free keys"],
    ["a tuple", z.object({ t: z.tuple([z.string()]) }), '$.t uses "prefixItems"'],
    ["an unknown", z.object({ u: z.unknown() }), "$.u allows any value"],
  ])("%s does not fit, and the reason says where", (_name, schema, reason) => {
    expect(narrowSchema(schemaOf(schema), STRICT)).toEqual({ fits: false, reason });
  });

  it("a negation does not fit", () => {
    expect(narrowSchema({ type: "object", properties: { a: { not: { type: "string" } } } }, LOOSE)).toEqual({
      fits: false,
      reason: '$.a uses "not"',
    });
  });

  it("a bound that is kept by one dialect is told by another", () => {
    const schema = schemaOf(z.object({ n: z.number().min(3), list: z.array(z.string()).min(2) }));
    expect(JSON.stringify(narrowSchema(schema, STRICT))).toContain('"minimum":3');
    expect(JSON.stringify(narrowSchema(schema, LOOSE))).toContain('"description":"{minimum: 3}"');
    expect(JSON.stringify(narrowSchema(schema, LOOSE))).toContain('"description":"{minItems: 2}"');
  });

  it("a pattern is kept unless it looks around", () => {
    const schema = schemaOf(z.object({ a: z.string().regex(/^a+$/), b: z.string().regex(/^(?!x)/) }));
    expect(narrowSchema(schema, STRICT)).toMatchObject({
      schema: { properties: { a: { pattern: "^a+$" }, b: { description: '{pattern: "^(?!x)"}' } } },
    });
  });

  it("properties beyond the named ones are left out", () => {
    expect(narrowSchema(schemaOf(z.looseObject({ a: z.string() })), LOOSE)).toMatchObject({
      fits: true,
      schema: { additionalProperties: false },
    });
  });
});

describe("taking added nulls out", () => {
  const prune = (schema: z.ZodType, value: Parameters<typeof withoutAddedNulls>[0]) => withoutAddedNulls(value, schemaOf(schema));

  it("optional properties lose them, nullable ones keep them", () => {
    const schema = z.object({ a: z.string().optional(), b: z.string().nullable(), c: z.string().nullish(), d: z.string().default("x") });
    expect(prune(schema, { a: null, b: null, c: null, d: null })).toEqual({ b: null, c: null });
  });

  it("variants of a union are told apart by their literals, also when an optional literal is null", () => {
    const schema = z.object({
      u: z.discriminatedUnion("t", [
        z.object({ t: z.literal("x"), n: z.number().nullable() }),
        z.object({ t: z.literal("y"), n: z.number().optional(), mode: z.enum(["p", "q"]).optional() }),
      ]),
    });
    expect(prune(schema, { u: { t: "x", n: null } })).toEqual({ u: { t: "x", n: null } });
    expect(prune(schema, { u: { t: "y", n: null, mode: null } })).toEqual({ u: { t: "y" } });
  });

  it("unions inside unions are walked", () => {
    const schema = z.object({
      u: z.discriminatedUnion("t", [z.object({ t: z.literal("x"), n: z.number().optional() }), z.object({ t: z.literal("y") })]).nullable(),
    });
    expect(prune(schema, { u: { t: "x", n: null } })).toEqual({ u: { t: "x" } });
    expect(prune(schema, { u: null })).toEqual({ u: null });
  });

  it("lists and optional objects are walked", () => {
    const schema = z.object({
      list: z.array(z.object({ a: z.string().optional() })),
      deep: z.object({ b: z.number().optional() }).nullable(),
    });
    expect(prune(schema, { list: [{ a: null }, { a: "x" }], deep: { b: null } })).toEqual({ list: [{}, { a: "x" }], deep: {} });
    expect(prune(schema, { list: [], deep: null })).toEqual({ list: [], deep: null });
  });

  it("what comes out is what the schema accepts", () => {
    const schema = z.object({ a: z.string().optional(), u: z.union([z.string(), z.object({ k: z.number().optional() })]) });
    expect(schema.parse(prune(schema, { a: null, u: { k: null } }))).toEqual({ u: {} });
    expect(schema.parse(prune(schema, { a: null, u: "text" }))).toEqual({ u: "text" });
  });
});
