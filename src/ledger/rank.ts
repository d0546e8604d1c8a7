// Places of streams in lists that are kept in order: what they may be, how they are ordered, and how a list is asked. Knows no index.

import type { StreamHead } from "./ledger.ts";

/** A place in a list that is kept in order: by the UTF-16 code units of the places, as `<` of JavaScript compares texts; of equal places, the older stream comes first. */
export interface Rank {
  readonly list: string;
  /** At most `PLACE_LIMIT` units, without U+0000 and U+FFFF. */
  readonly place: string;
}

/** Which part of a list, in the order of its places. */
export interface RankQuery {
  readonly list: string;
  /** Places from this one on. */
  readonly from?: string;
  /** Places before this one. */
  readonly before?: string;
  /** Behind this place of the stream that started there, in the order asked for: the cursor for paging. It need not be taken any more. */
  readonly after?: Ranked;
  readonly descending?: boolean;
  readonly limit?: number;
}

/** A stream at one of its places in a list. */
export interface RankedHead extends StreamHead {
  readonly place: string;
}

/** A place in a list, and where the stream that has it began. */
export type Ranked = Pick<RankedHead, "place" | "started">;

/** Longest place, in UTF-16 units. */
export const PLACE_LIMIT = 4_096;

/** False for a place that no list can hold: an index is free to use what stands before all texts, and what stands behind them. */
export function isFit({ place }: Rank): boolean {
  return place.length <= PLACE_LIMIT && place.isWellFormed() && !place.includes("\u0000") && !place.includes("\uffff");
}

/** The order of a list. */
export function rankedBefore(one: Ranked, other: Ranked): boolean {
  return one.place === other.place ? one.started < other.started : one.place < other.place;
}
