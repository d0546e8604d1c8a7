// Random bytes that a seed repeats exactly. For tests alone: keys made of them can be guessed.

import { hash } from "node:crypto";
import type { Random } from "../../src/ledger/cipher.ts";

/** A source of bytes, each 32 of them the hash of the seed and a counter. */
export function seededBytes(seed: number): Random {
  let counter = 0;
  return (bytes) => {
    const parts: Buffer[] = [];
    for (let made = 0; made < bytes; made += 32) parts.push(hash("sha256", `${seed}/${counter++}`, "buffer"));
    return Buffer.concat(parts).subarray(0, bytes);
  };
}
