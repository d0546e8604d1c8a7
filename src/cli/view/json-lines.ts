// JSON for people and files alike: laid out, and what a terminal would obey or a reader could not see written as JSON's own escapes, so that it stays the same value.

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** A value as lines of JSON. */
export function jsonLines(value: unknown): string[] {
  return JSON.stringify(value, undefined, 2)
    .split("\n")
    .map((line) => line.replace(HIDDEN, escaped));
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`).join("");
}
