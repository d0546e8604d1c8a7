// Mistakes in the matchers that end a repeat.

import { contract } from "kindling";
import { z } from "zod";

export const until = contract("until", {
  inputs: { size: z.number(), state: z.object({ score: z.number(), done: z.boolean() }) },
  define(g, { size, state }) {
    const text = g.repeat("text", {
      from: size,
      as: "size",
      child: (_g, { size }) => size,
      // error at `eq`: Type 'string' is not assignable to type 'number'.
      until: { is: { eq: "3" } },
      max: 3,
    });
    const member = g.repeat("member", {
      from: state,
      as: "state",
      child: (_g, { state }) => state,
      // error at `scor`: 'scor' does not exist in type
      until: { where: { scor: { min: 3 } } },
      max: 3,
    });
    return { text, member };
  },
});
