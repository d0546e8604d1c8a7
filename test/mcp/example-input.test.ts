// The example input that describe_workflow gives: made of what the schemas say, and taken by the contract itself.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { orderDesk } from "../../examples/order-desk/contract.ts";
import { sortTicket } from "../../examples/local-model/contract.ts";
import { pressRelease } from "../../examples/press-release/contract.ts";
import { releaseNotes } from "../../examples/release-notes/contract.ts";
import { exampleValue } from "../../mcp/example-value.ts";
import { contract, createRuntime, memoryLedger, toJson } from "../../src/index.ts";
import { anthropic } from "../../providers/anthropic.ts";
import { WORKFLOWS } from "./fixtures/workflows.ts";
import { connectInProcess } from "./in-process.ts";

const Tree = z.object({
  name: z.string(),
  get branches() {
    return z.array(Tree);
  },
});
const Money = z.object({ cents: z.int().min(0) }).meta({ id: "Money" });

const everything = contract("everything", {
  inputs: {
    told: z.string().meta({ examples: ["the author's own"] }),
    usual: z.string().default("what is usual"),
    size: z.enum(["small", "large"]),
    day: z.iso.date(),
    at: z.iso.datetime(),
    mail: z.email(),
    page: z.url(),
    id: z.uuid(),
    code: z.string().regex(/^[A-Z]{3}$/),
    short: z.string().max(3),
    long: z.string().min(30),
    even: z.int().multipleOf(2).min(7),
    share: z.number().gt(0).lt(1),
    below: z.number().max(-3),
    flag: z.boolean(),
    pair: z.tuple([z.string(), z.int()]),
    several: z.array(z.object({ price: Money })).min(2),
    either: z.union([z.null(), z.object({ kind: z.literal("a"), value: z.int() })]),
    maybe: z.string().optional(),
    both: z.intersection(z.object({ left: z.string() }), z.object({ right: z.int() })),
    record: z.record(z.string(), z.int()),
    tree: Tree,
    anything: z.unknown(),
  },
  define: (_g, { told }) => ({ told }),
});

const unguessable = contract("unguessable", {
  inputs: { code: z.string().regex(/^Q7-\d{9}-[XYZ]{4}$/) },
  define: (_g, { code }) => ({ code }),
});

const CONTRACTS = [orderDesk, sortTicket, pressRelease, releaseNotes, everything, ...WORKFLOWS];

describe("the example input of a workflow", () => {
  it("is taken by the contract and fits the input_schema, for every example contract", async () => {
    await using kindling = await createRuntime({ contracts: CONTRACTS, ledger: memoryLedger(), models: [anthropic()] });
    const { call } = await connectInProcess(kindling);
    for (const { name } of CONTRACTS) {
      const { value } = await call("describe_workflow", { workflow: name });
      const described = z
        .object({ input_schema: z.record(z.string(), z.unknown()), example_input: z.record(z.string(), z.unknown()) })
        .parse(value);
      const outlook = kindling.plan(name, described.example_input);
      expect({ name, missing: outlook.inputs.missing, invalid: outlook.inputs.invalid }).toEqual({ name, missing: [], invalid: [] });
      expect(z.fromJSONSchema(described.input_schema).safeParse(described.example_input)).toMatchObject({ success: true });
    }
  });

  it("takes the author's examples and defaults, and what is listed, before it makes something up", async () => {
    await using kindling = await createRuntime({ contracts: [everything], ledger: memoryLedger() });
    const { call } = await connectInProcess(kindling);
    const { value } = await call("describe_workflow", { workflow: "everything" });
    expect(value["example_input"]).toMatchObject({
      told: "the author's own",
      usual: "what is usual",
      size: "small",
      day: "2026-01-31",
      even: 8,
      share: 0.5,
      either: { kind: "a" },
      several: [{}, {}],
    });
    expect(Object.keys(value["example_input"] as object)).not.toContain("maybe");
  });

  it("is left out where none can be made up that fits", async () => {
    await using kindling = await createRuntime({ contracts: [unguessable], ledger: memoryLedger() });
    const { call } = await connectInProcess(kindling);
    const { value } = await call("describe_workflow", { workflow: "unguessable" });
    expect(value["example_input"]).toBeUndefined();
    expect(value["input_schema"]).toMatchObject({ required: ["code"] });
  });
});

describe("a made-up value", () => {
  it.each([
    [{ type: "string", pattern: "(" }, undefined],
    [{ type: "string", minLength: 100_000 }, undefined],
    [{ $ref: "#/$defs/missing" }, undefined],
    [{ $ref: "#" }, undefined],
    [{ type: "object", properties: { a: { type: "string", pattern: "(" } } }, {}],
    [{ type: "array", minItems: 3, items: { type: "null" } }, [null, null, null]],
    [{ type: ["null", "integer"], minimum: 4 }, 4],
    [{ anyOf: [{ type: "string", pattern: "(" }, { const: 3 }] }, 3],
    [
      {
        allOf: [
          { type: "object", properties: { a: { const: 1 } }, required: ["a"] },
          { properties: { b: { const: 2 } }, required: ["b"] },
        ],
      },
      { a: 1, b: 2 },
    ],
    [{}, "example thing"],
  ])("for %j is %j", (schema, value) => {
    const json = toJson(schema);
    if (!json.ok) throw new Error("the schema is no JSON");
    expect(exampleValue(json.value as Parameters<typeof exampleValue>[0], "thing")).toEqual(value);
  });
});
