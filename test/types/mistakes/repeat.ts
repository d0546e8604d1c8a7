// Mistakes in rounds.

import { contract } from "kindling";
import { z } from "zod";
import { Inputs } from "./parts.ts";

export const repeat = contract("repeat", {
  inputs: { ...Inputs, size: z.number() },
  define(g, { topic, size }) {
    const gives = g.repeat("gives", {
      from: size,
      as: "size",
      // error at `child`: is not assignable to type 'Round<number, "size", {}>'.
      child: (g, { size }) => g.compute("text", { needs: { size }, run: ({ size }) => `${size}` }),
      until: () => true,
      max: 3,
    });
    const handle = g.repeat("handle", {
      from: size,
      as: "size",
      with: { topic },
      // error at `topc`: Property 'topc' does not exist on type
      child: (g, { size, topc }) => g.compute("more", { needs: { size, topc }, run: ({ size }) => size + 1 }),
      until: (size) => size > 3,
      max: 3,
    });
    // error at `{ from`: Property 'max' is missing
    const bound = g.repeat("bound", { from: size, as: "size", child: (_g, { size }) => size, until: (size) => size > 3 });
    const condition = g.repeat("condition", {
      from: size,
      as: "size",
      child: (_g, { size }) => size,
      // error at `length`: Property 'length' does not exist on type 'number'.
      until: (size) => size.length > 3,
      max: 3,
    });
    return { gives, handle, bound, condition };
  },
});
