// What kinds with children infer, asserted: this file compiles only when the types are exactly these. It also runs, so that every definition is a real one.

import { contract, type CollectionResult, type Node } from "kindling";
import { expect, it } from "vitest";
import { z } from "zod";

type Equal<A, B> = (<G>() => G extends A ? 1 : 2) extends <G>() => G extends B ? 1 : 2 ? true : false;

/** Compiles only for two equal types. */
function same<_T extends true>(): void {}

type ValueOf<H> = H extends Node<infer T> ? T : never;

const Review = z.object({
  decision: z.enum(["approve", "edit", "reject"]),
  score: z.number(),
  urgent: z.boolean(),
  reply: z.object({ code: z.literal([200, 404]) }),
});
type Review = z.infer<typeof Review>;
const Inputs = { topic: z.string(), review: Review };

const archive = contract("archive", {
  inputs: { review: Review, tone: z.string().default("plain") },
  define: (_g, { review }) => ({ review }),
});
interface Archived {
  readonly review: Review;
}

it("a branch is exhaustive by texts, booleans and numbers", () => {
  contract("exhaustive", {
    inputs: Inputs,
    define(g, { review }) {
      const text = g.branch("text", {
        needs: { review },
        on: ({ review }) => review.decision,
        cases: { approve: archive, edit: (g) => g.const("one", 1), reject: (_g, { review }) => ({ review }) },
      });
      const flag = g.branch("flag", {
        needs: { review },
        on: ({ review }) => review.score > 3 && review.urgent,
        cases: { true: (_g, { review }) => review, false: (g) => g.const("none", null) },
      });
      const code = g.branch("code", {
        needs: { review },
        on: ({ review }) => review.reply.code,
        cases: { 200: (g) => g.const("fine", "fine"), 404: (g) => g.const("gone", 404) },
      });
      const graded = g.branch("graded", {
        needs: { review },
        on: ({ review }) => (review.score > 5 ? "good" : review.score > 2 ? "fair" : "poor"),
        cases: { good: (g) => g.const("a", "a"), fair: (g) => g.const("b", "b"), poor: archive },
      });
      same<Equal<ValueOf<typeof text>, Archived | 1>>();
      same<Equal<ValueOf<typeof flag>, Review | null>>();
      same<Equal<ValueOf<typeof code>, "fine" | 404>>();
      same<Equal<ValueOf<typeof graded>, "a" | "b" | Archived>>();
      return { text, flag, code, graded };
    },
  });
});

it("a default stands for what is missing, and adds what it gives", () => {
  const decide = ({ review }: { readonly review: Review }) => review.decision;
  contract("defaults", {
    inputs: Inputs,
    define(g, { topic, review }) {
      const missing = g.branch("missing", {
        needs: { review },
        on: ({ review }) => review.decision,
        cases: { approve: archive },
        default: (g, { review }) => {
          same<Equal<typeof review, Node<Review>>>();
          return g.compute("score", { needs: { review }, run: ({ review }) => review.score });
        },
      });
      const named = g.branch("named", { needs: { review }, on: decide, cases: { approve: archive }, default: (g) => g.const("one", 1) });
      const open = g.branch("open", {
        needs: { topic, review },
        on: ({ topic }) => topic,
        cases: { news: archive, sports: (_g, { review }) => review },
        default: archive,
      });
      same<Equal<ValueOf<typeof missing>, Archived | number>>();
      same<Equal<ValueOf<typeof named>, Archived | 1>>();
      same<Equal<ValueOf<typeof open>, Archived | Review>>();
      return { missing, named, open };
    },
  });
});

it("cases with conditions stand beside plain ones, and get the needs' handles", () => {
  contract("conditions", {
    inputs: Inputs,
    define(g, { topic, review }) {
      const range = g.branch("range", {
        needs: { review },
        on: ({ review }) => review.score,
        cases: {
          low: {
            when: { max: 3 },
            run: (g, { review }) => {
              same<Equal<typeof review, Node<Review>>>();
              return g.compute("code", { needs: { review }, run: ({ review }) => review.reply.code });
            },
          },
          5: (_g, { review }) => ({ review }),
          high: { when: { min: 8 }, run: archive },
        },
        default: (g) => g.const("none", "none"),
      });
      const mixed = g.branch("mixed", {
        needs: { topic, review },
        on: "review.decision",
        cases: { approve: (_g, { topic }) => topic, other: { when: { in: ["edit", "reject"] }, run: (g) => g.const("one", 1) } },
        default: (g) => g.const("none", null),
      });
      same<Equal<ValueOf<typeof range>, 200 | 404 | Archived | "none">>();
      same<Equal<ValueOf<typeof mixed>, string | 1 | null>>();
      return { range, mixed };
    },
  });
});

