// Cursors in memory: they live as long as the place does.

import { assertCursorName, assertWithin, type Cursors, type KeptCursor, type LogExtent, slowestOf } from "./cursor.ts";

/** Cursors of a ledger in memory. */
export class MemoryCursors implements Cursors {
  readonly #kept = new Map<string, number>();
  readonly #extent: () => LogExtent;

  constructor(extent: () => LogExtent) {
    this.#extent = extent;
  }

  async get(name: string): Promise<number | undefined> {
    assertCursorName(name);
    const position = this.#kept.get(name);
    if (position !== undefined) assertWithin(position, this.#extent(), `the cursor "${name}"`);
    return position;
  }

  async all(): Promise<readonly KeptCursor[]> {
    return [...this.#kept].map(([cursor, position]) => ({ cursor, position })).sort((one, other) => (one.cursor < other.cursor ? -1 : 1));
  }

  async slowest(): Promise<KeptCursor | undefined> {
    return slowestOf(await this.all(), this.#extent());
  }

  async put(name: string, position: number): Promise<void> {
    assertCursorName(name);
    this.#kept.set(name, position);
  }
}
