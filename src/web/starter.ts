// Who started a run, as far as it can be told: a run whose contract is not here any more keeps it to itself.

import { KindlingError, type Kindling } from "../index.ts";

/** The ids of those who started these runs, by run; each run is asked once. */
export async function startersOf(kindling: Kindling, gates: readonly { readonly run: string }[]): Promise<ReadonlyMap<string, string>> {
  const runs = [...new Set(gates.map(({ run }) => run))];
  const starters = await Promise.all(runs.map((run) => starterOf(kindling, run)));
  return new Map(runs.flatMap((run, index): [string, string][] => (starters[index] === undefined ? [] : [[run, starters[index]]])));
}

async function starterOf(kindling: Kindling, run: string): Promise<string | undefined> {
  try {
    return (await kindling.get(run))?.starter?.id;
  } catch (error) {
    // Its contract is not here or another one, or it went meanwhile: it is listed without it.
    if (error instanceof KindlingError) return undefined;
    throw error;
  }
}
