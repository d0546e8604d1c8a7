// How times and commands stand in the texts of explanations and comparisons: for people by their clock, for programs in ISO form. No clock here: what is "ago" is the style's to know.

/** How a text is written. Each function gives a phrase: `at …`, `since …`, `until …`, as it stands in a sentence. */
export interface TextStyle {
  /** How the reader calls the command line: `kindling`, `npx kindling`. */
  readonly program: string;
  readonly at: (time: number) => string;
  readonly since: (time: number) => string;
  readonly until: (time: number) => string;
}

/** ISO times: for programs, and the same whenever it is asked. */
export const AGENT_STYLE: TextStyle = {
  program: "kindling",
  at: (time) => `at ${iso(time)}`,
  since: (time) => `since ${iso(time)}`,
  until: (time) => `until ${iso(time)}`,
};

function iso(time: number): string {
  return new Date(time).toISOString();
}
