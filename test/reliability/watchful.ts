// Watches what a fuzzed program may not do: throw what nobody meant to throw, hang, or grow.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { KindlingError } from "../../src/index.ts";

/** Nothing that is fuzzed takes longer. */
const HANG_MS = 10_000;

/** What was seen so far. */
export interface Seen {
  inputs: number;
  /** Answers and errors that were meant. */
  taken: number;
  refused: number;
  readonly uncaught: string[];
  hangs: number;
}

export function nothingSeen(): Seen {
  return { inputs: 0, taken: 0, refused: 0, uncaught: [], hangs: 0 };
}

/** Does something with one input. An error that names its code was meant; any other was not. */
export async function watch(seen: Seen, place: string, work: () => Promise<unknown>): Promise<void> {
  seen.inputs += 1;
  const late = Promise.withResolvers<"late">();
  const timer = setTimeout(() => late.resolve("late"), HANG_MS);
  try {
    if ((await Promise.race([work(), late.promise])) === "late") {
      seen.hangs += 1;
      seen.uncaught.push(`${place} hangs`);
    } else seen.taken += 1;
  } catch (error) {
    if (error instanceof KindlingError && error.code !== "bug") seen.refused += 1;
    else seen.uncaught.push(`${place}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Memory of this process in MiB, after everything unused was let go. */
export function residentMib(): number {
  setFlagsFromString("--expose-gc");
  // The flag above makes it a function that takes nothing.
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage.rss() / 2 ** 20;
}
