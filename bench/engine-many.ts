// S1b, S3 and S4: many runs at once, many that wait, and a new process that answers one of them.

import type { Run } from "../src/index.ts";
import { contract as defineContract } from "../src/index.ts";
import { waitOf } from "./cold-wait.mjs";
import { chainOf, openBench, wait } from "./engine-contracts.ts";
import { bareProcessMs, concurrently, costOf, inProcess, inTurns, median, msOf, syncsIn, type Scenario } from "./engine-measure.ts";
import { rawShared, rawSteps, step } from "./engine-raw.ts";

const COLD_START = new URL("cold-start.mjs", import.meta.url);
const AT_ONCE = 64;
const RUNS = 1_000;
const STEPS = 10;
/** How many wait; `WAITING=1000000` for the large one. */
const WAITING = Number(process.env.WAITING ?? 10_000);
/** New processes that are measured, one after the other. */
const COLD_STARTS = 7;
const ten = chainOf(STEPS);

const perSecond = (count: number, ms: number) => count / (ms / 1_000);

export const runs: Scenario = {
  name: "S1b",
  title: `${RUNS.toLocaleString("en")} runs of ${STEPS} pure nodes, ${AT_ONCE} at once`,
  round: async (folder) => {
    await using kindling = await openBench(folder, [ten]);
    const some = (count: number) => concurrently(count, AT_ONCE, async (index) => (await kindling.start(ten, { n: index })).result());
    await some(200);
    const cost = await inTurns(2, { runs: () => some(RUNS), raw: () => rawShared(`${folder}.raw`, RUNS * STEPS, AT_ONCE, step) });
    const sample = { name: "runs", unit: "runs/s", value: perSecond(RUNS, cost.runs.ms), raw: perSecond(RUNS, cost.raw.ms) };
    return [
      { ...sample, against: "shared sync a step", aim: { of: "times", atMost: 3 } },
      {
        name: "processor, a run",
        unit: "µs",
        value: (cost.runs.cpuMs * 1_000) / RUNS,
        raw: (cost.raw.cpuMs * 1_000) / RUNS,
        against: "shared sync a step",
      },
    ];
  },
};

export const waits: Scenario = {
  name: "S3",
  title: `${RUNS.toLocaleString("en")} runs wait, each gets its event`,
  round: async (folder) => {
    await using kindling = await openBench(folder, [wait]);
    let number = 0;
    const alone = async () => {
      const id = `${(number += 1)}`;
      const run = await kindling.start(wait, { id });
      await kindling.deliver({ event: "go", correlation: { id }, payload: { ok: true } });
      await run.result();
    };
    const single = await inTurns(100, { alone, raw: () => rawSteps(`${folder}.own`, 2, step) });
    const waiting = new Map<number, Run<unknown>>();
    const raw = await costOf(() => rawShared(`${folder}.raw`, RUNS, AT_ONCE, step));
    const syncsBefore = await syncsIn(folder);
    const started = await costOf(() =>
      concurrently(RUNS, AT_ONCE, async (index) => waiting.set(index, await kindling.start(wait, { id: `w${index}` }))),
    );
    const delivered = await costOf(() =>
      concurrently(RUNS, AT_ONCE, async (index) => {
        await kindling.deliver({ event: "go", correlation: { id: `w${index}` }, payload: { ok: true } });
        await waiting.get(index)?.result();
      }),
    );
    const shared = { raw: perSecond(RUNS, raw.ms), against: "shared sync" };
    const processor = { unit: "µs", raw: (raw.cpuMs * 1_000) / RUNS, against: "shared sync" };
    return [
      { name: "started and delivered, alone", unit: "ms", value: single.alone.ms, raw: single.raw.ms, against: "2 syncs of their own" },
      { name: "starts, 64 at once", unit: "starts/s", value: perSecond(RUNS, started.ms), ...shared },
      { name: "processor, a start", value: (started.cpuMs * 1_000) / RUNS, ...processor },
      { name: "delivers, 64 at once", unit: "delivers/s", value: perSecond(RUNS, delivered.ms), ...shared },
      { name: "processor, a deliver", value: (delivered.cpuMs * 1_000) / RUNS, ...processor },
      { name: "runs a sync", unit: "", value: RUNS / ((await syncsIn(folder)) - syncsBefore) },
    ];
  },
};

export const coldStart: Scenario = {
  name: "S4",
  title: `one of ${WAITING.toLocaleString("en")} waiting, from a new process of the built package to finished`,
  roundsLimit: 1,
  round: async (folder) => {
    const contract = waitOf(defineContract);
    {
      await using kindling = await openBench(folder, [contract]);
      await concurrently(WAITING, 256, (index) => kindling.start(contract, { id: `${index}` }));
    }
    const bare: number[] = [];
    const whole: number[] = [];
    for (let index = 0; index < COLD_STARTS; index++) {
      bare.push(await bareProcessMs());
      whole.push(await msOf(() => inProcess(COLD_START, [folder, `${index * 1_000}`])));
    }
    const [raw, value] = [median(bare), median(whole)];
    return [{ name: "new process to finished", unit: "ms", value, raw, against: "bare Node", aim: { of: "value", atMost: 60 } }];
  },
};
