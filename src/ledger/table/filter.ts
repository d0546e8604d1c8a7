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

  add({ first, step }: KeyMark): void {
    const bits = this.bytes.length * 8;
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = (first + probe * step) % bits;
      this.bytes[bit >>> 3] = (this.bytes[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }

  mayHold({ first, step }: KeyMark): boolean {
    const bits = this.bytes.length * 8;
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = (first + probe * step) % bits;
      if (((this.bytes[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }
}

/** Which keys filters know of. */
export interface Lookups {
  /** True for a key that is looked up by itself. */
  isLookedUp(key: string): boolean;
  /** A key that is looked up and stands in every table that holds keys with this prefix; undefined when there is none such. */
  beside(prefix: string): string | undefined;
}

/** What filters know a key by: its bits are so many steps from the first one. Made once, however many filters are asked. */
export interface KeyMark {
  readonly first: number;
  readonly step: number;
}

export function markOf(key: string): KeyMark {
  return { first: crc32(key), step: (crc32(key, SECOND_SEED) | 1) >>> 0 };
}

/** Any other start gives a second, independent hash. */
const SECOND_SEED = 0x9e3779b9;
