// What the local model is asked: to sort a ticket, in a form that is bounded on all sides, so that small models get to its end.

import { contract } from "kindling";
import { z } from "zod";

/** How a ticket is sorted. */
export const Sorted = z.object({
  team: z.enum(["billing", "bugs", "other"]),
  urgent: z.boolean(),
  days: z.int().min(0).max(9).describe("How many days there are to answer."),
});

export const sortTicket = contract("sort-ticket", {
  inputs: { ticket: z.string() },
  define(g, { ticket }) {
    return g.llm("sort", {
      needs: { ticket },
      prompt: ({ ticket }) => `Sort this support ticket: ${ticket}`,
      output: Sorted,
      maxOutputTokens: 512,
      temperature: 0,
    });
  },
});
