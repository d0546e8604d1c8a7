// S7: one run of 1,000 turns of 300 bytes: what it stores, and whether a late turn is as fast as an early one.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileLedger, type AnyContract } from "../src/index.ts";
import { callsOf, lookupsOf, openBench, textsOf } from "./engine-contracts.ts";
import { median, type Sample, type Scenario } from "./engine-measure.ts";
import { randomWords, rawShared } from "./engine-raw.ts";

const TURNS = 1_000;
const TURN_BYTES = 300;
/** Turns around the one that is looked at. */
const AROUND = 40;
const PAYLOAD_BYTES = TURNS * TURN_BYTES;

/** Random words for a turn; notes when it was asked for them. */
function teller(): { readonly times: number[]; readonly tell: (turn: number) => string } {
  const times: number[] = [];
  return {
    times,
    tell: (turn) => {
      times.push(performance.now());
      return randomWords(turn, TURN_BYTES);
    },
  };
}

export const turns: Scenario = {
  name: "S7",
  title: `one run of ${TURNS.toLocaleString("en")} turns of ${TURN_BYTES} bytes`,
  round: async (folder) => {
    const { times, tell } = teller();
    const texts = textsOf(TURNS, tell);
    const lookups = lookupsOf(TURNS, tell);
    const calls = callsOf(TURNS);
    let turn = 0;
    const rawBytes = await rawShared(`${folder}.raw`, TURNS, 1, (index) => ({ turn: index, text: randomWords(index, TURN_BYTES) }));
    const start = async (contract: AnyContract) => {
      const place = join(folder, contract.name);
      await using kindling = await openBench(place, [contract], () => tell(turn++));
      const started = performance.now();
      await (await kindling.start(contract.name, { text: "begin" })).result();
      return { ms: performance.now() - started, place };
    };
    const samples: Sample[] = [];
    for (const [name, contract] of [
      ["pure nodes", texts],
      ["lookups", lookups],
      ["model calls", calls],
    ] as const) {
      // Once before, so that turn 10 does not pay for code that runs for the first time.
      await start(contract);
      times.length = 0;
      turn = 0;
      const before = await bytesIn(join(folder, contract.name));
      const { ms, place } = await start(contract);
      const stored = (await bytesIn(place)) - before;
      samples.push(
        {
          name: `stored, ${name}`,
          unit: "kB",
          value: stored / 1_000,
          raw: PAYLOAD_BYTES / 1_000,
          against: "payload",
          aim: { of: "times", atMost: 1.3 },
        },
        { name: `stored, ${name}`, unit: "kB", value: stored / 1_000, raw: rawBytes / 1_000, against: "plain records" },
        {
          name: `turn 1,000, ${name}`,
          unit: "µs",
          value: turnUs(times, TURNS - AROUND),
          raw: turnUs(times, 10),
          against: "turn 10",
          aim: { of: "times", atMost: 1.2 },
        },
        { name: `all turns, ${name}`, unit: "ms", value: ms },
      );
    }
    return samples;
  },
};

/** The median turn of those from one on. */
function turnUs(times: readonly number[], from: number): number {
  const gaps = times.slice(from, from + AROUND).map((time, index) => time - (times[from + index - 1] ?? time));
  return median(gaps) * 1_000;
}

/** Bytes of the commits and of the blobs. */
async function bytesIn(folder: string): Promise<number> {
  await using reader = await fileLedger(folder).open({ access: "read" });
  let bytes = (await reader.verify()).bytes;
  for (const entry of await readdir(join(folder, "blobs"), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}
