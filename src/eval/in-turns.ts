// A list worked off with so many at once. Knows nothing of cases.

import { RunError } from "../index.ts";

/** In the order of the list, so many at once; the first failure ends it once those under way are over. */
export async function inTurns<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const worker = async () => {
    while (next < items.length && failure === undefined) {
      const index = next++;
      const item = items[index];
      if (item === undefined) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failure !== undefined)
    throw failure.error instanceof Error ? failure.error : new RunError("evaluation_failed", String(failure.error));
  return results;
}
