// The model of this example is a script that reads what the tools gave: it needs no key and no network. Any other model takes the same path.

import type { JsonValue, ModelProvider, ModelRequest } from "kindling";
import { callsTools, scripted, type ScriptedAnswer } from "kindling/providers/scripted";

/** Answers in one process, at most. */
const CALLS = 1_000;

/** The scripted model: `scripted:desk`. */
export function deskModel(): ModelProvider {
  return scripted(Array.from({ length: CALLS }, () => answer));
}

function answer({ messages }: ModelRequest): ScriptedAnswer {
  const results = messages.flatMap((message) => (message.role === "tool" ? message.content : []));
  const order = /\b[A-Z]-\d+\b/.exec(JSON.stringify(messages))?.[0] ?? "";
  const found = results.find(({ name }) => name === "find_order");
  const paid = results.find(({ name }) => name === "refund");
  if (found === undefined) return callsTools(["find_order", { order }]);
  if (found.isError === true) return { text: `I cannot find the order ${order} among yours.`, refunded: 0 };
  const amount = numberIn(found.output, "paid");
  if (paid === undefined) return callsTools(["refund", { order, amount, reason: "arrived broken" }]);
  const isPaid = paid.isError !== true;
  const text = isPaid ? `we have paid back ${amount} for ${order}.` : `we cannot pay back ${order}. The shop says: ${textIn(paid.output)}`;
  if (results.some(({ name }) => name === "send_letter")) return { text: `Done: ${text}`, refunded: isPaid ? amount : 0 };
  return callsTools(["send_letter", { text }]);
}

function numberIn(value: JsonValue, member: string): number {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, member) : undefined;
  return typeof found === "number" ? found : 0;
}

function textIn(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
