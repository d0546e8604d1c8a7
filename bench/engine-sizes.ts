// What a node, an item and a fact of history cost in small runs and in large ones: the figures for each must stay flat (R7). Every size has a process of its own.

import { join } from "node:path";
import type { ResumeFigures, SizeFigures } from "./engine-child.ts";
import { inProcess, type Sample, type Scenario } from "./engine-measure.ts";

const CHILD = new URL("engine-child.ts", import.meta.url);
/** A figure of a large run may be this many times that of a small one. */
const FLAT = { of: "times", atMost: 1.5 } as const;

export const chains: Scenario = {
  name: "chain",
  title: "a chain of pure nodes, a node of it",
  roundsLimit: 3,
  round: (folder) => sized(folder, "chain", "nodes", [100, 10_000]),
};

export const fans: Scenario = {
  name: "fan-out",
  title: "a collection of trivial items, an item of it",
  roundsLimit: 3,
  round: (folder) => sized(folder, "fan", "items", [1_000, 10_000, 100_000]),
};

async function sized(folder: string, task: string, units: string, sizes: readonly number[]): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  let first: readonly Sample[] = [];
  for (const size of sizes) {
    const { ms, heldBytes, leftBytes } = await inProcess<SizeFigures>(CHILD, [task, join(folder, `${size}`), `${size}`]);
    const of = `of ${size.toLocaleString("en")} ${units}`;
    const figures: readonly Sample[] = [
      { name: `time, ${of}`, unit: "µs", value: (ms * 1_000) / size },
      { name: `heap while it runs, ${of}`, unit: "bytes", value: heldBytes / size },
      { name: `heap it leaves, ${of}`, unit: "bytes", value: leftBytes / size },
    ];
    samples.push(...figures.map((figure, index) => compared(figure, first[index], sizes[0] ?? 0)));
    if (first.length === 0) first = figures;
  }
  return samples;
}

/** A figure beside the same one of the smallest size. What a run leaves is too little to be compared. */
function compared(figure: Sample, small: Sample | undefined, size: number): Sample {
  if (small === undefined) return figure;
  return {
    ...figure,
    raw: small.value,
    against: `of ${size.toLocaleString("en")}`,
    ...(figure.name.includes("leaves") ? {} : { aim: FLAT }),
  };
}

export const history: Scenario = {
  name: "history",
  title: "a run with 100,000 facts behind it",
  roundsLimit: 3,
  round: async (folder) => [
    ...(await resumed(folder, "items", "in one stream", [1_000, 10_000, 100_000])),
    ...(await resumed(folder, "calls", "in a tree of runs", [1_250, 12_500])),
  ],
};

/** A run with a history of some length. */
interface HistoryPoint extends ResumeFigures {
  readonly facts: number;
  readonly buildMs: number;
}

/** A new process goes on with runs of several lengths: what each further fact of history adds. */
async function resumed(folder: string, task: string, where: string, sizes: readonly number[]): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const points: HistoryPoint[] = [];
  for (const size of sizes) {
    const place = join(folder, `${task}${size}`);
    const built = await inProcess<{ readonly ms: number; readonly facts: number }>(CHILD, [`build-${task}`, place, `${size}`]);
    const figures = await inProcess<ResumeFigures>(CHILD, [`resume-${task}`, place, ""]);
    points.push({ facts: built.facts, buildMs: built.ms, ...figures });
    const of = `${Math.round(built.facts / 1_000)},000 facts ${where}`;
    const first = points[0];
    samples.push(
      { name: `opening the ledger, ${of}`, unit: "ms", value: figures.openMs },
      {
        name: `event refused, ${of}`,
        unit: "ms",
        value: figures.refusedMs,
        ...(first === undefined || first.facts === built.facts
          ? {}
          : { raw: first.refusedMs, against: `of ${first.facts.toLocaleString("en")}`, aim: FLAT }),
      },
      { name: `event to end, ${of}`, unit: "ms", value: figures.goOnMs },
    );
  }
  const [small, large] = [points[0], points.at(-1)];
  if (small === undefined || large === undefined) return samples;
  const more = large.facts - small.facts;
  const perFact = (ms: (point: HistoryPoint) => number) => ((ms(large) - ms(small)) * 1_000) / more;
  return [
    ...samples,
    {
      name: `recorded, a fact ${where}`,
      unit: "µs",
      value: (large.buildMs * 1_000) / large.facts,
      raw: (small.buildMs * 1_000) / small.facts,
      against: `of ${small.facts.toLocaleString("en")}`,
      aim: FLAT,
    },
    { name: `opening, a further fact ${where}`, unit: "µs", value: perFact(({ openMs }) => openMs) },
    { name: `event to end, a further fact ${where}`, unit: "µs", value: perFact(({ goOnMs }) => goOnMs) },
  ];
}
