// What tests of load need: contracts that ask a model for every item of a list, and a model whose calls are answered one by one.

import { z } from "zod";
import type { CallOptions as NodeOptions } from "../../src/nodes/kind.ts";
import { contract, ModelError, type Kindling, type LaneLoad, type ModelProvider, type ModelReply } from "../../src/index.ts";
import { model, textOf } from "./models.ts";

/** Asks `scripted:x` for every item, all at once as far as the limits let it. */
export function asking(options: Pick<NodeOptions, "retry" | "timeout"> & { readonly model?: string; readonly name?: string } = {}) {
  const { name = "asking", model: asked = "scripted:x", ...rest } = options;
  return contract(name, {
    inputs: { items: z.array(z.string()) },
    define: (g, { items }) =>
      g.collection("each", {
        over: items,
        as: "item",
        key: (item) => item,
        concurrency: 10_000,
        each: (inner, { item }) =>
          inner.llm("ask", { needs: { item }, prompt: ({ item }) => item, model: asked, maxOutputTokens: 100, ...rest }),
      }),
  });
}

/** `a0`, `a1` and so on. */
export function items(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** One call that was made and is not answered. */
export interface Held {
  readonly text: string;
  readonly signal: AbortSignal;
  readonly answer: (reply?: string | Partial<ModelReply> | ModelError) => void;
}

/** A model that answers when the test does. */
export function heldModel(
  id = "scripted",
  account?: string,
): { readonly provider: ModelProvider; readonly calls: Held[]; readonly texts: () => readonly string[] } {
  const calls: Held[] = [];
  const provider = model(async (request, { signal }) => {
    const reply = Promise.withResolvers<string | Partial<ModelReply> | ModelError>();
    const text = textOf(request);
    calls.push({ text, signal, answer: (given = text) => reply.resolve(given) });
    return reply.promise;
  }, id);
  return {
    provider: account === undefined ? provider : { ...provider, account: () => account },
    calls,
    texts: () => calls.map(({ text }) => text),
  };
}

/** A fault of the provider, as adapters throw it. */
export function fault(code: "overloaded" | "rate_limited" | "server", retryAfterMs?: number): ModelError {
  return new ModelError(code, `scripted: ${code}`, {
    provider: "scripted",
    retryable: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** One lane of the runtime. */
export async function laneOf(kindling: Kindling, kind: LaneLoad["kind"], name: string): Promise<LaneLoad> {
  const { lanes } = await kindling.load();
  const lane = lanes.find((each) => each.kind === kind && each.name === name);
  if (lane === undefined)
    throw new Error(`there is no lane "${name}" (${kind}); there are ${lanes.map((each) => `${each.kind} ${each.name}`).join(", ")}`);
  return lane;
}
