// How much of something there will be: at least and at most, where null says that nobody can know yet.

import { leastOf, mostOf, type Prices } from "../model/price.ts";

/** At least `low`; at most `high`, or unknown. */
export interface Span {
  readonly low: number;
  readonly high: number | null;
}

/** The same for money, of which also the least may be unknown. */
export interface Cost {
  readonly low: number | null;
  readonly high: number | null;
}

/** What talking with models comes to. */
export interface Amount {
  readonly calls: Span;
  readonly inputTokens: Span;
  readonly outputTokens: Span;
  /** US dollars. */
  readonly usd: Cost;
}

const NOTHING: Span = Object.freeze({ low: 0, high: 0 });
export const NO_AMOUNT: Amount = Object.freeze({ calls: NOTHING, inputTokens: NOTHING, outputTokens: NOTHING, usd: NOTHING });
export const ONCE: Span = Object.freeze({ low: 1, high: 1 });
/** What can be anything. */
export const UNKNOWN_SPAN: Span = Object.freeze({ low: 0, high: null });

/** One after the other. */
export function addAmounts(amounts: readonly Amount[]): Amount {
  return amounts.reduce((sum, amount) => combined(sum, amount, plus, plus), NO_AMOUNT);
}

/** One of them, nobody knows which: the least of the cheapest to the most of the dearest. */
export function eitherAmount(amounts: readonly Amount[]): Amount {
  const [first = NO_AMOUNT, ...others] = amounts;
  return others.reduce((either, amount) => combined(either, amount, least, most), first);
}

/** The amount so many times. */
export function timesAmount(amount: Amount, count: Span): Amount {
  return combined(
    amount,
    amount,
    (each) => times(each, count.low),
    (each) => times(each, count.high),
  );
}

/** A span so many times. */
export function timesSpan(span: Span, count: Span): Span {
  return { low: span.low * count.low, high: times(span.high, count.high) };
}

/** What is known of a conversation. */
interface Talk {
  readonly prompt: Span;
  readonly maxOutputTokens: number;
  readonly turns: number;
  readonly resultTokens?: number;
}

/** One conversation: its first request at least, and what may come of it in so many turns. */
export function conversation(model: string | null, { prompt, maxOutputTokens, turns, resultTokens = 0 }: Talk, prices: Prices): Amount {
  let inputHigh: number | null = 0;
  let usdHigh: number | null = 0;
  for (let turn = 0; turn < turns; turn++) {
    // Every further turn sends all before it again, replies and results included; a long one may have another price.
    const input: number | null = plus(prompt.high, turn * (maxOutputTokens + resultTokens));
    const usd: number | null = model === null || input === null ? null : mostOf(model, { input, output: maxOutputTokens }, prices);
    inputHigh = plus(inputHigh, input);
    usdHigh = plus(usdHigh, usd);
  }
  return {
    calls: { low: 1, high: turns },
    inputTokens: { low: prompt.low, high: inputHigh },
    outputTokens: { low: 0, high: maxOutputTokens * turns },
    usd: { low: model === null ? null : leastOf(model, { input: prompt.low, output: 0 }, prices), high: usdHigh },
  };
}

type Bound = number | null;
type Join = (a: Bound, b: Bound) => Bound;

function combined(a: Amount, b: Amount, low: Join, high: Join): Amount {
  // The least of a count is always known, so joining two of them gives a number.
  const span = (one: Span, other: Span): Span => ({ low: low(one.low, other.low) ?? 0, high: high(one.high, other.high) });
  return {
    calls: span(a.calls, b.calls),
    inputTokens: span(a.inputTokens, b.inputTokens),
    outputTokens: span(a.outputTokens, b.outputTokens),
    usd: { low: low(a.usd.low, b.usd.low), high: high(a.usd.high, b.usd.high) },
  };
}

function plus(a: Bound, b: Bound): Bound {
  return a === null || b === null ? null : a + b;
}

function times(each: Bound, count: Bound): Bound {
  if (each === 0 || count === 0) return 0;
  return each === null || count === null ? null : each * count;
}

function least(a: Bound, b: Bound): Bound {
  // What may be free costs nothing at least, whatever the other costs.
  if (a === 0 || b === 0) return 0;
  return a === null || b === null ? null : Math.min(a, b);
}

function most(a: Bound, b: Bound): Bound {
  return a === null || b === null ? null : Math.max(a, b);
}
