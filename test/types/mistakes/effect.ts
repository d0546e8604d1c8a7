// Mistakes in nodes that act on the world.

import { contract } from "kindling";
import { Inputs } from "./parts.ts";

export const effect = contract("effect", {
  inputs: Inputs,
  define(g, { topic }) {
    const need = g.effect("need", {
      needs: { topic },
      run: ({ topic }) => topic,
      // error at `topc`: Property 'topc' does not exist on type '{ readonly topic: string; }'.
      idempotencyKey: ({ topc }) => topc,
    });
    const value = g.effect("value", {
      needs: { topic },
      run: ({ topic }, { idempotencyKey }) => ({ id: `${topic}${idempotencyKey}` }),
      // error at `number`: Property 'number' does not exist on type '{ id: string; }'.
      compensate: ({ number }) => number,
    });
    const when = g.effect("when", {
      needs: { topic },
      run: ({ topic }, { signal }) => `${topic}${signal.aborted}`,
      // error at `onUpdate`: Type '"never"' is not assignable to type '"again" | "keep"'.
      onUpdate: "never",
    });
    return { need, value, when };
  },
});
