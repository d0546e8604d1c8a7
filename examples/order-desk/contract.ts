// The contract: a customer's question comes in, a model answers it with three tools, and the answer goes out.

import { contract } from "kindling";
import { z } from "zod";
import { Customer, findOrder, refund, sendLetter } from "./tools.ts";

export const Answer = z.object({ text: z.string(), refunded: z.number() });

/** Answers the question of a customer. */
export const orderDesk = contract("order-desk", {
  description: "Answers a customer's question about orders; pays back where that is right.",
  inputs: { question: z.string().min(1), customer: Customer },
  define: (g, { question, customer }) => ({
    answer: g.llm("answer", {
      needs: { question, customer },
      prompt: ({ question, customer }) => [
        {
          role: "system",
          content: [{ type: "text", text: "You work at the order desk of a furniture shop. Be brief. Use your tools; invent nothing." }],
        },
        { role: "user", content: [{ type: "text", text: `${customer.name} asks: ${question}` }] },
      ],
      tools: [findOrder, refund, sendLetter],
      maxTurns: 8,
      output: Answer,
    }),
  }),
});
