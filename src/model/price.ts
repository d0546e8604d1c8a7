// What a call costs. Prices are data with a date and a source; an unknown price gives null and never 0. Knows no provider.

import type { CacheSpan, Usage } from "./model.ts";

/** US dollars for a million tokens. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  /** Input read from a cache. Without it, a call that read from a cache has no known cost. */
  readonly cacheRead?: number;
  /**
   * Input written to a cache: one rate, or one for each span that it is kept. Without it, a call that wrote to a cache has no known cost;
   * with several, neither has one whose provider does not tell for how long it wrote.
   */
  readonly cacheWrite?: number | Readonly<Partial<Record<CacheSpan, number>>>;
}

/** What one model costs. */
export interface Price extends Rates {
  /** Rates of calls whose whole input, cached input included, is more than `inputTokens`: they hold for the whole call. The largest that is exceeded counts. */
  readonly above?: readonly ({ readonly inputTokens: number } & Rates)[];
}

/** Prices as somebody read them on one day. */
export interface PriceTable {
  /** The day the prices were read: `2026-11-21`. */
  readonly asOf: string;
  /** Where they were read: a page, a contract. */
  readonly source: string;
  /** By full model name: `anthropic:claude-sonnet-5-5`. `ollama:*` is every model of a provider that has no price of its own. */
  readonly models: Readonly<Record<string, Price>>;
  /** Other names of models that stand in `models`: `{ "anthropic:claude-sonnet-5-5-20261001": "anthropic:claude-sonnet-5-5" }`. No name is taken for another one that is not said here. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** After so many days prices count as doubtful; default 90. */
  readonly goodForDays?: number;
}

/** One table, or several: of two that know a model, the later one counts. */
export type Prices = PriceTable | readonly PriceTable[];

/**
 * The table used when a project gives none. It is empty, since Kindling
 * ships no price it cannot prove: bring your own with its date and source.
 */
export const NO_PRICES: PriceTable = { asOf: "2026-11-21", source: "none", models: {} };

/** A price, and the table it stands in. */
export interface FoundPrice {
  /** The name under which it stands there. */
  readonly name: string;
  readonly price: Price;
  readonly table: PriceTable;
}

const TOKENS_PER_PRICE = 1_000_000;

/** The tables, those that count first. */
export function tablesOf(prices: Prices): readonly PriceTable[] {
  return "models" in prices ? [prices] : prices.toReversed();
}

/** The price of a model under its full name; undefined when no table has it. A table's own name of a model goes before an alias, and that before `provider:*`. */
export function priceOf(model: string, prices: Prices): FoundPrice | undefined {
  const every = `${model.slice(0, model.indexOf(":"))}:*`;
  const tables = tablesOf(prices);
  // What is said of this very model in any table goes before what is said of all models of its provider in another.
  return firstOf(tables, (table) => own(table, model) ?? alias(table, model)) ?? firstOf(tables, (table) => own(table, every));
}

function firstOf(tables: readonly PriceTable[], find: (table: PriceTable) => FoundPrice | undefined): FoundPrice | undefined {
  for (const table of tables) {
    const found = find(table);
    if (found !== undefined) return found;
  }
  return undefined;
}

function own(table: PriceTable, name: string): FoundPrice | undefined {
  const price = Object.hasOwn(table.models, name) ? table.models[name] : undefined;
  return price === undefined ? undefined : { name, price, table };
}

function alias(table: PriceTable, model: string): FoundPrice | undefined {
  const { aliases = {} } = table;
  const name = Object.hasOwn(aliases, model) ? aliases[model] : undefined;
  return name === undefined ? undefined : own(table, name);
}

/**
 * The cost of one call in US dollars, or null when the model's price or a token count is unknown.
 * Reasoning tokens are part of the output and are not counted again; cached input is taken out of `input` and priced for itself.
 *
 * @param model the full name, `provider:model`
 */
export function costOf(model: string, usage: Usage, prices: Prices): number | null {
  const price = priceOf(model, prices)?.price;
  if (price === undefined || usage.input === null || usage.output === null) return null;
  const rates = ratesFor(price, usage.input);
  // A provider that tells nothing of a cache has none that changes the bill.
  const cacheRead = usage.cacheRead ?? 0;
  const cacheWrite = usage.cacheWrite ?? 0;
  const read = cacheRead === 0 ? 0 : times(rates.cacheRead, cacheRead);
  const written = cacheWrite === 0 ? 0 : writeCost(rates.cacheWrite, cacheWrite, usage.cacheWriteSpans);
  if (read === null || written === null) return null;
  const fresh = Math.max(usage.input - cacheRead - cacheWrite, 0);
  return (fresh * rates.input + read + written + usage.output * rates.output) / TOKENS_PER_PRICE;
}

/** The most that one call can cost with so many tokens, however much of its input is written to a cache; null when the price is unknown. */
export function mostOf(model: string, tokens: { readonly input: number; readonly output: number }, prices: Prices): number | null {
  const price = priceOf(model, prices)?.price;
  if (price === undefined) return null;
  const { input, cacheWrite = 0, output } = ratesFor(price, tokens.input);
  const dearest = Math.max(input, ...(typeof cacheWrite === "number" ? [cacheWrite] : Object.values(cacheWrite)));
  return (tokens.input * dearest + tokens.output * output) / TOKENS_PER_PRICE;
}

/** The least that one call can cost with so many tokens, however much of its input is read from a cache; null when the price is unknown. */
export function leastOf(model: string, tokens: { readonly input: number; readonly output: number }, prices: Prices): number | null {
  const price = priceOf(model, prices)?.price;
  if (price === undefined) return null;
  const { input, cacheRead = input, output } = ratesFor(price, tokens.input);
  return (tokens.input * Math.min(input, cacheRead) + tokens.output * output) / TOKENS_PER_PRICE;
}

function ratesFor(price: Price, inputTokens: number): Rates {
  const exceeded = (price.above ?? []).filter((tier) => inputTokens > tier.inputTokens);
  return exceeded.reduce<Rates & { readonly inputTokens?: number }>(
    (largest, tier) => (tier.inputTokens > (largest.inputTokens ?? -1) ? tier : largest),
    price,
  );
}

/** What is written for one span only has a rate that is known even where the provider does not divide it. */
function writeCost(rate: Rates["cacheWrite"], tokens: number, spans: Usage["cacheWriteSpans"]): number | null {
  if (rate === undefined || typeof rate === "number") return times(rate, tokens);
  if (spans === undefined) {
    const [only, ...others] = new Set(Object.values(rate));
    return others.length === 0 ? times(only, tokens) : null;
  }
  let cost = 0;
  let told = 0;
  for (const [span, count] of Object.entries(spans)) {
    if (count === 0) continue;
    // The keys of both are spans.
    const each = times(rate[span as CacheSpan], count);
    if (each === null) return null;
    cost += each;
    told += count;
  }
  return told === tokens ? cost : null;
}

function times(rate: number | undefined, tokens: number): number | null {
  return rate === undefined ? null : rate * tokens;
}
