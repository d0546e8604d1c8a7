// Which keys a table surely does not hold, told from a few bits in memory (a Bloom filter), so that looking for something new reads no disk.

import { crc32 } from "node:zlib";

const BITS_A_KEY = 10;
const PROBES = 7;

/** Says "perhaps" for all keys that were added and for about one in a hundred of the others. */
export class KeyFilter {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** An empty filter for a number of keys; with many more, it says "perhaps" more often. */
  static for(keys: number): KeyFilter {
    return new KeyFilter(Buffer.alloc(Math.ceil((Math.max(1, keys) * BITS_A_KEY) / 8)));
  }

  add(key: string): void {
    for (const bit of this.#bitsOf(key)) this.bytes[bit >>> 3] = (this.bytes[bit >>> 3] ?? 0) | (1 << (bit & 7));
  }

  mayHold(key: string): boolean {
    for (const bit of this.#bitsOf(key)) if (((this.bytes[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    return true;
  }

  *#bitsOf(key: string): Generator<number> {
    const bits = this.bytes.length * 8;
    const first = crc32(key);
    const step = (crc32(key, SECOND_SEED) | 1) >>> 0;
    for (let probe = 0; probe < PROBES; probe++) yield (first + probe * step) % bits;
  }
}

/** Any other start gives a second, independent hash. */
const SECOND_SEED = 0x9e3779b9;
