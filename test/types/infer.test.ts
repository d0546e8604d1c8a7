// What the language infers, asserted: this file compiles only when the types are exactly these. It also runs, so that every definition in it is a real one.

import { contract, type Contract, type CollectionResult, type InputArguments, type Node } from "kindling";
import { expect, it } from "vitest";
import { z } from "zod";

type Equal<A, B> = (<G>() => G extends A ? 1 : 2) extends <G>() => G extends B ? 1 : 2 ? true : false;

/** Compiles only for two equal types. */
function same<_T extends true>(): void {}

type ValueOf<H> = H extends Node<infer T> ? T : never;
type In<C> = C extends Contract<infer I, unknown> ? I : never;
type Out<C> = C extends Contract<never, infer O> ? O : never;

const Draft = z.object({ title: z.string(), tags: z.array(z.string()) });
const Review = z.object({ decision: z.enum(["approve", "reject"]), note: z.string().optional() });
interface Draft {
  title: string;
  tags: string[];
}
interface Review {
  decision: "approve" | "reject";
  note?: string | undefined;
}

const post = contract("post", {
  inputs: { lang: z.string(), draft: Draft, tone: z.string().default("plain"), limit: z.number().optional() },
  define: (g, { lang, draft, tone, limit }) => ({
    text: g.compute("text", {
      needs: { lang, draft, tone, limit },
      run: ({ lang, draft, tone, limit }) => {
        same<Equal<typeof limit, number | undefined>>();
        same<Equal<typeof tone, string>>();
        return `${lang} ${draft.title}`;
      },
    }),
  }),
});

it("callers may leave out inputs with a default, and nodes see them filled in", () => {
  same<Equal<In<typeof post>["tone"], string | undefined>>();
  same<Equal<{ lang: string; draft: Draft } extends In<typeof post> ? true : false, true>>();
  same<Equal<{ lang: string } extends In<typeof post> ? true : false, false>>();
  same<Equal<InputArguments<{ at: z.ZodDefault<z.ZodNumber> }>, { readonly at?: number | undefined }>>();
  same<Equal<Out<typeof post>, { readonly text: string }>>();
  expect(post.name).toBe("post");
});

it("computed values have the type their callback gives, awaited", () => {
  contract("computed", {
    inputs: { topic: z.string() },
    define(g, { topic }) {
      const sync = g.compute("sync", { needs: { topic }, run: ({ topic }) => ({ size: topic.length }) });
      const later = g.compute("later", { needs: { topic, s: sync }, run: async ({ topic, s }) => [topic, s.size] as const });
      const literal = g.const("literal", { mode: "fast", steps: [1, 2] });
      same<Equal<typeof sync, Node<{ size: number }>>>();
      same<Equal<ValueOf<typeof later>, readonly [string, number]>>();
      same<Equal<ValueOf<typeof literal>, { readonly mode: "fast"; readonly steps: readonly [1, 2] }>>();
      return { sync, later, literal };
    },
  });
});

it("a model's value is what its output schema gives, or text; an event's what its schema gives", () => {
  contract("asked", {
    inputs: { topic: z.string() },
    define(g, { topic }) {
      const text = g.llm("text", { needs: { topic }, prompt: ({ topic }) => topic });
      const draft = g.llm("draft", { needs: { text }, prompt: ({ text }) => text.trim(), output: Draft });
      const review = g.await("review", { event: "reviewed", schema: Review, show: { draft } });
      same<Equal<typeof text, Node<string>>>();
      same<Equal<ValueOf<typeof draft>, { title: string; tags: string[] }>>();
      same<Equal<ValueOf<typeof review>, { decision: "approve" | "reject"; note?: string | undefined }>>();
      return { text, draft, review };
    },
  });
});

it("a branch gives the union of what its cases give: handles, records of them, contracts", () => {
  contract("branched", {
    inputs: { topic: z.string(), draft: Draft },
    define(g, { topic, draft }) {
      const size = g.compute("size", {
        needs: { topic },
        run: ({ topic }) => (topic.length > 9 ? "long" : topic === "" ? "none" : "short"),
      });
      const text = g.branch("text", {
        needs: { size, lang: topic, draft },
        on: ({ size }) => size,
        cases: {
          long: (g, { lang, draft }) => {
            same<Equal<typeof lang, Node<string>>>();
            return { tags: g.compute("tags", { needs: { draft }, run: ({ draft }) => draft.tags }) };
          },
          short: post,
          none: (g) => g.const("nothing", null),
        },
      });
      same<Equal<ValueOf<typeof text>, { readonly tags: string[] } | { readonly text: string } | null>>();
      return text;
    },
  });
});

it("a collection gives the result of its items, inline or contract", () => {
  const all = contract("all", {
    inputs: { langs: z.array(z.string()), draft: Draft },
    define(g, { langs, draft }) {
      const inline = g.collection("inline", {
        over: langs,
        as: "lang",
        key: (lang) => {
          same<Equal<typeof lang, string>>();
          return lang;
        },
        with: { draft },
        each: (g, handles) => {
          same<Equal<ValueOf<typeof handles.lang>, string>>();
          same<Equal<keyof typeof handles, "draft" | "lang">>();
          return g.compute("count", { needs: handles, run: ({ lang, draft }) => lang.length + draft.tags.length });
        },
      });
      const record = g.collection("record", { over: langs, as: "lang", key: (lang) => lang, each: (_g, { lang }) => ({ lang }) });
      const posts = g.collection("posts", { over: langs, as: "lang", key: (lang) => lang, with: { draft }, each: post });
      same<Equal<ValueOf<typeof inline>, CollectionResult<number>>>();
      same<Equal<ValueOf<typeof record>, CollectionResult<{ readonly lang: string }>>>();
      same<Equal<ValueOf<typeof posts>, CollectionResult<{ readonly text: string }>>>();
      const first = g.compute("first", {
        needs: { posts },
        run: ({ posts }) => posts.get("en")?.text ?? posts.failures["en"]?.message ?? "",
      });
      return { inline, record, first };
    },
  });
  same<
    Equal<
      Out<typeof all>,
      { readonly inline: CollectionResult<number>; readonly record: CollectionResult<{ readonly lang: string }>; readonly first: string }
    >
  >();
});

it("a composed child gives its outputs; a contract may give one value without a name", () => {
  const whole = contract("whole", {
    inputs: { lang: z.string(), draft: Draft },
    define(g, { lang, draft }) {
      const named = g.compose("named", { needs: { lang, draft }, child: post });
      const inline = g.compose("inline", {
        needs: { named },
        child: (g, { named }) => g.compute("text", { needs: { named }, run: ({ named }) => named.text.length }),
      });
      same<Equal<ValueOf<typeof named>, { readonly text: string }>>();
      same<Equal<ValueOf<typeof inline>, number>>();
      return inline;
    },
  });
  same<Equal<Out<typeof whole>, number>>();
});
