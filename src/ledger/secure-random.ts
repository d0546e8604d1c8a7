// Random bytes fit for keys, drawn from the system in larger portions: a call for each nonce would cost as much as sealing the line.

import { randomFillSync } from "node:crypto";
import type { Random } from "./cipher.ts";

/** Bytes drawn at a time. More than half of it asked for at once is drawn by itself. */
export const PORTION_BYTES = 4_096;

/** A source of random bytes. What was given is wiped here, so that a key is in one place only. */
export function secureRandom(fill: (bytes: Buffer) => unknown = randomFillSync): Random {
  // Not taken from Node's own pool, which others can see into.
  const portion = Buffer.alloc(PORTION_BYTES);
  let used = PORTION_BYTES;
  return (count) => {
    const bytes = Buffer.alloc(count);
    if (count > PORTION_BYTES / 2) {
      fill(bytes);
      return bytes;
    }
    if (used + count > PORTION_BYTES) {
      fill(portion);
      used = 0;
    }
    portion.copy(bytes, 0, used, used + count);
    portion.fill(0, used, used + count);
    used += count;
    return bytes;
  };
}
