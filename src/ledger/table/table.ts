// A table that is read: one key, or a walk up or down from any key. Reads are short and at once, since whoever asks cannot wait. Knows bytes and keys, not what they mean.

import type { CacheSeal } from "../cache-seal.ts";
import type { DiskFile } from "../disk.ts";
import { Block, type TableValue, VarintReader } from "./block.ts";
import type { BlockCache } from "./block-cache.ts";
import { KeyFilter, type KeyMark, type Lookups } from "./filter.ts";
import { type BlockRef, decodeFooter, placeIn, FOOTER_BYTES, type TableFooter, withoutChecksum } from "./write-table.ts";

/** What an open table belongs to. */
export interface TableHome {
  readonly seal: CacheSeal;
  readonly cache: BlockCache;
  readonly lookups: Lookups;
  /** Is told of bytes that are not what was written, and gives the error for whoever asked. */
  damaged(file: string, offset: number): Error;
}

/** An open table. */
export class Table {
  readonly name: string;
  readonly bytes: number;
  readonly footer: TableFooter;
  readonly #file: DiskFile;
  readonly #home: TableHome;
  #filter: KeyFilter | undefined;

  private constructor(name: string, file: DiskFile, bytes: number, footer: TableFooter, home: TableHome) {
    this.name = name;
    this.#file = file;
    this.bytes = bytes;
    this.footer = footer;
    this.#home = home;
  }

  /** Reads the footer and nothing else. */
  static async open(name: string, file: DiskFile, home: TableHome): Promise<Table> {
    const bytes = await file.size();
    const at = Math.max(0, bytes - FOOTER_BYTES);
    const footer = decodeFooter(readNow(file, { offset: at, bytes: bytes - at }));
    if (footer === undefined) throw home.damaged(name, at);
    return new Table(name, file, bytes, footer, home);
  }

  /** Which keys the filter knows of. */
  get lookups(): Lookups {
    return this.#home.lookups;
  }

  /** False when such a key is surely not here. */
  mayHold(mark: KeyMark): boolean {
    if (this.footer.height === 0) return false;
    this.#filter ??= this.checkFilter();
    return this.#filter.mayHold(mark);
  }

  /** What the table says of a key: a value, that it is gone, or nothing at all. */
  get(key: string): { readonly value: TableValue } | undefined {
    if (this.footer.height === 0) return undefined;
    let block = this.block(this.footer.root);
    for (let level = this.footer.height - 1; level > 0; level--) {
      const index = lastAtOrBefore(block.keys, key);
      if (index < 0) return undefined;
      block = this.block(refAt(block, index));
    }
    return block.get(Buffer.from(key));
  }

  /** A block, from memory when it was read lately. */
  block(ref: BlockRef): Block {
    const known = this.#home.cache.get(this, ref.offset);
    if (known !== undefined) return known;
    const bytes = this.#home.seal.open(readNow(this.#file, ref), placeIn(this.name, ref.offset));
    const block = bytes === undefined ? undefined : Block.of(bytes);
    if (block === undefined) throw this.#home.damaged(this.name, ref.offset);
    this.#home.cache.put(this, ref.offset, block);
    return block;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Reads the filter, or throws when it is not what was written. */
  checkFilter(): KeyFilter {
    const bytes = withoutChecksum(readNow(this.#file, this.footer.filter));
    if (bytes === undefined) throw this.#home.damaged(this.name, this.footer.filter.offset);
    return new KeyFilter(bytes);
  }
}

/** Where a block above the leaves leads. */
export function refAt(block: Block, index: number): BlockRef {
  const value = block.values[index];
  if (value === undefined) return { offset: 0, bytes: 0 };
  const reader = new VarintReader(value);
  return { offset: reader.next(), bytes: reader.next() };
}

/** Index of the last key that is not behind the given one; -1 when all are. */
export function lastAtOrBefore(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function readNow(file: DiskFile, { offset, bytes }: BlockRef): Buffer {
  const buffer = Buffer.alloc(bytes);
  let done = 0;
  while (done < bytes) {
    const got = file.readNow(buffer.subarray(done), offset + done);
    if (got === 0) break;
    done += got;
  }
  return buffer.subarray(0, done);
}
