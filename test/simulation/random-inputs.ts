// What random contracts are started and updated with.

import { fc } from "../fast-check.ts";

/** The inputs of a random contract; the first finds the run. */
export interface Inputs {
  readonly seed: string;
  readonly a: number;
  /** Items as `<key>-<text>`. */
  readonly list: readonly string[];
}

export const INPUTS: Inputs = { seed: "s", a: 0, list: ["x-1", "y-1"] };

/** Inputs that are different, or not. */
export const someInputs: fc.Arbitrary<Partial<Inputs>> = fc.record(
  {
    a: fc.nat(3),
    list: fc
      .uniqueArray(fc.tuple(fc.constantFrom("w", "x", "y", "z"), fc.nat(2)), { maxLength: 3, selector: ([key]) => key })
      .map((items) => items.map(([key, text]) => `${key}-${text}`)),
  },
  { requiredKeys: [] },
);
