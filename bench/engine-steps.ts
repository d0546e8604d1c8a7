// S1a: one run of 100 steps, once of pure nodes and once of calls to the outside, against plain functions that write and sync every step.

import type { AnyContract } from "../src/index.ts";
import { callsOf, chainOf, lookupsOf, openBench } from "./engine-contracts.ts";
import { type Cost, inTurns, type Sample, type Scenario, syncsIn } from "./engine-measure.ts";
import { rawShared, rawSteps, step } from "./engine-raw.ts";

const STEPS = 100;
const TURNS = 10;
const WARM_UP_RUNS = 20;
/** What a step may cost: times a synced step, and processor time. */
const PURE_TIMES = 0.1;
const OUTSIDE_TIMES = 1.2;
const CPU_US = 150;

const pure = chainOf(STEPS);
const lookups = lookupsOf(STEPS, () => "a short text");
const calls = callsOf(STEPS);

export const steps: Scenario = {
  name: "S1a",
  title: `one run of ${STEPS} steps, a step of it`,
  round: async (folder) => {
    await using kindling = await openBench(folder, [pure, lookups, calls]);
    const own = () => rawSteps(`${folder}.own`, STEPS, step);
    const shared = () => rawShared(`${folder}.shared`, STEPS, 1, step);
    const run = async (contract: AnyContract, inputs: object) => (await kindling.start(contract.name, inputs)).result();
    const works = {
      own,
      shared,
      pure: () => run(pure, { n: 0 }),
      lookups: () => run(lookups, { text: "x" }),
      calls: () => run(calls, { text: "x" }),
    };
    await inTurns(WARM_UP_RUNS, works);
    const cost = await inTurns(TURNS, works);
    const us = (ms: number) => (ms * 1_000) / STEPS;
    const beside = (name: string, { ms, cpuMs }: Cost, atMost: number): readonly Sample[] => [
      { name, unit: "µs", value: us(ms), raw: us(cost.own.ms), against: "sync of its own", aim: { of: "times", atMost } },
      { name, unit: "µs", value: us(ms), raw: us(cost.shared.ms), against: "shared sync", aim: { of: "times", atMost } },
      {
        name: `processor, ${name}`,
        unit: "µs",
        value: us(cpuMs),
        raw: us(cost.shared.cpuMs),
        against: "shared sync",
        aim: { of: "value", atMost: CPU_US },
      },
    ];
    return [
      ...beside("pure node", cost.pure, PURE_TIMES),
      ...beside("lookup", cost.lookups, OUTSIDE_TIMES),
      ...beside("model call", cost.calls, OUTSIDE_TIMES),
      { name: "syncs, pure node", unit: "", value: await syncsOf(folder, works.pure), aim: { of: "value", atMost: 0.02 } },
      { name: "syncs, lookup", unit: "", value: await syncsOf(folder, works.lookups), aim: { of: "value", atMost: 1.02 } },
      { name: "syncs, model call", unit: "", value: await syncsOf(folder, works.calls), aim: { of: "value", atMost: 1.02 } },
    ];
  },
};

async function syncsOf(folder: string, run: () => Promise<unknown>): Promise<number> {
  const before = await syncsIn(folder);
  await run();
  return ((await syncsIn(folder)) - before) / STEPS;
}
