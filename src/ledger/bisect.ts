// Search in what is in order.

/** The first index for which a test holds, when it holds for all that follow; `length` when it holds for none. */
export function bisect(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Indexes between which a test begins to fail: it holds at the first one, and at none from the second one on. */
export interface Bracket {
  readonly there: number;
  readonly not: number;
}

/**
 * The last index at which a test holds, for tests that cost a read each: goes from a guess in doubling steps until the place lies between two looks, then halves
 * (Bentley and Yao's exponential search). A guess that is n off costs about 2·log₂ n looks, however far the bracket reaches.
 */
export async function lastNear(guess: number, { there, not }: Bracket, holds: (index: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [there, not];
  let at = Math.min(Math.max(guess, low + 1), high - 1);
  for (let step = 1; low < at && at < high; step *= 2) {
    if (await holds(at)) low = at;
    else high = at;
    // One side is known where the search began, the other when the test says something else for the first time.
    if (low > there && high < not) break;
    at = low > there ? low + step : high - step;
  }
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
