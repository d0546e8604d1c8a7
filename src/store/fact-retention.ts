// How much of the past of its keys a store keeps, as its definition says it.

import { type Duration, toMilliseconds } from "../graph/duration.ts";
import { shortly } from "./names.ts";

/**
 * `permanent`: all of it. `last`: so many facts of each key. `window`: what was recorded within so long; of a store also the fact before that, which says what was there when it began.
 * Whatever it is, the latest fact of a key stays.
 */
export type FactRetention = "permanent" | { readonly last: number } | { readonly window: Duration };

/** What is wrong with a retention, and what to do; undefined for a fit one. */
export function factRetentionProblem(given: unknown): { readonly message: string; readonly fix: string } | undefined {
  const fix = 'Give "permanent", { last: 100 } or { window: "30d" }.';
  if (given === "permanent") return undefined;
  if (typeof given !== "object" || given === null) return { message: `retention is ${shortly(given)}`, fix };
  const { last, window, ...rest }: { readonly last?: unknown; readonly window?: unknown } = given;
  const [strange] = Object.keys(rest);
  if (strange !== undefined) return { message: `retention has a member ${shortly(strange)}`, fix };
  if ((last === undefined) === (window === undefined)) return { message: "retention says neither last nor window, or both", fix };
  if (last !== undefined)
    return Number.isSafeInteger(last) && Number(last) >= 1 ? undefined : { message: "retention: last is no whole number from 1 on", fix };
  const isWritten = typeof window === "number" || typeof window === "string";
  // A text that is none gives undefined.
  const ms = isWritten ? toMilliseconds(window as Duration) : undefined;
  return ms !== undefined && ms > 0
    ? undefined
    : { message: `retention: window is ${typeof window === "number" ? window : shortly(window)}`, fix };
}

/** The length of a window in milliseconds. */
export function windowMs({ window }: { readonly window: Duration }): number {
  return toMilliseconds(window) ?? Number.POSITIVE_INFINITY;
}
