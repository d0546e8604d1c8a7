// Colour by meaning. Renderers are handed a `Paint` and never ask whether there is a terminal.

import { styleText } from "node:util";

/** What a piece of text means to the reader. */
export type Tone = "strong" | "faint" | "good" | "bad" | "warn" | "accent" | "alarm";

/** Puts a tone on a text, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

const FORMATS = {
  strong: "bold",
  faint: "dim",
  good: "green",
  bad: "red",
  warn: "yellow",
  accent: "cyan",
  alarm: "inverse",
} as const;

/** No colour: for files, pipes and tests. */
export const plainPaint: Paint = (_tone, text) => text;

/** Colour if the stream is a terminal that shows it and `NO_COLOR` is not set. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (tone, text) => styleText(FORMATS[tone], text, { stream, validateStream: true });
}
