// The JSON Schema of a contract's inputs as one document: what refers to its own document before still does.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { contract, inputSchemaOf } from "../../src/index.ts";

const Tree = z.object({
  name: z.string(),
  get branches() {
    return z.array(Tree);
  },
});
const Money = z.object({ cents: z.int() }).meta({ id: "Money" });

const { graph } = contract("refers", {
  inputs: { tree: Tree, prices: z.object({ default: Money, now: Money }) },
  define: (_g, { tree, prices }) => ({ tree, prices }),
});

describe("the JSON Schema of inputs", () => {
  it("takes what the inputs take, those that refer to themselves and to shared definitions included", () => {
    const schema = z.fromJSONSchema(inputSchemaOf(graph));
    const prices = { default: { cents: 1 }, now: { cents: 2 } };
    const tree = { name: "root", branches: [{ name: "leaf", branches: [] }] };
    expect(schema.safeParse({ tree, prices }).success).toBe(true);
    expect(schema.safeParse({ tree: { name: "root", branches: [{ name: 1, branches: [] }] }, prices }).success).toBe(false);
    expect(schema.safeParse({ tree, prices: { ...prices, default: { cents: "1" } } }).success).toBe(false);
  });
});
