// `resources/subscribe` and `resources/unsubscribe` of the 2025 era: a client names one address at a time, and its connection keeps it.

import { type McpServer, ProtocolError } from "@modelcontextprotocol/server";
import { TOO_MANY_SUBSCRIPTIONS } from "./listening.ts";
import type { End } from "./subscriptions.ts";
import type { Surface } from "./tool.ts";

/** Lets the client of a server subscribe, until it goes. */
export function registerSubscriptions({ server }: McpServer, { subscriptions, log }: Surface): void {
  const ends = new Map<string, End>();
  let isOpen = true;
  const unsubscribe = (uri: string) => {
    ends.get(uri)?.();
    ends.delete(uri);
  };
  server.setRequestHandler("resources/subscribe", async ({ params: { uri } }) => {
    const end = await subscriptions.subscribe(uri, () => {
      server.sendResourceUpdated({ uri }).catch((error: unknown) => log(String(error)));
    });
    if (end === undefined) throw new ProtocolError(TOO_MANY_SUBSCRIPTIONS.code, TOO_MANY_SUBSCRIPTIONS.message);
    unsubscribe(uri);
    ends.set(uri, end);
    if (!isOpen) unsubscribe(uri);
    return {};
  });
  server.setRequestHandler("resources/unsubscribe", ({ params: { uri } }) => {
    unsubscribe(uri);
    return {};
  });
  server.onclose = () => {
    isOpen = false;
    for (const uri of ends.keys()) unsubscribe(uri);
  };
}
