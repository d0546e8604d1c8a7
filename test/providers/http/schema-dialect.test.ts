import { describe, expect, it } from "vitest";
import { z } from "zod";
import { narrowSchema, type SchemaDialect } from "../../../providers/http/schema-dialect.ts";
import { jsonSchemaOf } from "../../../src/schema.ts";

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
