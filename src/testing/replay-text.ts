// A replay told in lines: which nodes ask to be recorded again and why, and what came out differently. Pure.

import type { AlteredNode } from "./tape.ts";

/** What there is to tell. */
export interface Told {
  readonly altered: readonly AlteredNode[];
  readonly problems: readonly string[];
  readonly outcome: readonly string[];
  /** True when the contract's plan is another than when the run was recorded. */
  readonly isOtherPlan: boolean;
}

/** The lines of a replay that is not as it was recorded; the first says it in one sentence. */
export function replayLines({ altered, problems, outcome, isOtherPlan }: Told): readonly string[] {
  const contract = isOtherPlan ? "; the contract is not the one it was recorded with" : "";
  return [
    `${headline(altered, problems.length + outcome.length)}${contract}`,
    ...altered.flatMap((node) => ["", ...alteredLines(node)]),
    ...[...problems, ...outcome].flatMap((text) => ["", ...text.split("\n")]),
  ];
}

function headline(altered: readonly AlteredNode[], others: number): string {
  if (altered.length === 0)
    return others === 0 ? "the run is as it was recorded" : "everything from outside is as it was recorded, and the run went another way";
  const paths = altered.map(({ path }) => path);
  const named =
    paths.length > NAMED_LIMIT ? `${paths.slice(0, NAMED_LIMIT).join(", ")} and ${paths.length - NAMED_LIMIT} more` : paths.join(", ");
  return `${altered.length} ${altered.length === 1 ? "node asks" : "nodes ask"} to be recorded again: ${named}`;
}

const NAMED_LIMIT = 5;

function alteredLines({ path, what, of, difference }: AlteredNode): readonly string[] {
  const shown = difference === "" ? [] : difference.split("\n").map((line) => `  ${line}`.trimEnd());
  return [
    `${path}: ${REASONS[what][of]}${what === "changed" && difference === "" ? ", and what was asked then is not in the recording" : ""}`,
    ...shown,
  ];
}

const REASONS = {
  changed: { model: "the model is asked something else", world: "it reads something else" },
  new: { model: "the recording has no such call of a model", world: "the recording has nothing for it" },
  gone: { model: "the model is not asked any more", world: "it does not run any more" },
} as const;