it("a path gives the type of what it leads to", () => {
  contract("paths", {
    inputs: Inputs,
    define(g, { topic, review }) {
      const decision = g.branch("decision", {
        needs: { review },
        on: "review.decision",
        cases: { approve: archive, edit: archive, reject: (_g, { review }) => review },
      });
      const urgent = g.branch("urgent", {
        needs: { topic, review },
        on: "review.urgent",
        cases: { true: (_g, { topic }) => topic, false: archive },
      });
      const code = g.branch("code", {
        needs: { topic, review },
        on: "review.reply.code",
        cases: { 200: (_g, { topic }) => topic, 404: archive },
      });
      const open = g.branch("open", {
        needs: { topic },
        on: "topic",
        cases: { news: (_g, { topic }) => topic },
        default: (g) => g.const("one", 1),
      });
      same<Equal<ValueOf<typeof decision>, Archived | Review>>();
      same<Equal<ValueOf<typeof urgent>, Archived | string>>();
      same<Equal<ValueOf<typeof code>, Archived | string>>();
      same<Equal<ValueOf<typeof open>, string | 1>>();
      return { decision, urgent, code, open };
    },
  });
});

it("a collection takes lists with a key and records without one", () => {
  contract("sources", {
    inputs: {
      list: z.array(Review.extend({ id: z.string() })),
      record: z.record(z.string(), Review),
      fixed: z.object({ en: Review, de: Review }),
    },
    define(g, { list, record, fixed }) {
      const byField = g.collection("by-field", {
        over: list,
        as: "review",
        key: "id",
        each: (g, { review }) => {
          same<Equal<ValueOf<typeof review>["id"], string>>();
          return g.compute("score", { needs: { review }, run: ({ review }) => review.score });
        },
      });
      const byFunction = g.collection("by-function", { over: list, as: "review", key: ({ id }) => id.trim(), each: archive });
      const members = g.collection("members", {
        over: record,
        as: "review",
        each: (g, { review }) => g.compute("score", { needs: { review }, run: ({ review }) => review.score }),
      });
      const contracts = g.collection("contracts", { over: fixed, as: "review", each: archive });
      const nested = g.collection("nested", {
        over: fixed,
        as: "outer",
        with: { list },
        each: (g, { list }) => g.collection("inner", { over: list, as: "review", key: "id", each: archive }),
      });
      same<Equal<ValueOf<typeof byField>, CollectionResult<number>>>();
      same<Equal<ValueOf<typeof byFunction>, CollectionResult<Archived>>>();
      same<Equal<ValueOf<typeof members>, CollectionResult<number>>>();
      same<Equal<ValueOf<typeof contracts>, CollectionResult<Archived>>>();
      same<Equal<ValueOf<typeof nested>, CollectionResult<CollectionResult<Archived>>>>();
      const status = g.compute("status", { needs: { members }, run: ({ members }) => members.summary.status });
      same<Equal<ValueOf<typeof status>, "succeeded" | "partial_failure" | "failed" | "pending">>();
      return { byField, byFunction, members, contracts, nested, status };
    },
  });
});

it("a composed child has a handle for each of its outputs", () => {
  const composed = contract("composed", {
    inputs: Inputs,
    define(g, { topic, review }) {
      const kept = g.compose("kept", { needs: { review }, child: archive });
      const inline = g.compose("inline", {
        needs: { topic, kept },
        child: (g, { topic, kept }) => ({ topic, size: g.compute("size", { needs: { kept }, run: ({ kept }) => kept.review.score }) }),
      });
      const single = g.compose("single", { needs: { topic }, child: (_g, { topic }) => topic });
      same<Equal<ValueOf<typeof kept>, Archived>>();
      same<Equal<ValueOf<typeof kept.output.review>, Review>>();
      same<Equal<ValueOf<typeof inline.output.size>, number>>();
      same<Equal<keyof typeof inline.output, "topic" | "size">>();
      same<Equal<keyof typeof single.output, never>>();
      const { size } = inline.output;
      return { kept: kept.output.review, size, single };
    },
  });
  same<Equal<NonNullable<(typeof composed)["~out"]>, { readonly kept: Review; readonly size: number; readonly single: string }>>();
  expect(composed.graph.nodes.map(({ name }) => name)).toContain("inline.size");
});
