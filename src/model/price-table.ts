// What can be wrong or doubtful about a table of prices. Pure: the time is handed in.

import type { CacheSpan } from "./model.ts";
import { tablesOf, type FoundPrice, type Price, type PriceTable, type Prices, type Rates } from "./price.ts";

const GOOD_FOR_DAYS = 90;
const DAY_MS = 86_400_000;

/** A price that may no longer be true. */
export interface PriceDoubt {
  readonly code: "price_old";
  readonly model: string;
  /** The day it was read. */
  readonly asOf: string;
  readonly ageDays: number;
  readonly message: string;
  readonly fix: string;
}

/** The doubt about a price at a time (milliseconds since 1970); undefined while it is as new as its table asks. */
export function doubtAbout(model: string, { table }: FoundPrice, now: number): PriceDoubt | undefined {
  const { asOf, source, goodForDays = GOOD_FOR_DAYS } = table;
  const ageDays = Math.floor((now - Date.parse(asOf)) / DAY_MS);
  if (ageDays <= goodForDays) return undefined;
  return {
    code: "price_old",
    model,
    asOf,
    ageDays,
    message: `the price of ${model} was read ${ageDays} days ago, on ${asOf} (${source})`,
    fix: `Look it up again and change asOf; goodForDays says how long prices of this table are good (${goodForDays}).`,
  };
}

/** What is wrong with a table, told with its place; undefined for one that can be used. */
export function pricesProblem(prices: unknown): { readonly message: string; readonly fix: string } | undefined {
  if (typeof prices !== "object" || prices === null)
    return {
      message: `prices is ${prices === null ? "null" : typeof prices}`,
      fix: "Give a table: { asOf, source, models }, or a list of them.",
    };
  // Looked at member by member below, whatever it is.
  for (const [index, table] of tablesOf(prices as Prices)
    .toReversed()
    .entries()) {
    const problem = tableProblem(table);
    if (problem !== undefined) return { ...problem, message: `prices${Array.isArray(prices) ? `[${index}]` : ""}${problem.message}` };
  }
  return undefined;
}

type Problem = { readonly message: string; readonly fix: string };

function tableProblem(table: PriceTable): Problem | undefined {
  const { asOf, source, models, aliases = {}, goodForDays } = table;
  if (typeof asOf !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(asOf) || Number.isNaN(Date.parse(asOf)))
    return {
      message: `.asOf is ${JSON.stringify(asOf)}, which is no day`,
      fix: 'Give the day the prices were read, such as "2026-11-21".',
    };
  if (typeof source !== "string" || source === "")
    return { message: ".source is missing", fix: "Say where the prices were read: a page, a contract." };
  if (goodForDays !== undefined && !(goodForDays > 0))
    return { message: `.goodForDays is ${goodForDays}`, fix: "Give a number of days above 0." };
  if (typeof models !== "object" || models === null)
    return {
      message: ".models is missing",
      fix: 'Give prices by full model name: { "anthropic:claude-sonnet-5-5": { input: 3, output: 15 } }.',
    };
  for (const [name, price] of Object.entries(models)) {
    const problem = nameProblem(name) ?? priceProblem(price);
    if (problem !== undefined) return { ...problem, message: `.models[${JSON.stringify(name)}]${problem.message}` };
  }
  for (const [name, model] of Object.entries(aliases)) {
    if (Object.hasOwn(models, model)) continue;
    return {
      message: `.aliases[${JSON.stringify(name)}] is ${JSON.stringify(model)}, which is not in its models`,
      fix: "Name a model of the same table.",
    };
  }
  return undefined;
}

function nameProblem(name: string): Problem | undefined {
  if (/^[^:]+:.+$/.test(name)) return undefined;
  return { message: " names no provider", fix: 'Write "provider:model", or "provider:*" for all models of a provider.' };
}

function priceProblem(price: Price): Problem | undefined {
  if (typeof price !== "object" || price === null) return { message: ` is ${JSON.stringify(price)}`, fix: "Give { input, output }." };
  const problem = ratesProblem(price);
  if (problem !== undefined) return problem;
  for (const [index, tier] of (price.above ?? []).entries()) {
    const inTier = isAmount(tier.inputTokens) ? ratesProblem(tier) : badRate(".inputTokens", tier.inputTokens);
    if (inTier !== undefined) return { ...inTier, message: `.above[${index}]${inTier.message}` };
  }
  return undefined;
}

const SPANS: readonly CacheSpan[] = ["5m", "30m", "1h", "12h"];

function ratesProblem({ input, output, cacheRead = 0, cacheWrite = 0 }: Rates): Problem | undefined {
  for (const [name, rate] of Object.entries({ input, output, cacheRead })) if (!isAmount(rate)) return badRate(`.${name}`, rate);
  if (typeof cacheWrite !== "object" || cacheWrite === null) return isAmount(cacheWrite) ? undefined : badRate(".cacheWrite", cacheWrite);
  for (const [span, rate] of Object.entries(cacheWrite)) {
    if (!SPANS.some((each) => each === span))
      return { message: `.cacheWrite[${JSON.stringify(span)}] is no span`, fix: `The spans are ${SPANS.join(", ")}.` };
    if (!isAmount(rate)) return badRate(`.cacheWrite[${JSON.stringify(span)}]`, rate);
  }
  return undefined;
}

function badRate(place: string, rate: unknown): Problem {
  return {
    message: `${place} is ${rate === undefined ? "missing" : typeof rate === "number" ? rate : JSON.stringify(rate)}`,
    fix: "Give US dollars for a million tokens: a number from 0 on.",
  };
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
