// The contract: a model drafts, a person approves, the text is translated and published. What is done to the world is in press-room.ts.

import { contract, promptFile } from "kindling";
import { z } from "zod";
import { announce, archive, publish, withdraw } from "./press-room.ts";

const prompts = {
  draft: promptFile(new URL("draft.prompt.md", import.meta.url)),
  translate: promptFile(new URL("translate.prompt.md", import.meta.url)),
};

/** A press release in one language. */
export const Release = z.object({ title: z.string().min(1), text: z.string().min(1) });
export type Release = z.infer<typeof Release>;

/** What the editor decides. */
export const Review = z.object({ decision: z.enum(["approve", "reject"]), comment: z.string().optional() });

/** A language to translate into. */
export const Language = z.object({ code: z.string().regex(/^[a-z]{2}$/), name: z.string().min(1) });

/** Who decides, and how long that may take. */
const editor = { by: "human", timeout: "3d", remind: "1d" } as const;

const translation = contract("press-translation", {
  inputs: { language: Language, draft: Release },
  define: (g, needs) => g.llm("translate", { needs, prompt: prompts.translate, output: Release }),
});

/** A press release in several languages, approved by a person. */
export const pressRelease = contract("press-release", {
  version: "1",
  description: "Drafts a press release, and publishes it in several languages when a person has approved it.",
  inputs: {
    topic: z.string().min(1).describe("What it is about"),
    languages: z.array(Language).max(20).describe("What it is translated into"),
    room: z.string().min(1).default(".kindling/press-release/room").describe("The folder that plays the press room"),
  },
  correlate: ["topic"],

  define(g, { topic, languages, room }) {
    const draft = g.llm("draft", { needs: { topic }, prompt: prompts.draft, output: Release });
    const review = g.await("review", { event: "draft.reviewed", schema: Review, show: { draft }, ...editor });
    const outcome = g.branch("outcome", {
      needs: { draft, review, languages, room },
      on: "review.decision",
      cases: {
        approve(g, { draft, languages, room }) {
          const texts = g.collection("texts", { over: languages, as: "language", key: "code", with: { draft }, each: translation });
          const pages = g.effect("publish", { needs: { draft, texts, room }, run: publish, compensate: withdraw });
          g.effect("announce", { needs: { draft, pages, room }, run: announce, retry: { attempts: 3, backoff: "100ms" } });
          return pages;
        },
        reject: (g, needs) => g.effect("archive", { needs, run: archive }),
      },
    });
    return { draft, outcome };
  },
});
