// Writes a table: an immutable file of sorted keys and values, laid out as a tree so that opening it reads one block and a lookup a few.
//
//   leaf blocks, with the blocks of the levels above them in between as they fill, each block followed by nothing; then the filter with its CRC-32; then the footer
//
// Every byte lies under a checksum: a table is never silently wrong.

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { CacheSeal } from "../cache-seal.ts";
import type { DiskFile } from "../disk.ts";
import { writeWhole } from "../disk.ts";
import { BlockBuilder, type TableValue, VARINT_BYTES, writeVarint } from "./block.ts";
import { KeyFilter, type Lookups, markOf } from "./filter.ts";

/** Bytes collected before they are written. */
const BUFFER_BYTES = 512 * 1024;

/** What the last bytes of a table say. */
export interface TableFooter {
  readonly root: BlockRef;
  /** Levels of blocks, leaves included; 0 for an empty table. */
  readonly height: number;
  readonly filter: BlockRef;
  readonly entries: number;
  /** Keys in the filter. */
  readonly filtered: number;
  /** Of all bytes before the footer, so that another table is not taken for this one. */
  readonly digest: string;
}

/** Where something lies in the file. */
export interface BlockRef {
  readonly offset: number;
  readonly bytes: number;
}

/** Which keys are looked up one by one, and how many of them there may be. */
export interface Filtered {
  readonly lookups: Lookups;
  readonly count: number;
}

/** The table that is written. */
export interface TableDraft {
  readonly name: string;
  readonly file: DiskFile;
  readonly seal: CacheSeal;
}

/** What a block is sealed for. */
export function placeIn(table: string, offset: number): string {
  return `${table} ${offset}`;
}

/** Takes entries in ascending order of their keys. */
export class TableWriter {
  readonly #name: string;
  readonly #file: DiskFile;
  readonly #seal: CacheSeal;
  readonly #levels: BlockBuilder[] = [];
  readonly #filter: KeyFilter;
  readonly #lookups: Lookups;
  readonly #digest = createHash("sha256");
  #buffered: Buffer[] = [];
  #bufferedBytes = 0;
  #written = 0;
  #offset = 0;
  #entries = 0;
  #filtered = 0;

  constructor({ name, file, seal }: TableDraft, { lookups, count }: Filtered) {
    this.#name = name;
    this.#file = file;
    this.#seal = seal;
    this.#lookups = lookups;
    this.#filter = KeyFilter.for(count);
  }

  /** True when so much is collected that `write` should be called. */
  get isFull(): boolean {
    return this.#bufferedBytes >= BUFFER_BYTES;
  }

  add(key: string, value: TableValue): void {
    this.#addAt(0, key, value);
    this.#entries += 1;
    if (!this.#lookups.isLookedUp(key)) return;
    this.#filter.add(markOf(key));
    this.#filtered += 1;
  }

  /** Writes what was collected. */
  async write(): Promise<void> {
    const bytes = Buffer.concat(this.#buffered);
    this.#buffered = [];
    this.#bufferedBytes = 0;
    await writeWhole(this.#file, bytes, this.#written);
    this.#written += bytes.length;
  }

  /** Writes the rest and makes it durable. Gives the bytes of the file. */
  async finish(): Promise<number> {
    let root: BlockRef = { offset: 0, bytes: 0 };
    let height = 0;
    for (let level = 0; level < this.#levels.length; level++) {
      const builder = this.#levels[level];
      if (builder === undefined || builder.count === 0) continue;
      const isTop = level === this.#levels.length - 1;
      root = isTop ? this.#putBlock(builder) : this.#close(level, builder);
      height = level + 1;
    }
    const filter = this.#put(withChecksum(this.#filter.bytes));
    const digest = this.#digest.digest("hex");
    const footer = encodeFooter({ root, height, filter, entries: this.#entries, filtered: this.#filtered, digest });
    this.#buffered.push(footer);
    this.#offset += footer.length;
    await this.write();
    await this.#file.sync();
    return this.#offset;
  }

  #addAt(level: number, key: string, value: TableValue): void {
    const builder = (this.#levels[level] ??= new BlockBuilder());
    // A block of one entry above the leaves would add levels for ever.
    if (builder.isFull && (level === 0 || builder.count > 1)) this.#close(level, builder);
    builder.add(key, value);
  }

  #close(level: number, builder: BlockBuilder): BlockRef {
    const { firstKey } = builder;
    const ref = this.#putBlock(builder);
    this.#addAt(level + 1, firstKey, encodeRef(ref));
    return ref;
  }

  #putBlock(builder: BlockBuilder): BlockRef {
    return this.#put(this.#seal.seal(builder.take(), placeIn(this.#name, this.#offset)));
  }

  #put(bytes: Buffer): BlockRef {
    const ref = { offset: this.#offset, bytes: bytes.length };
    this.#digest.update(bytes);
    this.#buffered.push(bytes);
    this.#bufferedBytes += bytes.length;
    this.#offset += bytes.length;
    return ref;
  }
}

/** Bytes of a footer. */
export const FOOTER_BYTES = 64;

const MAGIC = "KINDTAB1";

/** Bytes that are as they were written, with their checksum behind them. */
export function withChecksum(bytes: Buffer): Buffer {
  const whole = Buffer.allocUnsafe(bytes.length + 4);
  bytes.copy(whole);
  whole.writeUInt32LE(crc32(bytes), bytes.length);
  return whole;
}

/** The bytes before the checksum, or `undefined` when they are not what was written. */
export function withoutChecksum(whole: Buffer): Buffer | undefined {
  const end = whole.length - 4;
  if (end < 0) return undefined;
  const bytes = whole.subarray(0, end);
  return crc32(bytes) === whole.readUInt32LE(end) ? bytes : undefined;
}

/** Bytes of a digest that a footer has room for. */
const DIGEST_BYTES = 10;

function encodeFooter({ root, height, filter, entries, filtered, digest }: TableFooter): Buffer {
  const bytes = Buffer.alloc(FOOTER_BYTES - 4);
  bytes.write(MAGIC, 0, "latin1");
  let at = MAGIC.length;
  for (const value of [root.offset, root.bytes, height, filter.offset, filter.bytes, entries, filtered]) {
    bytes.writeUIntLE(value, at, 6);
    at += 6;
  }
  bytes.write(digest.slice(0, 2 * DIGEST_BYTES), at, "hex");
  return withChecksum(bytes);
}

/** Reads a footer; `undefined` when there is none. */
export function decodeFooter(whole: Buffer): TableFooter | undefined {
  const bytes = whole.length === FOOTER_BYTES ? withoutChecksum(whole) : undefined;
  if (bytes === undefined || bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) return undefined;
  const number = (index: number): number => bytes.readUIntLE(MAGIC.length + 6 * index, 6);
  return {
    root: { offset: number(0), bytes: number(1) },
    height: number(2),
    filter: { offset: number(3), bytes: number(4) },
    entries: number(5),
    filtered: number(6),
    digest: bytes.toString("hex", bytes.length - DIGEST_BYTES),
  };
}

function encodeRef({ offset, bytes }: BlockRef): Buffer {
  const buffer = Buffer.allocUnsafe(2 * VARINT_BYTES);
  return buffer.subarray(0, writeVarint(buffer, writeVarint(buffer, 0, offset), bytes));
}
