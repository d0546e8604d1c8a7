// Ids for tool calls of servers that give none. They must be the same whenever a reply is read again, and differ within a conversation:
// another provider may be given it later, and refuses the same id twice. Knows no API.

import type { ModelRequest } from "../../src/index.ts";

/** How many tool calls a conversation already holds; the next one is `call_<count>`. */
export function callCount({ messages }: ModelRequest): number {
  return messages.reduce(
    (count, message) => count + (message.role === "assistant" ? message.content.filter((part) => part.type === "tool-call").length : 0),
    0,
  );
}
