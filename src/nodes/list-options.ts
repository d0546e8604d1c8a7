// How much of a list a reading node takes. Knows no kind.

import type { NodeFinding } from "../graph/graph.ts";
import type { JsonObject } from "../json.ts";
import { badOption, checkMeant } from "./kind.ts";

/** How much is read at most (1 to 1,000), and from which end. */
export interface ListOptions {
  readonly limit: number;
  readonly newestFirst?: boolean;
}

const LIMIT_MOST = 1_000;

/** The options that only lists have; and those that only one key has. */
export const OF_LISTS = ["limit", "newestFirst"] as const;
const OF_KEYS = ["key", "optional", "asOf", "validAt"] as const;

/** @param strange what this method does not know, besides all that is for one key */
export function listOf(
  method: string,
  options: Partial<ListOptions>,
  strange: readonly string[],
): { readonly detail: JsonObject; readonly findings: readonly NodeFinding[] } {
  const { limit, newestFirst = false } = options;
  const isFit = Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= LIMIT_MOST;
  const problem = limit === undefined ? "limit is missing" : `limit is ${String(limit)}`;
  return {
    detail: { limit: isFit ? Number(limit) : null, newestFirst },
    findings: [
      ...checkMeant(method, options, [...strange, ...OF_KEYS]),
      ...(isFit ? [] : [badOption(problem, `Give a whole number from 1 to ${LIMIT_MOST}.`)]),
    ],
  };
}

/** A page, as handles of stores and histories take it. */
export function pageOf({ limit, newestFirst = false }: Partial<ListOptions>) {
  return { ...(limit === undefined ? {} : { limit }), newestFirst, order: newestFirst ? "descending" : "ascending" } as const;
}
