// Blocks that were read lately, over all tables of a ledger: bounded, the least used goes first.

import type { Block } from "./block.ts";

/** Blocks kept: about 12 MB, read. */
const LIMIT = 1_024;

/** Remembers blocks by their table and place. */
export class BlockCache {
  readonly #blocks = new Map<string, Block>();
  readonly #numbers = new WeakMap<object, number>();
  #tables = 0;

  get(table: object, offset: number): Block | undefined {
    const key = this.#key(table, offset);
    const block = this.#blocks.get(key);
    if (block === undefined) return undefined;
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    return block;
  }

  put(table: object, offset: number, block: Block): void {
    this.#blocks.set(this.#key(table, offset), block);
    if (this.#blocks.size <= LIMIT) return;
    for (const oldest of this.#blocks.keys()) {
      this.#blocks.delete(oldest);
      return;
    }
  }

  #key(table: object, offset: number): string {
    let number = this.#numbers.get(table);
    if (number === undefined) this.#numbers.set(table, (number = this.#tables++));
    return `${number}:${offset}`;
  }
}
