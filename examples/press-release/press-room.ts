// What the example does to the world: files in a folder that plays the press room. Every action is known by its key, so doing it twice does nothing more.

import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AuthorContext, CollectionResult } from "kindling";
import type { Release } from "./contract.ts";

/** What was published. */
export interface Published {
  readonly status: "published";
  /** Paths of the pages, the original first. */
  readonly pages: readonly string[];
  /** Codes of the languages whose translation failed. */
  readonly missing: readonly string[];
}

/** A draft that was put aside. */
export interface Archived {
  readonly status: "archived";
  readonly file: string;
  readonly reason: string;
}

interface Place {
  readonly room: string;
}

/** Writes one page for each language there is a text in. */
export async function publish(
  { draft, texts, room }: Place & { readonly draft: Release; readonly texts: CollectionResult<Release> },
  { runId }: Pick<AuthorContext, "runId">,
): Promise<Published> {
  const folder = join(room, runId);
  await mkdir(folder, { recursive: true });
  const pages: string[] = [];
  for (const [language, { title, text }] of Object.entries({ en: draft, ...texts.successes })) {
    const page = join(folder, `${language}.md`);
    await writeFile(page, `# ${title}\n\n${text}\n`);
    pages.push(page);
  }
  return { status: "published", pages, missing: Object.keys(texts.failures) };
}

/** Takes the pages down again: when the run fails or is cancelled after they were published. */
export async function withdraw({ pages }: Published): Promise<void> {
  for (const page of pages) await rm(page, { force: true });
}

/** Tells the wire, once: a line that is there already is not written again. */
export async function announce(
  { draft, pages, room }: Place & { readonly draft: Release; readonly pages: Published },
  { idempotencyKey }: Pick<AuthorContext, "idempotencyKey">,
): Promise<{ readonly announced: boolean }> {
  const wire = join(room, "wire.log");
  const known = await readFile(wire, { encoding: "utf8", flag: "a+" });
  const isNew = !known.includes(idempotencyKey);
  if (isNew) await appendFile(wire, `${idempotencyKey}\t${draft.title}\t${pages.pages.length} languages\n`);
  return { announced: isNew };
}

/** Puts a rejected draft aside, with the reason. */
export async function archive(
  { draft, review, room }: Place & { readonly draft: Release; readonly review: { readonly comment?: string | undefined } },
  { runId }: Pick<AuthorContext, "runId">,
): Promise<Archived> {
  const reason = review.comment ?? "no reason was given";
  const file = join(room, "archive", `${runId}.md`);
  await mkdir(join(room, "archive"), { recursive: true });
  await writeFile(file, `Rejected: ${reason}\n\n# ${draft.title}\n\n${draft.text}\n`);
  return { status: "archived", file, reason };
}
