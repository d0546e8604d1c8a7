// Mistakes in the cases of a branch.

import { contract } from "kindling";
import { channelPost, Inputs, Review } from "./parts.ts";

export const branch = contract("branch", {
  inputs: Inputs,
  define(g, { topic }) {
    const review = g.await("review", { event: "reviewed", schema: Review, show: { topic } });
    const missing = g.branch("missing", {
      needs: { review },
      on: ({ review }) => review.decision,
      // error at `cases`: Property 'reject' is missing
      cases: { approve: (g, { review }) => review, edit: (g, { review }) => review },
    });
    const extra = g.branch("extra", {
      needs: { review, topic },
      on: ({ review }) => review.decision,
      cases: {
        approve: (g, { review }) => review,
        edit: (g, { review }) => g.compute("e", { needs: { review }, run: ({ review }) => review.body }),
        reject: (g, { topic }) => topic,
        // error at `later`: Object literal may only specify known properties, and 'later' does not exist
        later: (g, { topic }) => topic,
      },
    });
    const misspelt = g.branch("misspelt", {
      needs: { review, topic },
      on: ({ review }) => review.decision,
      cases: {
        // error at `aprove`: Object literal may only specify known properties, but 'aprove' does not exist
        aprove: (g, { review }) => review,
        edit: (g, { review }) => review,
        reject: (g, { topic }) => topic,
      },
    });
    const on = g.branch("on", {
      needs: { review },
      // error at `decison`: Property 'decison' does not exist on type '{ decision: "approve" | "edit" | "reject"; body: string; }'. Did you mean 'decision'?
      on: ({ review }) => review.decison,
      cases: { approve: (g, { review }) => review },
    });
    const inline = g.branch("inline", {
      needs: { review },
      on: ({ review }) => review.decision,
      cases: {
        // error at `reviw`: Property 'reviw' does not exist on type '{ review: Node<{ decision: "approve" | "edit" | "reject"; body: string; }>; }'.
        approve: (g, { reviw }) => reviw,
        // error at `bod`: Property 'bod' does not exist on type '{ decision: "approve" | "edit" | "reject"; body: string; }'. Did you mean 'body'?
        edit: (g, { review }) => g.compute("edited", { needs: { review }, run: ({ review }) => review.bod }),
        // error at `reviw`: Cannot find name 'reviw'. Did you mean 'review'?
        reject: (g, { review }) => g.compute("rejected", { needs: { review: reviw }, run: ({ review }) => review }),
      },
    });
    const child = g.branch("child", {
      needs: { review },
      on: ({ review }) => review.decision,
      cases: {
        // error at `approve`: Type 'Contract<{ readonly channel: { id: string; limit: number; }; readonly text: string; }, { readonly post: string; }>' is not assignable
        approve: channelPost,
        edit: (g, { review }) => review,
        // error at `reject`: Type '() => string' is not assignable
        reject: () => "no node",
      },
    });
    const open = g.branch("open", {
      needs: { topic },
      // error at `on`: is not assignable to type '((needs: { readonly topic: string; }) => string) & NoInfer<DefaultIsMissing>'.
      on: ({ topic }) => topic,
      cases: { yes: (g, { topic }) => topic },
    });
    const openNumber = g.branch("open-number", {
      needs: { topic },
      // error at `on`: is not assignable to type '((needs: { readonly topic: string; }) => number) & NoInfer<DefaultIsMissing>'.
      on: ({ topic }) => topic.length,
      // error at `long`: Object literal may only specify known properties, and 'long' does not exist in type '{ readonly [x: number]:
      cases: { long: { when: { min: 100 }, run: (g, { topic }) => topic } },
    });
    const openPath = g.branch("open-path", {
      needs: { topic },
      // error at `on`: Type '"topic"' is not assignable
      on: "topic",
      cases: { yes: (g, { topic }) => topic },
    });
    const besides = g.branch("besides", {
      needs: { review },
      on: ({ review }) => review.decision,
      cases: { aprove: (g, { review }) => review },
      // error at `default`: & NeverGiven<
      default: (g, { review }) => review,
    });
    const noPath = g.branch("no-path", {
      needs: { review },
      // error at `on`: => string) & "review.decision")'.
      on: "review.decison",
      cases: { approve: (g, { review }) => review },
      default: (g, { review }) => review,
    });
    const noNeed = g.branch("no-need", {
      needs: { review },
      // error at `on`: Type '"reviw.decision"' is not assignable
      on: "reviw.decision",
      cases: { approve: (g, { review }) => review },
      default: (g, { review }) => review,
    });
    const noScalar = g.branch("no-scalar", {
      needs: { review },
      // error at `on`: Type '"review"' is not assignable
      on: "review",
      cases: { approve: (g, { review }) => review },
      default: (g, { review }) => review,
    });
    const pathMissing = g.branch("path-missing", {
      needs: { review },
      on: "review.decision",
      // error at `cases`: Property 'reject' is missing
      cases: { approve: (g, { review }) => review, edit: (g, { review }) => review },
    });
    const noMatcher = g.branch("no-matcher", {
      needs: { review, topic },
      on: "topic",
      cases: {
        // error at `minn`: Object literal may only specify known properties, but 'minn' does not exist in type 'Matcher'. Did you mean to write 'min'?
        long: { when: { minn: 3 }, run: (g, { review }) => review },
      },
      default: (g, { review }) => review,
    });
    const insideMatcher = g.branch("inside-matcher", {
      needs: { topic },
      on: "topic",
      cases: {
        // error at `topik`: Property 'topik' does not exist on type '{ topic: Node<string>; }'.
        long: { when: { matches: /a/ }, run: (g, { topik }) => topik },
      },
      // error at `topik`: Property 'topik' does not exist on type '{ topic: Node<string>; }'.
      default: (g, { topik }) => topik,
    });
    const flag = g.branch("flag", {
      needs: { topic },
      on: ({ topic }) => topic === "",
      // error at `cases`: Property 'false' is missing
      cases: { true: (g, { topic }) => topic },
    });
    return { open, openNumber, openPath, besides, noPath, noNeed, noScalar, pathMissing, noMatcher, insideMatcher, flag, missing, extra, misspelt, on, inline, child };
  },
});
