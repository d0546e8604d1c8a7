// The contracts of the engine's benchmark, and how it opens a runtime.

import { z } from "zod";
import { contract, createRuntime, fileLedger, type Kindling, type Node } from "../src/index.ts";
import { scripted } from "../providers/scripted.ts";

const chainOf = (name: string, length: number) =>
  contract(name, {
    inputs: { n: z.number() },
    define(g, { n }) {
      let last: Node<number> = n;
      for (let index = 0; index < length; index++) last = g.compute(`add${index}`, { needs: { last }, run: ({ last }) => last + 1 });
      return last;
    },
  });

export const chain = chainOf("chain", 100);
export const ten = chainOf("ten", 10);

const asks = contract("asks", {
  inputs: { text: z.string() },
  define(g, { text }) {
    let last: Node<string> = text;
    for (let index = 0; index < 20; index++)
      last = g.llm(`ask${index}`, { needs: { last }, prompt: ({ last }) => last, model: "scripted:x" });
    return last;
  },
});

export const fan = contract("fan", {
  inputs: { list: z.array(z.number()) },
  define: (g, { list }) =>
    g.collection("double", {
      over: list,
      as: "item",
      key: String,
      each: (inner, { item }) => inner.compute("twice", { needs: { item }, run: ({ item }) => item * 2 }),
    }),
});

export const wait = contract("wait", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g, { id }) => g.await("go", { event: "go", schema: z.object({ ok: z.boolean() }), show: { id } }),
});

/** A runtime on a ledger in files, with a model that answers at once. */
export function openBench(folder: string): Promise<Kindling> {
  const model = scripted(Array.from({ length: 100_000 }, () => "a short reply"));
  return createRuntime({
    contracts: [chain, ten, asks, fan, wait],
    ledger: fileLedger(folder),
    models: [model],
    limits: { calls: 64, perResource: 64 },
  });
}
