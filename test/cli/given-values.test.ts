// Values as they are typed on the command line, and what a schema says about them.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readPairs } from "../../src/cli/assignments.ts";
import { describeSchema, exampleOf } from "../../src/cli/json-schema.ts";
import { issueLines, valueAt } from "../../src/cli/view/issue-lines.ts";
import { plainPaint } from "../../src/cli/view/paint.ts";
import type { JsonObject } from "../../src/index.ts";
import { jsonSchemaOf, type Schema } from "../../src/schema.ts";

const json = (schema: Schema): JsonObject => jsonSchemaOf(schema) ?? {};

describe("a pair", () => {
  const schema = json(
    z.object({ version: z.string(), count: z.number(), channels: z.array(z.string()), anything: z.unknown(), note: z.string().nullable() }),
  );
  const read = (...pairs: string[]) => readPairs(pairs, "--input", schema);

  it("is JSON when it parses, else text; for a field that takes only text a number stays text", () => {
    expect(read("version=1.0", "count=3", 'channels=["a"]', "anything=a=b c")).toEqual({
      ok: true,
      value: { version: "1.0", count: 3, channels: ["a"], anything: "a=b c" },
    });
    expect(read('version="quoted"')).toEqual({ ok: true, value: { version: "quoted" } });
    expect(read("note=2026", "version=null")).toEqual({ ok: true, value: { note: "2026", version: "null" } });
    expect(read("note=null")).toEqual({ ok: true, value: { note: null } });
    expect(read("version=")).toEqual({ ok: true, value: { version: "" } });
  });

  it("that is none, and one that is given twice, are told together", () => {
    const result = read("count", "=3", "count=1", "count=2");
    expect(result.ok ? [] : result.issues.map(({ at, message }) => `${at} ${message}`)).toEqual([
      "--input count is no pair; write --input name=value",
      "--input =3 is no pair; write --input name=value",
      "--input count is given twice",
    ]);
  });
});

describe("a schema", () => {
  it("is told in words", () => {
    expect(describeSchema(json(z.object({ decision: z.enum(["approve", "reject"]), comment: z.string().optional() })))).toBe(
      "{ decision, comment? }",
    );
    expect(describeSchema(json(z.array(z.object({ id: z.string() }))))).toBe("list of { id }");
    expect(describeSchema(json(z.union([z.string(), z.null()])))).toBe("text or null");
    expect(describeSchema({})).toBe("any JSON");
  });

  it("gives an example that it accepts", () => {
    const schemas: readonly z.ZodType[] = [
      z.object({
        sha: z.string(),
        at: z.iso.datetime(),
        by: z.email(),
        n: z.int().min(5),
        done: z.boolean(),
        tags: z.array(z.string()),
        note: z.string().optional(),
      }),
      z.discriminatedUnion("type", [z.object({ type: z.literal("a"), x: z.number() }), z.object({ type: z.literal("b") })]),
      z.object({ colour: z.enum(["red", "blue"]).default("blue") }),
      z.union([z.number(), z.string()]),
    ];
    for (const schema of schemas) {
      const example = exampleOf(json(schema));
      expect(schema.safeParse(example), JSON.stringify(example)).toMatchObject({ success: true });
    }
  });

  it("that refers to itself ends", () => {
    const tree: JsonObject = {
      $ref: "#/$defs/tree",
      $defs: { tree: { type: "object", required: ["child"], properties: { child: { $ref: "#/$defs/tree" } } } },
    };
    expect(JSON.stringify(exampleOf(tree)).length).toBeLessThan(200);
    expect(describeSchema({ $ref: "#/$defs/loop", $defs: { loop: { $ref: "#/$defs/loop" } } })).toBe("any JSON");
  });
});

describe("issues", () => {
  it("stand with their place, the value given there and the way to give it", () => {
    const schema = json(z.object({ topic: z.string(), pages: z.array(z.object({ id: z.string() })) }));
    const values = { pages: [{ id: 3 }], tpic: "x" };
    expect(
      issueLines(
        [
          { at: "topic", message: "expected string" },
          { at: "pages[0].id", message: "expected string, received number" },
          { at: "tpic", message: 'no such input. Did you mean "topic"?' },
        ],
        { values, schema, option: "--input" },
        plainPaint,
      ).map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ["topic", "is missing", "--input topic=<text>"],
      ["pages[0].id", "expected string, received number", "given: 3", "--input 'pages=<list of { id }>'"],
      ["tpic", 'no such input. Did you mean "topic"?', 'given: "x"'],
    ]);
    expect(valueAt(values, "pages[0].id")).toBe(3);
  });
});
