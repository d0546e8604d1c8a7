// How long these tests play, and what: KINDLING_SOAK=1 plays the long form, KINDLING_SEED=17 plays that seed again.

/** What all random choices begin with. */
export const SEED = Number(process.env["KINDLING_SEED"] ?? 20_261_121);

/** True for the long form. */
export const IS_SOAK = process.env["KINDLING_SOAK"] === "1";

/** As many as fit into every check, or as many as fit into a night. */
export function sample(short: number, long: number): number {
  return IS_SOAK ? long : short;
}
