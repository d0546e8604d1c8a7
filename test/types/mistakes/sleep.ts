// Mistakes in sleeping.

import { contract } from "kindling";
import { Inputs } from "./parts.ts";

export const sleep = contract("sleep", {
  inputs: Inputs,
  define(g, { topic, channels }) {
    return {
      // error at `for`: Type '"3 days"' is not assignable to type
      words: g.sleep("words", { for: "3 days" }),
      // error at `until`: Type 'Node<{ id: string; limit: number; }[]>' is not assignable to type 'Node<string | number>'.
      list: g.sleep("list", { until: channels }),
      // error at `topc`: Property 'topc' does not exist on type
      need: g.sleep("need", { needs: { topic }, for: ({ topc }) => topc }),
    };
  },
});
