// Compacting in between everything else, in any order: whatever happens, a key gives one run, a run is there or its receipt is, and the ledger is whole.

import { expect, it } from "vitest";
import type { Kindling, LedgerPlace } from "../../src/index.ts";
import { seededChance } from "../../src/testing.ts";
import { ALL, openAll } from "./compactable.ts";
import { encryptedPlace } from "./erasable.ts";
import { temporaryLedger } from "./open-host.ts";

const STEPS = 80;
const PEOPLE = 12;

it.each([1, 2, 3, 4])(
  "runs, early events, forks, restarts and compactions in any order (seed %i) leave each run or its receipt",
  async (seed) => {
    const chance = seededChance(seed);
    const below = (count: number) => Math.floor(chance.fraction() * count);
    const ledger: LedgerPlace = seed % 2 === 0 ? (await encryptedPlace()).place : await temporaryLedger();
    let kindling = await openAll({ ledger });
    const byKey = new Map<string, string>();
    const forks: string[] = [];
    const steps: readonly ((person: string) => Promise<unknown>)[] = [
      async (person) => startOnce(kindling, person, byKey),
      async (person) => startOnce(kindling, person, byKey),
      (person) => kindling.deliver({ event: "sent", correlation: { person }, payload: { to: person }, deliveryId: `mail-${person}` }),
      (person) => kindling.deliver({ event: "sent", correlation: { person }, payload: { to: "else" } }),
      async (person) => {
        const fork = await forkOf(kindling, byKey.get(person));
        if (fork !== undefined) forks.push(fork);
      },
      () => kindling.compact({ retention: ALL }),
      () => kindling.compact(),
      async () => {
        await kindling.close();
        kindling = await openAll({ ledger });
      },
    ];
    for (let step = 0; step < STEPS; step++) await steps[below(steps.length)]?.(`p${below(PEOPLE)}`);
    for (const [person, id] of byKey) expect(await startedId(kindling, person), person).toBe(id);
    const there = (await kindling.list({ limit: 1_000 })).items.map(({ id }) => id);
    const left = (await kindling.compacted({ limit: 1_000 })).items.map(({ run }) => run);
    expect([...there, ...left].toSorted()).toEqual([...byKey.values(), ...forks].toSorted());
    expect(left.length).toBeGreaterThan(0);
    for (const id of there) expect((await kindling.get(id))?.id).toBe(id);
    for (const id of left) await expect(kindling.get(id)).rejects.toMatchObject({ code: "run_compacted" });
    expect((await kindling.verify()).faults).toEqual([]);
  },
);

async function startOnce(kindling: Kindling, person: string, byKey: Map<string, string>): Promise<void> {
  const id = await startedId(kindling, person);
  expect(byKey.get(person) ?? id).toBe(id);
  byKey.set(person, id);
}

/** The run of a key, whether it is there or was compacted. */
async function startedId(kindling: Kindling, person: string): Promise<string> {
  try {
    return (await kindling.start("file", { person }, { idempotencyKey: person })).id;
  } catch (error) {
    const { code, details } = error as { readonly code?: string; readonly details: { readonly run: string } };
    expect(code).toBe("run_compacted");
    return details.run;
  }
}

async function forkOf(kindling: Kindling, id: string | undefined): Promise<string | undefined> {
  if (id === undefined || (await kindling.receiptOf(id)) !== undefined) return undefined;
  return (await kindling.fork(id)).id;
}
