// S2 and S5: one run over many items, trivial ones and slow ones, against plain functions that share syncs.

import { join } from "node:path";
import type { Kindling } from "../src/index.ts";
import { fan, numbers, openBench, slow, slowCalls } from "./engine-contracts.ts";
import { concurrently, inProcess, inTurns, type Sample, type Scenario } from "./engine-measure.ts";
import { noted, rawShared } from "./engine-raw.ts";

const CHILD = new URL("engine-child.ts", import.meta.url);
const SIZES = [1_000, 10_000];
const TURNS = 5;

export const items: Scenario = {
  name: "S2",
  title: "one run over trivial items",
  round: async (folder) => {
    await using kindling = await openBench(folder, [fan]);
    const samples: Sample[] = [];
    const perItem: number[] = [];
    for (const size of SIZES) {
      samples.push(await once(join(folder, `once${size}`), size));
      const run = async () => (await kindling.start(fan, { list: numbers(size) })).result();
      const atOnce = () => rawShared(`${folder}.raw`, size, size, noted);
      const sixteen = () => rawShared(`${folder}.raw`, size, 16, noted);
      await inTurns(2, { run, atOnce, sixteen });
      const cost = await inTurns(TURNS, { run, atOnce, sixteen });
      perItem.push(cost.run.ms / size);
      const named = { name: `${size.toLocaleString("en")} items`, unit: "ms", value: cost.run.ms };
      samples.push(
        { ...named, raw: cost.atOnce.ms, against: "shared sync, all at once", aim: { of: "times", atMost: 3 } },
        { ...named, raw: cost.sixteen.ms, against: "shared sync, 16 at once" },
        {
          name: `processor, ${named.name}`,
          unit: "ms",
          value: cost.run.cpuMs,
          raw: cost.atOnce.cpuMs,
          against: "shared sync, all at once",
        },
      );
    }
    const [small = 0, large = 0] = perItem.map((ms) => ms * 1_000);
    return [
      ...samples,
      { name: "an item of 10,000", unit: "µs", value: large, raw: small, against: "of 1,000", aim: { of: "times", atMost: 1.2 } },
    ];
  },
};

/** The first such run of a new process, where nothing has been compiled yet: how a run is mostly met. */
async function once(folder: string, size: number): Promise<Sample> {
  const raw = await inProcess<number>(CHILD, ["raw-once", `${folder}.raw`, `${size}`]);
  const value = await inProcess<number>(CHILD, ["fan-once", folder, `${size}`]);
  const name = `${size.toLocaleString("en")} items, new process`;
  return { name, unit: "ms", value, raw, against: "shared sync, all at once", aim: { of: "times", atMost: 3 } };
}

const SLOW_ITEMS = 200;
const SLOW_AT_ONCE = 50;
const SLOW_MS = 100;
const IDEAL_MS = (SLOW_ITEMS / SLOW_AT_ONCE) * SLOW_MS;

export const slowItems: Scenario = {
  name: "S5",
  title: `${SLOW_ITEMS} items of ${SLOW_MS} ms, ${SLOW_AT_ONCE} at once`,
  round: async (folder) => {
    await using kindling = await openBench(folder, [slow, slowCalls], async () => {
      await pause();
      return "done";
    });
    await run(kindling, slow, SLOW_AT_ONCE);
    await run(kindling, slowCalls, SLOW_AT_ONCE);
    const cost = await inTurns(2, {
      raw: () => concurrently(SLOW_ITEMS, SLOW_AT_ONCE, pause),
      code: () => run(kindling, slow, SLOW_ITEMS),
      calls: () => run(kindling, slowCalls, SLOW_ITEMS),
    });
    const ideal = { raw: IDEAL_MS, against: "ideal", aim: { of: "times", atMost: 1.03 } } as const;
    return [
      { name: "timers alone", unit: "ms", value: cost.raw.ms, raw: IDEAL_MS, against: "ideal" },
      { name: "code", unit: "ms", value: cost.code.ms, ...ideal },
      { name: "model calls", unit: "ms", value: cost.calls.ms, ...ideal },
      { name: "processor, code", unit: "ms", value: cost.code.cpuMs, raw: cost.raw.cpuMs, against: "timers alone" },
      { name: "processor, model calls", unit: "ms", value: cost.calls.cpuMs, aim: { of: "value", atMost: 40 } },
    ];
  },
};

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, SLOW_MS));
}

async function run(kindling: Kindling, contract: typeof slow | typeof slowCalls, count: number): Promise<void> {
  await (await kindling.start(contract.name, { list: numbers(count) })).result();
}
