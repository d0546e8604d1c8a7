// How an approval becomes the payload that a schema asks for.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decisionOf, type Additions, type Verb } from "../../src/cli/decision.ts";
import type { JsonObject } from "../../src/index.ts";
import { jsonSchemaOf, type Schema } from "../../src/schema.ts";

function schemaOf(schema: Schema): JsonObject {
  const json = jsonSchemaOf(schema);
  if (json === undefined) throw new Error("the schema has no JSON Schema");
  return json;
}

function payload(schema: Schema, verb: Verb, additions: Additions = {}): unknown {
  const decision = decisionOf(schemaOf(schema), verb, additions);
  return decision.ok ? decision.payload : decision.reason;
}

const comment = z.string().optional();

describe("a decision", () => {
  it.each([
    [
      "a word of a list",
      z.object({ decision: z.enum(["approve", "edit", "reject"]), comment }),
      { decision: "approve" },
      { decision: "reject" },
    ],
    ["other words", z.object({ verdict: z.enum(["Accepted", "Declined"]) }), { verdict: "Accepted" }, { verdict: "Declined" }],
    ["yes or no", z.object({ answer: z.enum(["yes", "no"]) }), { answer: "yes" }, { answer: "no" }],
    ["true or false", z.object({ approved: z.boolean(), note: z.string().optional() }), { approved: true }, { approved: false }],
    [
      "a field of any name that lists both words",
      z.object({ size: z.number().optional(), state: z.enum(["ok", "rejected"]) }),
      { state: "ok" },
      { state: "rejected" },
    ],
    [
      "a discriminated union",
      z.discriminatedUnion("decision", [
        z.object({ decision: z.literal("approve") }),
        z.object({ decision: z.literal("reject"), reason: z.string() }),
      ]),
      { decision: "approve" },
      { decision: "reject" },
    ],
    [
      "a union of true and false",
      z.discriminatedUnion("approved", [
        z.object({ approved: z.literal(true) }),
        z.object({ approved: z.literal(false), reason: z.string() }),
      ]),
      { approved: true },
      { approved: false },
    ],
    ["the payload itself, a word", z.enum(["approve", "reject"]), "approve", "reject"],
    ["the payload itself, true or false", z.boolean(), true, false],
  ])("is %s", (_name, schema, approved, rejected) => {
    expect(payload(schema, "approve")).toEqual(approved);
    expect(payload(schema, "reject")).toEqual(rejected);
  });

  it("takes further fields, and a comment in the field there is for one", () => {
    const schema = z.object({ decision: z.enum(["approve", "reject"]), reason: z.string().optional(), level: z.number().optional() });
    expect(payload(schema, "reject", { comment: "too long", fields: { level: 2 } })).toEqual({
      decision: "reject",
      reason: "too long",
      level: 2,
    });
  });

  it("names the required fields that it lacks, those of its own alternative only", () => {
    const schema = schemaOf(
      z.discriminatedUnion("decision", [
        z.object({ decision: z.literal("approve") }),
        z.object({ decision: z.literal("reject"), reason: z.string() }),
      ]),
    );
    const missing = (verb: Verb, additions: Additions = {}) => {
      const decision = decisionOf(schema, verb, additions);
      return decision.ok ? decision.missing.map(({ name }) => name) : decision.reason;
    };
    expect(missing("approve")).toEqual([]);
    expect(missing("reject")).toEqual(["reason"]);
    expect(missing("reject", { comment: "too long" })).toEqual([]);
  });

  it.each([
    ["no_decision_field", z.object({ colour: z.enum(["red", "blue"]) }), {}],
    ["no_decision_field", z.string(), {}],
    ["no_such_choice", z.object({ decision: z.enum(["left", "right"]) }), {}],
    ["no_comment_field", z.object({ decision: z.enum(["approve", "reject"]) }), { comment: "fine" }],
    ["other_decision", z.object({ decision: z.enum(["approve", "edit", "reject"]) }), { fields: { decision: "edit" } }],
    ["not_an_object", z.boolean(), { comment: "fine" }],
  ])("that the schema does not tell is never guessed: %s", (reason, schema, additions) => {
    expect(payload(schema, "approve", additions)).toBe(reason);
  });
});
