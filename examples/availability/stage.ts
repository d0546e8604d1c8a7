// What a chapter of the story has in its hands, and how far the story is. That stands in the ledger, too, so whoever is killed in the middle goes on there.

import { defineHistory, type Kindling, type Producer } from "kindling";
import type { ManualClock } from "kindling/testing";
import { z } from "zod";

/** The chapters that were told. */
export const chapters = defineHistory("chapters", { schema: z.object({ title: z.string() }) });

/** Who records what comes by telephone. */
export const office: Producer = { kind: "person", name: "office" };

export interface Stage {
  readonly kindling: Kindling;
  /** Prints a line. */
  readonly say: (line: string) => void;
}

export interface Chapter {
  readonly title: string;
  /** When it plays. */
  readonly at: string;
  /** May be begun again after a crash: whatever it records has a key, or is done once by itself. */
  readonly tell: (stage: Stage) => Promise<void>;
}

/** Tells what was not told yet; says how many chapters had been. */
export async function play(
  story: readonly Chapter[],
  kindling: Kindling,
  clock: ManualClock,
  print: (text: string) => void,
): Promise<number> {
  const told = new Set((await kindling.history(chapters).read({ limit: 100 })).items.map(({ value }) => value.title));
  for (const { title, at, tell } of story) {
    clock.set(Date.parse(at));
    if (told.has(title)) continue;
    const lines: string[] = [];
    await tell({ kindling, say: (line) => void lines.push(line) });
    // What follows is derived at the time of the chapter, too.
    await kindling.derivations.settle();
    print([title, "─".repeat(title.length), ...lines, ""].join("\n"));
    await kindling.history(chapters).append({ title }, { idempotencyKey: title });
  }
  return told.size;
}

/** A day or a time as people say it. All times are UTC. */
export function dayText(day: string | number): string {
  return new Date(day).toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).replace(",", "");
}

export function timeText(time: number): string {
  return `${dayText(time)} ${new Date(time).toISOString().slice(11, 16)}`;
}

/** An id as people can read it, without the digits that say that nobody changed it. */
export function brief(id: string): string {
  return id.replace(/^(?:store|history):/, "").replace(/#[0-9a-f]+/g, "");
}
