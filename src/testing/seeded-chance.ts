// Chance that a seed repeats. Knows nothing of runs.

import { base32 } from "../host/clock.ts";
import type { Chance } from "../index.ts";

/** Ids and jitter that a seed repeats exactly: `createRuntime({ …, chance: seededChance(7) })`. */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0;
  // mulberry32
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { fraction, id: () => base32(Uint8Array.from({ length: 16 }, () => Math.floor(fraction() * 256))) };
}
