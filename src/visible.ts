// Makes text from outside safe to show: what a terminal would obey, or a reader could not see, is written as its code point.
// Everything that is shown to a person and was not written by Kindling itself goes through here. Knows no surface.

/**
 * Control characters, format characters (bidirectional marks and overrides, zero-width characters, soft hyphens, tags), separators that look like
 * line ends, private and unpaired code points, fillers that look like nothing, and variation selectors that can carry hidden text.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\u115F\u1160\u2800\u3164\uFFA0]|\u17B4|\u17B5|[\u{E0100}-\u{E01EF}]/gu;

/** The text with every hidden character shown as `<U+202E>`. Line ends and tabs stay; a carriage return in a line end is dropped. */
export function visible(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(HIDDEN, (character) => (character === "\n" || character === "\t" ? character : codePoint(character)));
}

/** Marks of hidden characters within a text, for renderers that point them out. */
export const HIDDEN_MARK = /<U\+[0-9A-F]{4,6}>/g;

function codePoint(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`;
}
