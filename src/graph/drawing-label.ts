// What stands written in a picture, and in which colours: labels, titles and states, before a format puts them into its own signs. Knows no format.

import type { DrawingBox, DrawingNode, Standing } from "./drawing.ts";

/** The lines of a node's label: its name, what it is, and how it stands. */
export function labelOf({ name, kind, shape, lines, standing }: DrawingNode): string[] {
  const what = [...(shape === "input" ? [] : [kind]), ...lines].join(", ");
  return [name, ...(what === "" ? [] : [what]), ...(standing === undefined ? [] : [describeStanding(standing)])];
}

/** The title of a child's box: the contract, or the part it is where it has no name of its own; what it gives, and how it stands. */
export function titleOf({ part, contract, outputs, isCut, standing }: DrawingBox): string {
  const gives = outputs.map(({ name, node }) => (name === "" ? node : name)).join(", ");
  return [
    contract === undefined ? part : `${contract.name} ${contract.version}`,
    ...(isCut ? ["not drawn: the picture is full"] : [`gives ${gives}`]),
    ...(standing === undefined ? [] : [describeStanding(standing)]),
  ].join(" · ");
}

/** The local names of a need that tell more than its node's name: none where a node is read under its own name, its scope left out or not. */
export function otherLocals({ node, locals }: DrawingNode["needs"][number]): readonly string[] {
  const [only, ...more] = locals;
  return more.length === 0 && (only === node || only === node.slice(node.lastIndexOf(".") + 1)) ? [] : locals;
}

/** `succeeded`; of several `1 failed, 2 succeeded`. */
export function describeStanding({ status, counts }: Standing): string {
  const each = Object.entries(counts);
  if (each.length === 1 && counts[status] === 1) return status;
  return each.map(([word, count]) => `${count} ${word}`).join(", ");
}

/** Colours of a status. Fill and text are given together, so that they can be read in light and dark pages. */
export interface StatusColours {
  readonly fill: string;
  readonly stroke: string;
  readonly text: string;
}

const COLOURS: ReadonlyMap<string, StatusColours> = new Map([
  ["pending", { fill: "#f8fafc", stroke: "#64748b", text: "#334155" }],
  ["blocked", { fill: "#f8fafc", stroke: "#64748b", text: "#334155" }],
  ["running", { fill: "#dbeafe", stroke: "#2563eb", text: "#1e3a8a" }],
  ["waiting", { fill: "#fef3c7", stroke: "#b45309", text: "#78350f" }],
  ["succeeded", { fill: "#dcfce7", stroke: "#15803d", text: "#14532d" }],
  ["failed", { fill: "#fee2e2", stroke: "#dc2626", text: "#7f1d1d" }],
  ["skipped", { fill: "#e5e7eb", stroke: "#6b7280", text: "#374151" }],
  ["stale", { fill: "#f3e8ff", stroke: "#9333ea", text: "#581c87" }],
]);

/** For a status that is not known here. */
const OTHER: StatusColours = { fill: "#ccfbf1", stroke: "#0f766e", text: "#134e4a" };

/** The colours of a status, under a name that every format can take: the status itself, or `other` for one that is not known here. */
export function coloursOf(status: string): readonly [name: string, colours: StatusColours] {
  const known = COLOURS.get(status);
  return known === undefined ? ["other", OTHER] : [status, known];
}

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** The text on one line, with every character that could not be seen, or would be obeyed, written as its code point. */
export function seenText(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .trim()
    .replace(HIDDEN, (character) => `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`);
}
