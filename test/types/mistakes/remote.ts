// Mistakes in runs on another server.

import { contract } from "kindling";
import { z } from "zod";
import { Inputs } from "./parts.ts";

export const remote = contract("remote", {
  inputs: Inputs,
  define(g, { topic }) {
    const score = g.remote("score", { url: "https://scores.example.com", contract: "score", needs: { topic }, output: z.object({ points: z.number() }) });
    return {
      // error at `point`: Property 'point' does not exist on type '{ points: number; }'.
      use: g.map("use", score, ({ point }) => point),
      // error at `topic`: Type 'string' is not assignable to type 'Node<unknown>'.
      text: g.remote("text", { url: "https://scores.example.com", contract: "score", needs: { topic: "tea" } }),
      // error at `{ url`: Property 'contract' is missing
      name: g.remote("name", { url: "https://scores.example.com", needs: { topic } }),
    };
  },
});
