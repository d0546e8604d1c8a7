// Keys that were used lately, by their slot, so that not every line costs a look at the disk. Knows no files.

import type { TreeKey } from "./tree-key.ts";

/** Keeps the most recently used keys, up to a limit. */
export class KeyCache {
  readonly #limit: number;
  /** A map keeps the order of insertion: the first is the one that was not used for the longest time. */
  readonly #keys = new Map<number, TreeKey>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#keys.size;
  }

  get(slot: number): TreeKey | undefined {
    const key = this.#keys.get(slot);
    if (key === undefined) return undefined;
    this.#keys.delete(slot);
    this.#keys.set(slot, key);
    return key;
  }

  add(key: TreeKey): void {
    this.#keys.delete(key.slot);
    this.#keys.set(key.slot, key);
    for (const slot of this.#keys.keys()) {
      if (this.#keys.size <= this.#limit) break;
      this.#keys.delete(slot);
    }
  }

  delete(slot: number): void {
    this.#keys.delete(slot);
  }
}
