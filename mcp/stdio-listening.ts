// `subscriptions/listen` over standard input: the SDK answers it before any server sees it, so it is seen on its way in. Knows one connection.

import type { Transport } from "@modelcontextprotocol/server";
import * as z from "zod";
import { type Listening, listenIn, tooMuchListening } from "./listening.ts";
import type { Log } from "./log.ts";
import type { End } from "./subscriptions.ts";
import { refusedTaskListening } from "./task-client.ts";

const Cancelled = z.object({
  method: z.literal("notifications/cancelled"),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});

/** Sees to what a client listens to, from when the SDK has its own listener on the transport until the end that is given. */
export function listenOn(transport: Transport, listening: Listening, log: Log): End {
  const taken = transport.onmessage;
  const ends = new Map<string | number, End>();
  let isOpen = true;
  const endOf = (id: string | number) => {
    ends.get(id)?.();
    ends.delete(id);
  };
  transport.onmessage = (message, extra) => {
    const listen = listenIn(message);
    if (listen === undefined) {
      const cancelled = Cancelled.safeParse(message);
      if (cancelled.success) endOf(cancelled.data.params.requestId);
      taken?.(message, extra);
      return;
    }
    const begin = async () => {
      const refused = refusedTaskListening(message);
      if (refused !== undefined) return transport.send(refused);
      const end = await listening.listen(listen.uris);
      if (end === undefined) return transport.send(tooMuchListening(listen));
      endOf(listen.id);
      ends.set(listen.id, end);
      if (!isOpen) return endOf(listen.id);
      taken?.(message, extra);
    };
    begin().catch((error: unknown) => log(String(error)));
  };
  return () => {
    isOpen = false;
    for (const id of ends.keys()) endOf(id);
  };
}
