// Walks over sorted keys: through one table, or through several of different age at once, where the youngest that knows a key decides.

import type { Block, TableValue } from "./block.ts";
import { lastAtOrBefore, refAt, type Table } from "./table.ts";

export type Direction = "up" | "down";

/** A place between keys that can be moved. It stands at `key`, or behind the last one when that is undefined. */
export interface Cursor {
  readonly key: string | undefined;
  readonly value: TableValue;
  /** Goes to the first key at or after the given one; downwards to the last one before it. */
  seek(key: string): void;
  next(): void;
}

/** A walk through one table. */
export class TableCursor implements Cursor {
  readonly #table: Table;
  readonly #step: 1 | -1;
  /** The blocks from the root to the leaf, each with the place in it. */
  #path: Step[] = [];

  constructor(table: Table, direction: Direction) {
    this.#table = table;
    this.#step = direction === "up" ? 1 : -1;
  }

  get key(): string | undefined {
    const leaf = this.#path.at(-1);
    return leaf?.block.keys[leaf.index];
  }

  get value(): TableValue {
    const leaf = this.#path.at(-1);
    return leaf?.block.values[leaf.index];
  }

  seek(key: string): void {
    const { root, height } = this.#table.footer;
    this.#path = [];
    if (height === 0) return;
    let block = this.#table.block(root);
    for (let level = height - 1; level > 0; level--) {
      const index = Math.max(0, this.#step === 1 ? lastAtOrBefore(block.keys, key) : lastBefore(block.keys, key));
      this.#path.push({ block, index });
      block = this.#table.block(refAt(block, index));
    }
    const before = lastBefore(block.keys, key);
    this.#path.push({ block, index: this.#step === 1 ? before + 1 : before });
    this.#settle();
  }

  next(): void {
    const leaf = this.#path.at(-1);
    if (leaf === undefined) return;
    leaf.index += this.#step;
    this.#settle();
  }

  /** Moves on to the next leaf when this one has nothing more. */
  #settle(): void {
    let depth = this.#path.length - 1;
    while (depth >= 0 && isOutside(this.#path[depth])) {
      this.#path.pop();
      depth -= 1;
      const above = this.#path[depth];
      if (above !== undefined) above.index += this.#step;
    }
    if (depth < 0) return;
    while (this.#path.length < this.#table.footer.height) {
      const above = this.#path.at(-1);
      if (above === undefined) return;
      const block = this.#table.block(refAt(above.block, above.index));
      this.#path.push({ block, index: this.#step === 1 ? 0 : block.keys.length - 1 });
    }
  }
}

/** A walk through several tables, youngest first. Keys that are gone are shown with an undefined value: who wants them not, passes over them. */
export class MergedCursor implements Cursor {
  readonly #cursors: readonly Cursor[];
  readonly #isBefore: (one: string, other: string) => boolean;
  #current: Cursor | undefined;

  constructor(cursors: readonly Cursor[], direction: Direction) {
    this.#cursors = cursors;
    this.#isBefore = direction === "up" ? (one, other) => one < other : (one, other) => one > other;
  }

  get key(): string | undefined {
    return this.#current?.key;
  }

  get value(): TableValue {
    return this.#current?.value;
  }

  seek(key: string): void {
    for (const cursor of this.#cursors) cursor.seek(key);
    this.#choose();
  }

  next(): void {
    const passed = this.#current?.key;
    if (passed === undefined) return;
    for (const cursor of this.#cursors) if (cursor.key === passed) cursor.next();
    this.#choose();
  }

  #choose(): void {
    let best: Cursor | undefined;
    for (const cursor of this.#cursors) {
      if (cursor.key === undefined) continue;
      // Of equals the first stays: it is the youngest.
      if (best?.key === undefined || this.#isBefore(cursor.key, best.key)) best = cursor;
    }
    this.#current = best;
  }
}

interface Step {
  readonly block: Block;
  index: number;
}

function isOutside(step: Step | undefined): boolean {
  return step === undefined || step.index < 0 || step.index >= step.block.keys.length;
}

/** Index of the last key before the given one; -1 when there is none. */
function lastBefore(keys: readonly string[], key: string): number {
  const index = lastAtOrBefore(keys, key);
  return index >= 0 && keys[index] === key ? index - 1 : index;
}
