// The contracts of the engine's benchmarks, and how a runtime is opened for them. Made by functions, since a graph of 10,000 nodes is only wanted where it is measured.

import { z } from "zod";
import { type AnyContract, contract, createRuntime, fileLedger, type Kindling, type Node } from "../src/index.ts";
import { scripted, type ScriptedReply } from "../providers/scripted.ts";

const CALLS_AT_ONCE = 64;

/** Replies of the model in one runtime. */
const CALLS_LIMIT = 100_000;

/** Pure nodes in a row, each of which reads the one before. */
export const chainOf = (length: number) =>
  contract(`chain${length}`, {
    inputs: { n: z.number() },
    define(g, { n }) {
      let last: Node<number> = n;
      for (let index = 0; index < length; index++) last = g.compute(`add${index}`, { needs: { last }, run: ({ last }) => last + 1 });
      return last;
    },
  });

/** Model calls in a row, each of which is asked what the one before has said. */
export const callsOf = (length: number) =>
  contract(`calls${length}`, {
    inputs: { text: z.string() },
    define(g, { text }) {
      let last: Node<string> = text;
      for (let index = 0; index < length; index++)
        last = g.llm(`ask${index}`, { needs: { last }, prompt: ({ last }) => last, model: "scripted:x" });
      return last;
    },
  });

/** Lookups in a row, each of which reads what the one before gave. */
export const lookupsOf = (length: number, textOf: (index: number) => string) =>
  contract(`lookups${length}`, {
    inputs: { text: z.string() },
    define(g, { text }) {
      let last: Node<string> = text;
      for (let index = 0; index < length; index++) last = g.lookup(`read${index}`, { needs: { last }, run: () => textOf(index) });
      return last;
    },
  });

/** Pure nodes in a row that give texts. */
export const textsOf = (length: number, textOf: (index: number) => string) =>
  contract(`texts${length}`, {
    inputs: { text: z.string() },
    define(g, { text }) {
      let last: Node<string> = text;
      for (let index = 0; index < length; index++) last = g.compute(`say${index}`, { needs: { last }, run: () => textOf(index) });
      return last;
    },
  });

/** A trivial child for every item. */
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

/** The same, and a last node that looks at the process while the run is in memory. */
export const fanWatched = (atEnd: () => void) =>
  contract("fan-watched", {
    inputs: { list: z.array(z.number()) },
    define(g, { list }) {
      const doubled = g.collection("double", {
        over: list,
        as: "item",
        key: String,
        each: (inner, { item }) => inner.compute("twice", { needs: { item }, run: ({ item }) => item * 2 }),
      });
      return g.compute("end", { needs: {}, after: [doubled], run: () => (atEnd(), true) });
    },
  });

/** A chain with such a last node. */
export const chainWatched = (length: number, atEnd: () => void) =>
  contract(`chain-watched${length}`, {
    inputs: { n: z.number() },
    define(g, { n }) {
      let last: Node<number> = n;
      for (let index = 1; index < length; index++) last = g.compute(`add${index}`, { needs: { last }, run: ({ last }) => last + 1 });
      return g.compute("end", { needs: { last }, run: ({ last }) => (atEnd(), last) });
    },
  });

/** Items of 100 ms, 50 at once: as code that waits, and as calls to a model. */
export const slow = contract("slow", {
  inputs: { list: z.array(z.number()) },
  define: (g, { list }) =>
    g.collection("wait", {
      over: list,
      as: "item",
      key: String,
      concurrency: 50,
      each: (inner, { item }) =>
        inner.compute("pause", { needs: { item }, run: async ({ item }) => (await new Promise((done) => setTimeout(done, 100)), item) }),
    }),
});

export const slowCalls = contract("slow-calls", {
  inputs: { list: z.array(z.number()) },
  define: (g, { list }) =>
    g.collection("wait", {
      over: list,
      as: "item",
      key: String,
      concurrency: 50,
      each: (inner, { item }) => inner.llm("ask", { needs: { item }, prompt: ({ item }) => `${item}`, model: "scripted:x" }),
    }),
});

/** A long history in one stream, or in a tree of runs, and then a wait: what a new process goes on with. */
export const longItems = contract("long-items", {
  inputs: { id: z.string(), list: z.array(z.number()) },
  correlate: ["id"],
  define(g, { id, list }) {
    const doubled = g.collection("double", {
      over: list,
      as: "item",
      key: String,
      each: (inner, { item }) => inner.compute("twice", { needs: { item }, run: ({ item }) => item * 2 }),
    });
    const go = g.await("go", { event: "go", schema: z.object({ ok: z.boolean() }), show: { id } });
    return { go, end: g.compute("end", { needs: { go }, after: [doubled], run: ({ go }) => go.ok }) };
  },
});

export const longCalls = contract("long-calls", {
  inputs: { id: z.string(), list: z.array(z.number()) },
  correlate: ["id"],
  define(g, { id, list }) {
    const asked = g.collection("ask", {
      over: list,
      as: "item",
      key: String,
      concurrency: CALLS_AT_ONCE,
      each: (inner, { item }) => inner.llm("say", { needs: { item }, prompt: ({ item }) => `${item}`, model: "scripted:x" }),
    });
    const go = g.await("go", { event: "go", schema: z.object({ ok: z.boolean() }), show: { id } });
    return { go, end: g.compute("end", { needs: { go }, after: [asked], run: ({ go }) => go.ok }) };
  },
});

export const wait = contract("wait", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g, { id }) => g.await("go", { event: "go", schema: z.object({ ok: z.boolean() }), show: { id } }),
});

/** A runtime on a ledger in files, whose model always gives the same reply. */
export function openBench(folder: string, contracts: readonly AnyContract[], reply: ScriptedReply = "a short reply"): Promise<Kindling> {
  return createRuntime({
    contracts,
    ledger: fileLedger(folder),
    models: [scripted(Array.from({ length: CALLS_LIMIT }, () => reply))],
    limits: { calls: CALLS_AT_ONCE, perResource: CALLS_AT_ONCE },
  });
}

/** The numbers from 0 on. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
