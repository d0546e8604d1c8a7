// Where findings of a document go, each with its place. Bounded, so that a document of mistakes stays readable and cheap.

import type { Finding, FindingCode } from "../graph/finding.ts";
import { nearest } from "../graph/nearest.ts";

/** Tells what is wrong at a place such as `$.nodes[3].needs.draft`. */
export type Report = (code: FindingCode, at: string, message: string, hint: string | (() => string), node?: string) => void;

/** Findings told at most; how many there are besides is told in one more. */
export const FINDINGS_LIMIT = 200;

/** What was found, and how to tell it. */
export interface Findings {
  readonly report: Report;
  /** True when something was told. */
  readonly isEmpty: () => boolean;
  readonly all: () => readonly Finding[];
}

/** An empty list of findings of a document. */
export function findingsOf(contract: string): Findings {
  const found: Finding[] = [];
  let left = 0;
  return {
    report: (code, at, message, hint, node) => {
      if (found.length < FINDINGS_LIMIT)
        found.push({
          code,
          severity: "error",
          contract,
          ...(node === undefined ? {} : { node }),
          message: `${at} ${message}`,
          hint: typeof hint === "string" ? hint : hint(),
        });
      else left += 1;
    },
    isEmpty: () => found.length === 0,
    all: () =>
      left === 0
        ? found
        : [
            ...found,
            {
              code: "bad_document",
              severity: "error",
              contract,
              message: `$ has ${left} more findings that are not listed`,
              hint: "Cure these first; the others will be told then.",
            },
          ],
  };
}

const NAMES_SHOWN = 20;
const NAMES_COMPARED = 2_000;
const NAME_LIMIT = 200;

/** What somebody probably meant; of many names only one that is near. */
export function meant(name: string, known: Iterable<string>): string {
  const names = [...known];
  const near = name.length > NAME_LIMIT ? undefined : nearest(name, names.slice(0, NAMES_COMPARED));
  if (near !== undefined) return `Did you mean "${near}"?`;
  if (names.length === 0) return "There are none.";
  const shown = names.slice(0, NAMES_SHOWN).map((each) => `"${each}"`);
  return `Known: ${shown.join(", ")}${names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : ""}.`;
}
