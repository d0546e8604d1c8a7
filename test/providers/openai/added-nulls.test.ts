import { describe, expect, it } from "vitest";
import { z } from "zod";
import { withoutAddedNulls } from "../../../providers/openai/added-nulls.ts";
import { jsonSchemaOf } from "../../../src/schema.ts";

const schemaOf = (schema: z.ZodType) => jsonSchemaOf(schema) ?? {};

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
