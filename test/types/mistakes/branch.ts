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
    return { missing, extra, misspelt, on, inline, child };
  },
});
