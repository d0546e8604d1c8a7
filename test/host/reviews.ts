// What the delivery tests deliver to: one await, one for each item, and two that open in turn for the same event.

import { z } from "zod";
import { contract, type DeliverRequest, type Kindling } from "../../src/index.ts";
import { openKindling } from "./open-host.ts";

export const review = contract("review", {
  inputs: { requestId: z.string(), region: z.string().default("eu") },
  correlate: ["requestId", "region"],
  define: (g, { requestId }) =>
    g.await("decision", { event: "draft.reviewed", schema: z.object({ ok: z.boolean() }), show: { requestId } }),
});

export const items = contract("items", {
  inputs: { requestId: z.string(), langs: z.array(z.string()) },
  correlate: ["requestId"],
  define: (g, { langs }) =>
    g.collection("posts", {
      over: langs,
      as: "lang",
      key: (lang) => lang,
      each: (inner, { lang }) => inner.await("check", { event: "post.checked", schema: z.string(), show: { lang } }),
    }),
});

export const inTurn = contract("in-turn", {
  inputs: { requestId: z.string(), langs: z.array(z.string()) },
  correlate: ["requestId"],
  define(g, { requestId, langs }) {
    const first = g.compose("first", {
      needs: { requestId },
      child: (inner, { requestId }) => inner.await("go", { event: "go", schema: z.number(), show: { requestId } }),
    });
    const second = g.compose("second", {
      needs: { first },
      child: (inner, { first }) => inner.await("go", { event: "go", schema: z.number(), show: { first } }),
    });
    return { first, second, langs };
  },
});

export const yes = (more: Partial<DeliverRequest> = {}): DeliverRequest => ({
  event: "draft.reviewed",
  correlation: { requestId: "a" },
  payload: { ok: true },
  ...more,
});

export async function started(): Promise<Kindling> {
  const kindling = await openKindling({ contracts: [review, items, inTurn] });
  await kindling.start(review, { requestId: "a" });
  return kindling;
}
