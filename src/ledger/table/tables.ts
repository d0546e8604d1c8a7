// Several tables of different age as one sorted map: the youngest that knows a key decides.

import type { TableValue } from "./block.ts";
import { type Cursor, type Direction, MergedCursor, TableCursor } from "./cursor.ts";
import { type Lookups, markOf } from "./filter.ts";
import type { Table } from "./table.ts";

/** A fixed set of tables; another set is another object, so that a walk is never disturbed. */
export class Tables {
  /** Youngest first. */
  readonly list: readonly Table[];

  constructor(list: readonly Table[]) {
    this.list = list;
  }

  get(key: string): TableValue {
    const mark = this.#lookups?.isLookedUp(key) === true ? markOf(key) : undefined;
    for (const table of this.list) {
      if (mark !== undefined && !table.mayHold(mark)) continue;
      const found = table.get(key);
      if (found !== undefined) return found.value;
    }
    return undefined;
  }

  /** A walk that shows keys which are gone, too. */
  cursor(direction: Direction, tables = this.list): Cursor {
    const cursors = tables.map((table) => new TableCursor(table, direction));
    const [only] = cursors;
    return only !== undefined && cursors.length === 1 ? only : new MergedCursor(cursors, direction);
  }

  /** The entries whose keys begin with a prefix, from a place within it on; downwards, those before the place. */
  *scan(prefix: string, from: string, direction: Direction = "up"): Generator<{ readonly rest: string; readonly value: Buffer }> {
    const cursor = this.cursor(direction, this.#holding(prefix));
    for (cursor.seek(prefix + from); cursor.key?.startsWith(prefix) === true; cursor.next()) {
      if (cursor.value !== undefined) yield { rest: cursor.key.slice(prefix.length), value: cursor.value };
    }
  }

  /** Tables that may hold keys with a prefix. */
  #holding(prefix: string): readonly Table[] {
    const beside = this.#lookups?.beside(prefix);
    if (beside === undefined) return this.list;
    const mark = markOf(beside);
    return this.list.filter((table) => table.mayHold(mark));
  }

  get #lookups(): Lookups | undefined {
    return this.list[0]?.lookups;
  }

  /** Reads every block once, so that all damage is met. */
  walk(): void {
    for (const table of this.list) {
      const cursor = new TableCursor(table, "up");
      for (cursor.seek(""); cursor.key !== undefined; cursor.next());
      table.checkFilter();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.list.map((table) => table.close()));
  }
}
