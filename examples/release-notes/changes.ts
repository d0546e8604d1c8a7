// What the example's data looks like, and the pure steps between the models' answers: from a change log to numbered entries, to groups, to pages.

import { z } from "zod";

/** Who a note is for. `words` are what they look out for. */
export const Audience = z.object({ id: z.string().regex(/^[a-z-]+$/), title: z.string(), words: z.string() });
export type Audience = z.infer<typeof Audience>;

/** The groups of entries, in the order a reader wants them. */
export const GROUPS = ["breaking", "features", "performance", "fixes", "upkeep"] as const;

const Numbers = z.array(z.int());

/** What the model answers when it sorts: entries by their numbers, so that it need not repeat them. */
export const Sorting = z.object({
  headline: z.string(),
  groups: z.object({ breaking: Numbers, features: Numbers, performance: Numbers, fixes: Numbers, upkeep: Numbers }),
});
export type Sorting = z.infer<typeof Sorting>;

/** What the model answers when it writes a note. */
export const Note = z.object({
  lead: z.string(),
  points: z.array(z.object({ entry: z.int(), text: z.string() })).max(12),
});
export type Note = z.infer<typeof Note>;

/** A note as it is published: one file. */
export const Page = z.object({ audience: z.string(), markdown: z.string() });
export type Page = z.infer<typeof Page>;

/** What the reviewer is shown: the pages, and what is missing from them. */
export const Proof = z.object({
  headline: z.string(),
  pages: z.array(Page),
  /** Audiences whose note could not be written, and why. */
  notWritten: z.array(z.object({ audience: z.string(), message: z.string() })),
  /** Entries that the model put into no group, by number. */
  unsorted: z.array(z.number()),
});
export type Proof = z.infer<typeof Proof>;

/** One entry of the change log: its number from 1, its text on one line, the pull request it names. */
export interface Entry {
  readonly number: number;
  readonly text: string;
  readonly pull: string | null;
}

/** All entries, and the same as numbered lines: what a prompt shows. */
export interface Entries {
  readonly list: readonly Entry[];
  readonly text: string;
}

/** The sorted change log, and what could not be sorted. */
export interface Draft {
  readonly headline: string;
  readonly text: string;
  /** Numbers the model left out: told to the reviewer, so that none gets lost unseen. */
  readonly unsorted: readonly number[];
}

/** Reads a change log: an entry is a line that starts with "- ", together with the indented lines below it. */
export function readEntries(changelog: string): Entries {
  const texts: string[] = [];
  for (const line of changelog.split(/\r?\n/)) {
    if (line.startsWith("- ")) texts.push(line.slice(2).trim());
    else if (/^\s+\S/.test(line) && texts.length > 0) texts.push(`${texts.pop()} ${line.trim()}`);
  }
  if (texts.length === 0) throw new Error('the change log has no entries: lines that start with "- "');
  const list = texts.map((text, index) => ({ number: index + 1, text, pull: /\(#(\d+)\)$/.exec(text)?.[1] ?? null }));
  return { list, text: list.map(numbered).join("\n") };
}

/** Puts the entries under their groups. Numbers nobody knows are dropped, and one that is named twice stays where it was named first. */
export function draftOf({ list }: Entries, { headline, groups }: Sorting): Draft {
  const left = new Map(list.map((entry) => [entry.number, entry]));
  const sections = GROUPS.map((group) => {
    const lines = groups[group].flatMap((number) => {
      const entry = left.get(number);
      left.delete(number);
      return entry === undefined ? [] : [numbered(entry)];
    });
    return [`${group}:`, ...lines].join("\n");
  });
  return { headline, text: sections.join("\n\n"), unsorted: [...left.keys()] };
}

/** A note as Markdown. Every point ends with the pull request of its entry; a point about an entry that does not exist is left out. */
export function pageOf(
  heading: { readonly project: string; readonly release: string; readonly audience: Audience },
  note: Note,
  { list }: Entries,
): Page {
  const { project, release, audience } = heading;
  const points = note.points.flatMap(({ entry, text }) => {
    const source = list[entry - 1];
    if (source === undefined) return [];
    return [`- ${text.trim()}${source.pull === null ? "" : ` (#${source.pull})`}`];
  });
  return { audience: audience.id, markdown: `# ${project} ${release}: ${audience.title}\n\n${note.lead.trim()}\n\n${points.join("\n")}\n` };
}

function numbered({ number, text }: Entry): string {
  return `${number}. ${text}`;
}
