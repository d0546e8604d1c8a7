// The contract: a change log comes in, a model sorts it, one note is written for each audience, a person decides, and files come out.

import { contract, promptFile } from "kindling";
import { z } from "zod";
import { Audience, draftOf, Note, type Page, pageOf, type Proof, readEntries, Sorting } from "./changes.ts";
import { archive, publish } from "./publish.ts";

const prompts = {
  sort: promptFile(new URL("../../prompts/release-notes-sort.prompt.md", import.meta.url)),
  write: promptFile(new URL("../../prompts/release-notes-write.prompt.md", import.meta.url)),
};

/** What the reviewer decides. `edits` holds whole pages by audience and counts for `edit` only. */
export const Review = z.object({
  decision: z.enum(["approve", "edit", "reject"]),
  comment: z.string().optional(),
  edits: z.record(z.string(), z.string()).optional(),
});
export type Review = z.infer<typeof Review>;

/** Release notes for several audiences from one change log. */
export const releaseNotes = contract("release-notes", {
  version: "1",
  description: "Sorts a change log, writes one release note for each audience, and publishes what a person approved.",
  inputs: {
    project: z.string().min(1).describe("The project's name"),
    release: z
      .string()
      .regex(/^\w[\w.-]*$/)
      .describe("The version the change log is about"),
    changelog: z.string().min(1).describe('The change log; every entry starts with "- "'),
    audiences: z.array(Audience).min(1).max(20),
    folder: z.string().min(1).describe("Where the notes are written"),
  },
  correlate: ["release"],

  define(g, { project, release, changelog, audiences, folder }) {
    const entries = g.compute("entries", { needs: { changelog }, run: ({ changelog }) => readEntries(changelog) });

    const sort = g.llm("sort", { needs: { project, release, entries }, prompt: prompts.sort, output: Sorting });
    const draft = g.compute("draft", { needs: { entries, sort }, run: ({ entries, sort }) => draftOf(entries, sort) });

    const notes = g.collection("notes", {
      over: audiences,
      as: "audience",
      key: (audience) => audience.id,
      with: { project, release, entries, draft },
      // The prompts begin alike: two at a time, so that the later ones find what the first have left in the provider's cache.
      concurrency: 2,
      each: (g, { project, release, entries, draft, audience }) => {
        const note = g.llm("write", { needs: { project, release, draft, audience }, prompt: prompts.write, output: Note });
        return g.compute("page", {
          needs: { project, release, audience, note, entries },
          run: ({ note, entries, ...heading }) => pageOf(heading, note, entries),
        });
      },
    });

    const proof = g.compute("proof", {
      description: "What the reviewer sees: the pages, and what is missing from them.",
      needs: { draft, notes },
      run: ({ draft, notes }): Proof => ({
        headline: draft.headline,
        pages: Object.values(notes.successes),
        notWritten: Object.entries(notes.failures).map(([audience, { message }]) => ({ audience, message })),
        unsorted: [...draft.unsorted],
      }),
    });

    const review = g.await("review", { event: "notes.reviewed", schema: Review, show: { proof }, by: "human", timeout: "7d" });

    const published = g.branch("publish", {
      needs: { proof, review, release, folder },
      on: ({ review }) => review.decision,
      cases: {
        approve: (g, needs) =>
          g.effect("files", { needs, run: ({ proof, ...place }, { runId }) => publish({ ...place, runId, pages: proof.pages }) }),
        edit: (g, needs) =>
          g.effect("files", {
            needs,
            run: ({ proof, ...place }, { runId }) => publish({ ...place, runId, pages: edited(proof.pages, place.review) }),
          }),
        reject: (g, needs) =>
          g.effect("files", { needs, run: ({ proof, ...place }, { runId }) => archive({ ...place, runId, pages: proof.pages }) }),
      },
    });

    return { headline: g.compute("headline", { needs: { draft }, run: ({ draft }) => draft.headline }), published };
  },
});

function edited(pages: readonly Page[], { edits = {} }: Review): readonly Page[] {
  return pages.map((page) => ({ ...page, markdown: edits[page.audience] ?? page.markdown }));
}
