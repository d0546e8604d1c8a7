// The folder `index/`: tables, and the list that says which of them count and up to which point of the log. All of it can be made again from the log: what is
// missing or damaged costs time and nothing else. One process writes; others open what is there.

import { join } from "node:path";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { type CacheSeal, OPEN_CACHE } from "./cache-seal.ts";
import { readChecked, writeChecked } from "./checked-json.ts";
import { type Disk, ensureFolder, isMissing } from "./disk.ts";
import { LedgerError } from "../errors.ts";
import { entriesOf } from "./index-entries.ts";
import { LOOKUPS } from "./index-keys.ts";
import { damagedIndex } from "./refusals.ts";
import type { LogPoint } from "./scan.ts";
import { emptyIndex, StoredIndex } from "./stored-index.ts";
import type { StreamIndex } from "./stream-index.ts";
import { BlockCache } from "./table/block-cache.ts";
import { mergeTables, SLICE_ENTRIES, type Slices, worthMerging } from "./table/merge-tables.ts";
import { Table, type TableHome } from "./table/table.ts";
import { Tables } from "./table/tables.ts";
import { TableWriter } from "./table/write-table.ts";

/** A point of the log up to which the tables reach, and where its last line begins. */
export interface IndexPoint extends LogPoint {
  readonly last: number;
}

/** The index as it was kept, and how far it reaches. */
export interface KeptIndex {
  readonly index: StoredIndex;
  readonly point: IndexPoint;
}

/** The tables of a ledger. */
export class IndexFolder {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #home: TableHome;
  #next = 1;
  #isDamaged = false;

