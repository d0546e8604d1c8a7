// Mistakes in checks and in their matchers.

import { contract } from "kindling";
import { Review } from "./parts.ts";
import { z } from "zod";

export const guard = contract("guard", {
  inputs: { amount: z.number(), name: z.string(), review: Review },
  define(g, { amount, name, review }) {
    // error at `check`: Type '({ amount }: { readonly amount: number; }) => number' is not assignable
    const notBoolean = g.guard("not-boolean", { needs: { amount }, check: ({ amount }) => amount });
    // error at `amuont`: Property 'amuont' does not exist on type '{ readonly amount: number; }'.
    const misspelt = g.guard("misspelt", { needs: { amount }, check: ({ amuont }) => amuont > 0 });
    // error at `amuont`: Object literal may only specify known properties, but 'amuont' does not exist
    const where = g.guard("where", { needs: { amount }, where: { amuont: { min: 1 } } });
    // error at `min`: Type 'string' is not assignable to type 'number'.
    const value = g.guard("value", { needs: { amount }, where: { amount: { min: "1" } } });
    // error at `minimum`: Object literal may only specify known properties, and 'minimum' does not exist in type 'Matcher<number>'.
    const option = g.guard("option", { needs: { amount }, where: { amount: { minimum: 1 } } });
    // error at `max`: Type 'number' is not assignable to type 'undefined'.
    const two = g.guard("two", { needs: { amount }, where: { amount: { eq: 1, max: 2 } } });
    // error at `matches`: Type 'RegExp' is not assignable to type 'undefined'.
    const pattern = g.guard("pattern", { needs: { amount }, where: { amount: { matches: /1/ } } });
    // error at `min`: Type 'number' is not assignable to type 'undefined'.
    const range = g.guard("range", { needs: { name }, where: { name: { min: 1 } } });
    const decision = g.project("decision", review, "decision");
    // error at `"aprove"`: Type '"aprove"' is not assignable to type '"approve" | "edit" | "reject"'. Did you mean '"approve"'?
    const literal = g.guard("literal", { needs: { decision }, where: { decision: { in: ["edit", "aprove"] } } });
    // error at `eq`: Type 'string' is not assignable to type 'undefined'.
    const object = g.guard("object", { needs: { review }, where: { review: { eq: "approve" } } });
    // error at `{`: Argument of type '{ needs: { amount: Node<number>; }; }' is not assignable
    const neither = g.guard("neither", { needs: { amount } });
    // error at `{`: Argument of type
    const both = g.guard("both", { needs: { amount }, check: () => true, where: { amount: { eq: 1 } } });
    // error at `mesage`: Object literal may only specify known properties, but 'mesage' does not exist
    const message = g.guard("message", { needs: { amount }, check: () => true, mesage: "no" });
    // error at `ammount`: Property 'ammount' does not exist on type '{ readonly amount: number; }'.
    const text = g.guard("text", { needs: { amount }, check: () => true, message: ({ ammount }) => `no ${ammount}` });
    return { notBoolean, misspelt, where, value, option, two, pattern, range, literal, object, neither, both, message, text };
  },
});
