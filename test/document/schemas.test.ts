// Schemas of documents: their JSON Schema is the one that was written, and values are checked by it, defaults filled in.

import { createRuntime, DefinitionError, memoryLedger, type JsonObject, type JsonValue } from "kindling";
import { fromDocument } from "kindling/document";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { jsonSchemaOf, outputSchemaOf } from "../../src/schema.ts";

const document = (input: JsonObject) => ({ kindling: 1, name: "one", inputs: { value: input }, nodes: [], outputs: "value" });
const schemaOf = (schema: JsonObject) => {
  const [input] = fromDocument(document({ schema })).graph.inputs;
  if (input === undefined) throw new Error("there is no input");
  return input.schema;
};
const checked = (schema: JsonObject, value: unknown) => schemaOf(schema)["~standard"].validate(value);

async function resultOf(input: JsonObject, inputs: object): Promise<unknown> {
  const kindling = await createRuntime({ contracts: [fromDocument(document(input))], ledger: memoryLedger() });
  onTestFinished(() => kindling.close());
  return (await kindling.start("one", inputs)).result();
}

describe("a schema of a document", () => {
  it("has the JSON Schema that was written, annotations and all", () => {
    const schema: JsonObject = {
      type: "object",
      properties: { a: { type: "string", default: "x" } },
      title: "T",
      "x-note": { type: "none" },
      required: [],
    };
    expect(jsonSchemaOf(schemaOf(schema))).toEqual(schema);
    expect(outputSchemaOf(schemaOf(schema))).toMatchObject({ required: ["a"] });
  });

  it.each<[JsonObject, JsonValue, JsonValue]>([
    [
      {
        type: "object",
        properties: { a: { type: "number", default: 3 }, b: { type: "object", properties: { c: { type: "string", default: "d" } } } },
      },
      { b: {} },
      { a: 3, b: { c: "d" } },
    ],
    [{ type: "array", items: { type: "object", properties: { a: { type: "boolean", default: false } } } }, [{}], [{ a: false }]],
    [
      { type: "object", properties: { a: { type: "string" } } },
      { a: "x", more: 1 },
      { a: "x", more: 1 },
    ],
    [
      {
        $ref: "#/$defs/tree",
        $defs: { tree: { type: "object", properties: { inside: { type: "array", items: { $ref: "#/$defs/tree" } } } } },
      },
      { inside: [{ inside: [] }] },
      { inside: [{ inside: [] }] },
    ],
    [{ type: ["string", "null"] }, null, null],
    [{ type: "object", required: ["a"], additionalProperties: {} }, { a: null }, { a: null }],
  ])("%j gives for %j %j", (schema, value, expected) => {
    expect(checked(schema, value)).toEqual({ value: expected });
  });

  it.each<[JsonObject, JsonValue]>([
    [{ type: "string", format: "email" }, "nobody"],
    [{ type: "string", format: "date-time" }, "2026-13-01"],
    [{ type: "object", required: ["a"] }, {}],
    [{ type: "object", properties: { b: {} }, required: ["a", "b"] }, { b: 1 }],
    [{ type: "array", minItems: 2 }, [1]],
    [{ type: "array", items: { $ref: "#/$defs/n" }, $defs: { n: { type: "number" } } }, ["x"]],
    [{ type: "object", properties: { a: {} }, additionalProperties: false }, { b: 1 }],
    [{ enum: ["a", 1, null] }, "b"],
    [
      {
        allOf: [
          { type: "number", minimum: 1 },
          { type: "number", maximum: 3 },
        ],
      },
      4,
    ],
  ])("%j refuses %j", (schema, value) => {
    expect(checked(schema, value)).toHaveProperty("issues");
  });

  it.each<JsonObject>([
    { type: "string", format: "telephone" },
    { not: { type: "string" } },
    { if: { type: "string" } },
    { type: "string", minimum: 1 },
    { type: "string", pattern: "(" },
    { type: "array", minItems: -1 },
    { enum: [] },
    { const: {} },
    { anyOf: [{ $ref: "#" }] },
    { type: "object", properties: [] },
    { type: "object", properties: { a: "string" } },
  ])("%j is refused, since it would not be checked as it says", (schema) => {
    expect(() => schemaOf(schema)).toThrow(DefinitionError);
  });

  it("may be what zod writes", () => {
    const written = z.object({
      id: z.uuid(),
      at: z.iso.datetime(),
      kind: z.discriminatedUnion("type", [
        z.object({ type: z.literal("a"), n: z.int() }),
        z.object({ type: z.literal("b"), s: z.string().max(3) }),
      ]),
      record: z.record(z.enum(["x", "y"]), z.number()),
      pair: z.tuple([z.string(), z.number()]),
      both: z.intersection(z.object({ p: z.string() }), z.object({ q: z.string() })),
      some: z.union([z.string(), z.null()]).optional(),
    });
    const json = jsonSchemaOf(written) ?? {};
    const value = {
      id: "8f14e45f-ceea-467f-a0e6-1c1a1b1a1b1a",
      at: "2026-01-01T00:00:00Z",
      kind: { type: "a", n: 1 },
      record: { x: 1, y: 2 },
      pair: ["a", 1],
      both: { p: "", q: "" },
    };
    expect(checked(json, value)).toEqual({ value });
    expect(checked(json, { ...value, record: { x: 1 } })).toHaveProperty("issues");
    expect(checked(json, { ...value, kind: { type: "b", s: "long" } })).toHaveProperty("issues");
  });
});

describe("an input of a document", () => {
  it("may be left out when it has a default, or is optional", async () => {
    expect(await resultOf({ schema: { type: "number", default: 7 } }, {})).toBe(7);
    expect(await resultOf({ schema: { type: "number" }, optional: true }, {})).toBeNull();
    await expect(resultOf({ schema: { type: "number" } }, {})).rejects.toThrow("value");
  });

  it("is described by its schema, or beside it", () => {
    const described = fromDocument(document({ schema: { type: "number" }, description: "How many." }));
    expect(described.graph.inputs[0]?.description).toBe("How many.");
    expect(jsonSchemaOf(described.graph.inputs[0]?.schema ?? z.any())).toEqual({ type: "number", description: "How many." });
  });
});
