// The executors of the example document, as its page shows them.

import { defineExecutor } from "kindling";
import { z } from "zod";

const size = defineExecutor({
  key: "triage.size",
  description: "Whether a total is within a limit.",
  input: z.object({ total: z.number(), limit: z.number() }),
  output: z.enum(["small", "large"]),
  pure: true,
  run: ({ total, limit }) => (total <= limit ? ("small" as const) : ("large" as const)),
});

const send = defineExecutor({
  key: "mail.decision",
  description: "Tells a customer what was decided.",
  input: z.object({ requestId: z.string(), decision: z.string() }),
  output: z.object({ sent: z.string() }),
  capabilities: ["net:mail.example.com"],
  run: ({ requestId, decision }, context) => {
    context.log("sent", { key: context.idempotencyKey });
    return { sent: `${requestId}: ${decision}` };
  },
});

export const executors = [size, send];
