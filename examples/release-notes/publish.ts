// Writes the pages. A file is first written whole under another name, which each run has of its own, and then renamed, so a reader never meets half a
// page. Writing the same page again changes nothing, so the effect may be repeated after a crash.

import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "./changes.ts";

/** What is written, and where. */
export interface Publication {
  readonly folder: string;
  readonly release: string;
  readonly runId: string;
  readonly pages: readonly Page[];
  readonly review: { readonly comment?: string | undefined };
}

/** What became of the notes; the files in the order of the pages. */
export interface Published {
  readonly outcome: "published" | "archived";
  readonly files: readonly string[];
}

/** Writes one file for each audience. */
export async function publish({ folder, release, runId, pages }: Publication): Promise<Published> {
  return { outcome: "published", files: await writePages(join(folder, release), runId, pages) };
}

/** Puts rejected pages aside, with the reviewer's comment; every run has its own place there. */
export async function archive({ folder, runId, pages, review }: Publication): Promise<Published> {
  const reason: Page = { audience: "why-rejected", markdown: `${review.comment ?? "No reason was given."}\n` };
  return { outcome: "archived", files: await writePages(join(folder, "rejected", runId), runId, [...pages, reason]) };
}

async function writePages(folder: string, runId: string, pages: readonly Page[]): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const { audience, markdown } of pages) {
    const file = join(folder, `${audience}.md`);
    const part = `${file}.${runId}.part`;
    await writeFile(part, markdown, { flush: true });
    await rename(part, file);
    files.push(file);
  }
  return files;
}
