// The words of a report that its renderers share: values as text and cut, times, counts, spending. Knows no format.

import type { JsonValue } from "../json.ts";
import { describeMilliseconds } from "../graph/duration.ts";
import { seenText } from "../graph/drawing-label.ts";
import type { ReportedMoment, ReportedWait, RunReport } from "./report.ts";
import type { Spending } from "./spending.ts";
import { describeCost } from "./spending-text.ts";

/** What renderers tell at most of a long list; all of it is in the report itself. */
export const SHOWN = { errors: 20, waits: 50, collections: 50, items: 50, moments: 200 } as const;

/** How much of one value renderers show. */
const LINES_LIMIT = 20;
const CHARACTERS_LIMIT = 2_000;
/** A value that is no text stands on one line when it is not longer. */
const LINE_LIMIT = 72;

/** A value's lines, and when they are cut how long it is in full. */
export interface ShownValue {
  readonly lines: readonly string[];
  readonly cut: string | undefined;
}

/** A value as people read it: text as it stands, everything else as JSON; long ones are cut. Hidden characters are written as their code points. */
export function shownValue(value: JsonValue): ShownValue {
  return shownText(typeof value === "string" ? value : jsonText(value));
}

/** A text as people read it, cut like a value. */
export function shownText(text: string): ShownValue {
  const lines = text.replace(/\r\n/g, "\n").trimEnd().split("\n");
  const kept: string[] = [];
  let room = CHARACTERS_LIMIT;
  for (const line of lines.slice(0, LINES_LIMIT)) {
    if (room <= 0) break;
    // A pair of code units that is one character is not cut in two.
    kept.push(line.slice(0, room).replace(/[\uD800-\uDBFF]$/, ""));
    room -= line.length + 1;
  }
  const isCut = kept.length < lines.length || kept.at(-1) !== lines.at(-1);
  const length = `${grouped(text.length)} characters${lines.length > 1 ? ` in ${grouped(lines.length)} lines` : ""}`;
  return { lines: text === "" ? ["(empty text)"] : kept.map(visibleLine), cut: isCut ? `cut; all of it has ${length}` : undefined };
}

function jsonText(value: JsonValue): string {
  const short = JSON.stringify(value);
  return short.length <= LINE_LIMIT ? short : JSON.stringify(value, undefined, 2);
}

/** A line with its spaces, and hidden characters written as their code points. */
function visibleLine(line: string): string {
  return line
    .split(/( +|\t)/)
    .map((piece) => (piece.trim() === "" ? piece : seenText(piece)))
    .join("");
}

/** What the first of a list are, and a word about the others. */
export function firstOf<T>(all: readonly T[], limit: number): { readonly shown: readonly T[]; readonly rest: string | undefined } {
  const rest = all.length - limit;
  return { shown: all.slice(0, limit), rest: rest > 0 ? `… ${grouped(rest)} more, which are in the report as JSON` : undefined };
}

/** `failed in 3.2 s`, `waiting`. */
export function describeStatus({ status, durationMs, endedAt }: RunReport): string {
  return endedAt === null ? status : `${status} in ${describeMilliseconds(durationMs)}`;
}

/** A time in UTC, to the second: `2026-11-21 04:52:24 UTC`. */
export function describeTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `9: 7 succeeded, 1 failed`. */
export function describeCounts(total: number, byStatus: Readonly<Record<string, number>>): string {
  const each = Object.entries(byStatus).map(([status, count]) => `${grouped(count)} ${seenText(status)}`);
  return each.length === 0 ? grouped(total) : `${grouped(total)}: ${each.join(", ")}`;
}

/** `2 model calls, 812 tokens in, 220 out, $0.0042`; undefined when no model was called. */
export function describeSpending(spending: Spending): string | undefined {
  const { calls, inputTokens, outputTokens } = spending;
  if (calls === 0) return undefined;
  return `${grouped(calls)} model ${calls === 1 ? "call" : "calls"}, ${grouped(inputTokens)} tokens in, ${grouped(outputTokens)} out, ${describeCost(spending)}`;
}

/** Who is waited for: `a person (editor)`, `the event`, `a time`. */
export function describeWho({ by, roles }: ReportedWait): string {
  if (by === "time" || by === "history") return `a ${by}`;
  const wanted = roles.length === 0 ? "" : ` (${roles.map(seenText).join(" or ")})`;
  return by === "human" ? `a person${wanted}` : `anybody${wanted}`;
}

/** What a node did, in a few words: its duration stands apart. */
export function describeMoment({ attempts, note }: ReportedMoment): string {
  return [...(note === null ? [] : [seenText(note)]), ...(attempts > 1 ? [`${attempts} attempts`] : [])].join(", ");
}

/** A duration, or nothing. */
export function describeDuration(ms: number | null): string {
  return ms === null ? "" : describeMilliseconds(ms);
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
