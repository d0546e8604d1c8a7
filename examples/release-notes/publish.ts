// Writes the pages. A file is first written whole under another name and then renamed, so a reader never meets half a page; writing the same page
// again changes nothing, so a repeat after a crash is harmless and a compute node may do it.

import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "./changes.ts";

/** What is written, and where. */
export interface Publication {
  readonly folder: string;
  readonly release: string;
  readonly pages: readonly Page[];
  readonly review: { readonly comment?: string | undefined };
}

/** What became of the notes; the files in the order of the pages. */
export interface Published {
  readonly outcome: "published" | "archived";
  readonly files: readonly string[];
}

/** Writes one file for each audience. */
export async function publish({ folder, release, pages }: Publication): Promise<Published> {
  return { outcome: "published", files: await writePages(join(folder, release), pages) };
}

/** Puts rejected pages aside, with the reviewer's comment; every run has its own place there. */
export async function archive({ folder, runId, pages, review }: Publication & { readonly runId: string }): Promise<Published> {
  const reason: Page = { audience: "why-rejected", markdown: `${review.comment ?? "No reason was given."}\n` };
  return { outcome: "archived", files: await writePages(join(folder, "rejected", runId), [...pages, reason]) };
}

async function writePages(folder: string, pages: readonly Page[]): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const { audience, markdown } of pages) {
    const file = join(folder, `${audience}.md`);
    await writeFile(`${file}.part`, markdown, { flush: true });
    await rename(`${file}.part`, file);
    files.push(file);
  }
  return files;
}
