// What a call costs. Prices are data with a date and a source; an unknown price gives null and never 0. Knows no provider.

import type { Usage } from "./model.ts";

/** US dollars for a million tokens of one model. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** Input read from a cache. Without it, a call that read from a cache has no known cost. */
  readonly cacheRead?: number;
  /** Input written to a cache. Without it, a call that wrote to a cache has no known cost. */
  readonly cacheWrite?: number;
}

/** Prices as somebody read them on one day. */
export interface PriceTable {
  /** The day the prices were read: `2026-11-21`. */
  readonly asOf: string;
  /** Where they were read: a page, a contract. */
  readonly source: string;
  /** By full model name: `anthropic:claude-sonnet-5-5`. */
  readonly models: Readonly<Record<string, Price>>;
}

/**
 * The table used when a project gives none. It is empty, since Kindling
 * ships no price it cannot prove: bring your own with its date and source.
 */
export const NO_PRICES: PriceTable = { asOf: "2026-11-21", source: "none", models: {} };

const TOKENS_PER_PRICE = 1_000_000;

/**
 * The cost of one call in US dollars, or null when the model's price or a token count is unknown.
 * Reasoning tokens are part of the output and are not counted again; cached input is taken out of `input` and priced for itself.
 *
 * @param model the full name, `provider:model`
 */
export function costOf(model: string, usage: Usage, prices: PriceTable): number | null {
  const price = Object.hasOwn(prices.models, model) ? prices.models[model] : undefined;
  if (price === undefined || usage.input === null || usage.output === null) return null;

  // A provider that tells nothing of a cache has none that changes the bill.
  const cacheRead = usage.cacheRead ?? 0;
  const cacheWrite = usage.cacheWrite ?? 0;
  if ((cacheRead > 0 && price.cacheRead === undefined) || (cacheWrite > 0 && price.cacheWrite === undefined)) return null;

  const fresh = Math.max(usage.input - cacheRead - cacheWrite, 0);
  const total =
    fresh * price.input + cacheRead * (price.cacheRead ?? 0) + cacheWrite * (price.cacheWrite ?? 0) + usage.output * price.output;
  return total / TOKENS_PER_PRICE;
}
