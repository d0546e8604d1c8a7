// The contract that the calling processes carry: it acts outside, waits for an event, and acts once more. The world is an HTTP server that counts.

import { z } from "zod";
import { contract } from "../../../src/index.ts";

/** Both actions of an order, as its effects are named. */
export const ACTIONS = ["reserve", "confirm"] as const;

/** Orders that act on the server at an address: each action tells it its idempotency key. */
export function orders(address: string) {
  const act = async (idempotencyKey: string): Promise<string> => {
    const answer = await fetch(address, { method: "POST", body: idempotencyKey });
    return answer.text();
  };
  return contract("order", {
    inputs: { id: z.string() },
    correlate: ["id"],
    define(g, { id }) {
      const reserve = g.effect("reserve", { needs: { id }, run: (_, { idempotencyKey }) => act(idempotencyKey) });
      const paid = g.await("paid", { event: "order.paid", schema: z.string(), show: { reserve } });
      const confirm = g.effect("confirm", { needs: { paid }, run: (_, { idempotencyKey }) => act(idempotencyKey) });
      return { text: g.compute("text", { needs: { paid, confirm }, run: ({ paid, confirm }) => `${paid} ${confirm}` }) };
    },
  });
}
