import { contract } from "kindling";
import { z } from "zod";

export const letter = contract("letter", {
  inputs: { to: z.string() },
  define(g, { to }) {
    const customer = g.lookup("customer", { needs: { to }, run: ({ to }) => ({ name: to, since: 2019 }) });
    const text = g.llm("text", {
      needs: { customer },
      prompt: ({ customer }) => `Write to ${customer.name},\na customer since ${customer.since}.`,
      model: "house:small",
    });
    const approved = g.await("approved", {
      event: "letter.approved",
      schema: z.object({ ok: z.boolean() }),
      show: { text },
      by: "human",
      timeout: "2d",
    });
    const sent = g.effect("send", { needs: { text, approved }, run: ({ text }, { idempotencyKey }) => ({ text, key: idempotencyKey }) });
    return { sent };
  },
});
