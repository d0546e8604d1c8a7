// What the rule-based stand-in would cost if it were a model: play money, so that a run without any model shows what a run with one tells.

import type { PriceTable } from "kindling";

/** A round price for made-up tokens. No provider asks for it. */
export const standInPrice: PriceTable = {
  asOf: "2026-11-21",
  source: "made up for this example",
  goodForDays: 36_500,
  models: { "rules:words": { input: 1, output: 4, cacheRead: 0.1, cacheWrite: 1 } },
};