  /** @param seal how the tables are sealed */
  constructor(disk: Disk, folder: string, seal: CacheSeal = OPEN_CACHE) {
    this.#disk = disk;
    this.#folder = folder;
    this.#home = {
      seal,
      cache: new BlockCache(),
      lookups: LOOKUPS,
      damaged: (file, offset) => {
        this.#isDamaged = true;
        return damagedIndex(file, offset);
      },
    };
  }

  /** True once bytes were met that are not what was written. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** An index that knows nothing. */
  empty(): StoredIndex {
    return emptyIndex(new Tables([]));
  }

  /** What was kept; `undefined` when there is nothing, or nothing that can be used. */
  async open(): Promise<KeptIndex | undefined> {
    const list = await orNothing(readChecked(this.#disk, this.#list));
    const kept = list === undefined ? undefined : keptIn(list);
    if (kept === undefined) return undefined;
    this.#next = kept.next;
    const tables = await this.#openAll(kept.tables);
    return tables === undefined ? undefined : { index: new StoredIndex(new Tables(tables), kept), point: kept.point };
  }

  /** Removes what the list does not name: what a crash left, or all of it. Only for the one who writes. */
  async sweep(kept: StoredIndex | undefined): Promise<void> {
    const names = new Set(kept?.tables.list.map(({ name }) => name));
    if (kept === undefined && (await this.#disk.inspect(this.#list)) !== undefined) await this.#disk.remove(this.#list);
    for (const name of await this.#disk.list(this.#folder)) {
      if (name !== LIST_NAME && !names.has(name)) await this.#disk.remove(join(this.#folder, name));
    }
  }

  /** Writes a layer as a further table, and gives the index with it. */
  async flush(layer: StreamIndex, below: StoredIndex, point: IndexPoint, pause: () => Promise<void>): Promise<StoredIndex> {
    await ensureFolder(this.#disk, this.#folder);
    const name = this.#name();
    const file = await this.#disk.open(join(this.#folder, name), "create");
    try {
      const writer = new TableWriter({ name, file, seal: this.#home.seal }, { lookups: LOOKUPS, count: 2 * layer.streams });
      let sliced = 0;
      for (const entry of entriesOf(layer, below)) {
        if (entry !== undefined) {
          writer.add(...entry);
          if (++sliced % SLICE_ENTRIES !== 0) continue;
        }
        if (writer.isFull) await writer.write();
        await pause();
      }
      await writer.finish();
    } finally {
      await file.close();
    }
    const table = await this.#openTable(name);
    const index = new StoredIndex(new Tables([table, ...below.tables.list]), layer);
    await this.#writeList(index, point);
    return index;
  }

  /** Merges the youngest tables when that is worth it, or all of them. `undefined` when there is nothing to do, or it was given up. The index is the same until `replace`. */
  async merge({ tables: { list } }: StoredIndex, slices: Slices, isAll = false): Promise<Merge | undefined> {
    const count = isAll ? list.length : worthMerging(list.map(({ bytes }) => bytes));
    if (count === 0) return undefined;
    const name = this.#name();
    const file = await this.#disk.open(join(this.#folder, name), "create");
    const old = list.slice(0, count);
    let isWhole = false;
    try {
      const draft = { name, file, seal: this.#home.seal };
      isWhole = await mergeTables(old, draft, { isOldest: count === list.length, lookups: LOOKUPS }, slices);
    } finally {
      await file.close();
    }
    if (isWhole) return { table: await this.#openTable(name), old };
    await this.#disk.remove(join(this.#folder, name));
    return undefined;
  }

  /** Puts a merged table in the place of the old ones; younger ones may have come meanwhile. */
  async replace(now: StoredIndex, point: IndexPoint, { table, old }: Merge): Promise<StoredIndex> {
    const list = now.tables.list.flatMap((each) => (each === old[0] ? [table] : old.includes(each) ? [] : [each]));
    const index = new StoredIndex(new Tables(list), now);
    await this.#writeList(index, point);
    return index;
  }

  /** Closes and removes the tables that another index took the place of. */
  async drop(old: StoredIndex, now: StoredIndex): Promise<void> {
    for (const table of old.tables.list) {
      if (now.tables.list.includes(table)) continue;
      await table.close();
      await this.#disk.remove(join(this.#folder, table.name));
    }
  }

  get #list(): string {
    return join(this.#folder, LIST_NAME);
  }

  #name(): string {
    return `${String(this.#next++).padStart(6, "0")}.table`;
  }

  async #openTable(name: string): Promise<Table> {
    const file = await this.#disk.open(join(this.#folder, name), "read");
    try {
      return await Table.open(name, file, this.#home);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** All tables of a list; `undefined` when one of them is not there, or is not what was written: then none is opened. */
  async #openAll(list: readonly ListedTable[]): Promise<readonly Table[] | undefined> {
    const tables: Table[] = [];
    for (const { name, bytes, digest } of list) {
      const isThere = (await this.#disk.inspect(join(this.#folder, name)))?.bytes === bytes;
      const table = isThere ? await orNothing(this.#openTable(name)) : undefined;
      if (table !== undefined) tables.push(table);
      // A table of the same name and size may have come from another ledger.
      if (table?.footer.digest === digest) continue;
      await Promise.all(tables.map((opened) => opened.close()));
      return undefined;
    }
    return tables;
  }

  async #writeList({ tables, position, time, facts }: StoredIndex, point: IndexPoint): Promise<void> {
    const list = {
      format: FORMAT,
      position,
      time,
      facts,
      next: this.#next,
      point: { ...point },
      tables: tables.list.map(({ name, bytes, footer: { digest } }) => ({ name, bytes, digest })),
    };
    // Its names are durable with the folder's sync that putting the list in place ends with.
    await writeChecked(this.#disk, this.#list, list);
  }
}

const LIST_NAME = "tables.json";

/** Raised whenever what stands in tables changes its form. */
const FORMAT = 3;

/** Tables that were merged, and what they have become. */
export interface Merge {
  readonly table: Table;
  readonly old: readonly Table[];
}

interface ListedTable {
  readonly name: string;
  readonly bytes: number;
  readonly digest: string;
}

interface TableList {
  readonly position: number;
  readonly time: number;
  readonly facts: number;
  readonly next: number;
  readonly point: IndexPoint;
  readonly tables: readonly ListedTable[];
}

/** A list of another edition is of no use, whatever its members are: the tables may be of another form. */
function keptIn(list: JsonObject): TableList | undefined {
  const { format, position, time, facts, next, point, tables } = list;
  if (format !== FORMAT) return undefined;
  if (typeof position !== "number" || typeof time !== "number" || typeof facts !== "number" || typeof next !== "number") return undefined;
  if (!isJsonObject(point) || !Array.isArray(tables)) return undefined;
  const { offset, group, chain, last } = point;
  if (typeof offset !== "number" || typeof group !== "number" || typeof chain !== "string" || typeof last !== "number") return undefined;
  const listed: ListedTable[] = [];
  // What is in a JSON array is JSON.
  for (const table of tables as readonly JsonValue[]) {
    if (!isJsonObject(table)) return undefined;
    const { name, bytes, digest } = table;
    if (typeof name !== "string" || !/^\d{6,}\.table$/.test(name) || typeof bytes !== "number" || typeof digest !== "string")
      return undefined;
    listed.push({ name, bytes, digest });
  }
  return { position, time, facts, next, point: { position, offset, group, chain, last }, tables: listed };
}

/** What a look gives, or nothing when what it looked at is damaged: it is made again. */
async function orNothing<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    // For a reader, the writer may have put another table in its place a moment ago.
    if (error instanceof LedgerError || isMissing(error)) return undefined;
    throw error;
  }
}
