// Contracts that the tests of more than one part of the host run.

import { z } from "zod";
import { contract, type GraphBuilder, type Node } from "../../src/index.ts";

/** A child for each language, which waits until it is checked. */
export const posts = (g: GraphBuilder, { langs }: { readonly langs: Node<string[]> }) =>
  g.collection("posts", {
    over: langs,
    as: "lang",
    key: (lang) => lang,
    each: (inner, { lang }) => inner.await("check", { event: "checked", schema: z.string(), show: { lang } }),
  });

/** Waits for its children, and then asks a model about what they were told. */
export const checks = contract("checks", {
  inputs: { langs: z.array(z.string()) },
  define: (g, { langs }) =>
    g.llm("summary", {
      needs: { posts: posts(g, { langs }) },
      prompt: ({ posts }) => posts.keys.map((key) => posts.get(key) ?? "").join(" "),
      model: "scripted:x",
    }),
});

/** One call of a model. */
export const single = (options: { readonly timeout?: number; readonly attempts?: number; readonly backoff?: number } = {}) =>
  contract("single", {
    inputs: { topic: z.string() },
    define: (g, { topic }) =>
      g.llm("draft", {
        needs: { topic },
        prompt: ({ topic }) => topic,
        model: "scripted:x",
        ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
        ...(options.attempts === undefined ? {} : { retry: { attempts: options.attempts, backoff: options.backoff ?? 1_000 } }),
      }),
  });
