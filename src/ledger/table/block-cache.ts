// Blocks that were read lately, over all tables of a ledger.

import { Recent } from "../recent.ts";
import type { Block } from "./block.ts";

/** Blocks kept: about 12 MB, if all were walked through. */
const LIMIT = 1_024;

/** Remembers blocks by their table and place. */
export class BlockCache {
  readonly #blocks = new Recent<string, Block>(LIMIT);
  readonly #numbers = new WeakMap<object, number>();
  #tables = 0;

  get(table: object, offset: number): Block | undefined {
    return this.#blocks.get(this.#key(table, offset));
  }

  put(table: object, offset: number, block: Block): void {
    this.#blocks.set(this.#key(table, offset), block);
  }

  #key(table: object, offset: number): string {
    let number = this.#numbers.get(table);
    if (number === undefined) this.#numbers.set(table, (number = this.#tables++));
    return `${number}:${offset}`;
  }
}
