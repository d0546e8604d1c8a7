// HTML that is safe by the way it is written: what stands in a template is markup, and whatever is put into it is text, with hidden characters shown.

import { HIDDEN_MARK, visible } from "../index.ts";

/** A piece of markup. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/** What may be put into a template. */
export type Part = Html | string | number | undefined | readonly Part[];

/** Markup from a template. Texts are escaped, and what a reader could not see in them is pointed out. */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(template.map((markup, index) => (index === 0 ? markup : `${rendered(parts[index - 1])}${markup}`)).join(""));
}

/** A text as it is, character by character: for what a form sends back and for addresses. */
export function exact(text: string): Html {
  return new Html(escaped(text));
}

function rendered(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.toString();
  if (typeof part === "string" || typeof part === "number") return pointedOut(visible(String(part)));
  return part.map(rendered).join("");
}

function pointedOut(text: string): string {
  const marks = text.match(HIDDEN_MARK) ?? [];
  const plain = text.split(HIDDEN_MARK).map(escaped);
  return plain
    .map((each, index) => (index === 0 ? each : `<mark>${escaped((marks[index - 1] ?? "").slice(1, -1))}</mark>${each}`))
    .join("");
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
