// A block of a table: a few kilobytes of sorted entries whose keys share prefixes, under a checksum. Knows no files.
//
//   entry: varint shared bytes with the key before · varint further key bytes · varint value bytes + 1 (0: the key is gone) · key bytes · value bytes
//   block: entries, then CRC-32 of them in 4 bytes

import { crc32 } from "node:zlib";

/** A block is closed once it holds this many bytes. */
export const BLOCK_BYTES = 4096;

const CHECKSUM_BYTES = 4;

/** Room for a key at first. */
const KEY_BYTES = 128;

/** A value, or that the key is gone: it hides what older tables say. */
export type TableValue = Buffer | undefined;

/** The entries of a block: keys ascending, and what belongs to each. */
interface Entries {
  readonly keys: readonly string[];
  readonly values: readonly TableValue[];
}

/** A block that was read. One key is found in the bytes as they are; only who walks through a block has all of it spelt out. */
export class Block {
  readonly #bytes: Buffer;
  readonly #end: number;
  #entries: Entries | undefined;

  private constructor(bytes: Buffer, end: number) {
    this.#bytes = bytes;
    this.#end = end;
  }

  /** Undefined for bytes that are not what was written. */
  static of(bytes: Buffer): Block | undefined {
    const end = bytes.length - CHECKSUM_BYTES;
    return end < 0 || crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end) ? undefined : new Block(bytes, end);
  }

  get keys(): readonly string[] {
    return (this.#entries ??= this.#decode()).keys;
  }

  get values(): readonly TableValue[] {
    return (this.#entries ??= this.#decode()).values;
  }

  /** What is said of a key; undefined when it is not here. */
  get(key: Buffer): { readonly value: TableValue } | undefined {
    const reader = new VarintReader(this.#bytes);
    /** So many bytes of the key are those of the entry before. */
    let alike = 0;
    while (reader.at < this.#end) {
      const shared = reader.next();
      const further = reader.next();
      const valueBytes = reader.next();
      const behind = reader.at + further;
      // An entry that shares more with the one before differs from the key where that one did, and one that shares less differs where it parts from it.
      if (shared < alike) alike = shared;
      else if (shared === alike) {
        alike += sharedBytes(this.#bytes.subarray(reader.at, behind), key.subarray(alike), further);
        if (alike === key.length && alike === shared + further) return { value: this.#valueAt(behind, valueBytes) };
      }
      reader.at = behind + Math.max(0, valueBytes - 1);
    }
    return undefined;
  }

  #decode(): Entries {
    const keys: string[] = [];
    const values: TableValue[] = [];
    const reader = new VarintReader(this.#bytes);
    let key = Buffer.alloc(0);
    while (reader.at < this.#end) {
      const shared = reader.next();
      const further = reader.next();
      const valueBytes = reader.next();
      const behind = reader.at + further;
      const whole = Buffer.allocUnsafe(shared + further);
      key.copy(whole, 0, 0, shared);
      this.#bytes.copy(whole, shared, reader.at, behind);
      key = whole;
      keys.push(key.toString("utf8"));
      values.push(this.#valueAt(behind, valueBytes));
      reader.at = behind + Math.max(0, valueBytes - 1);
    }
    return { keys, values };
  }

  #valueAt(from: number, bytes: number): TableValue {
    return bytes === 0 ? undefined : this.#bytes.subarray(from, from + bytes - 1);
  }
}

/** Collects the entries of one block. Keys must ascend. */
export class BlockBuilder {
  #bytes = Buffer.allocUnsafe(2 * BLOCK_BYTES);
  #length = 0;
  /** The bytes of the key before. */
  #last = Buffer.allocUnsafe(KEY_BYTES);
  #lastLength = 0;
  /** Room for those of the next one: the two change places. */
  #next = Buffer.allocUnsafe(KEY_BYTES);
  #first: string | undefined;
  #count = 0;

  get firstKey(): string {
    return this.#first ?? "";
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#length >= BLOCK_BYTES;
  }

  add(key: string, value: TableValue): void {
    if (this.#next.length < 3 * key.length) this.#next = Buffer.allocUnsafe(3 * key.length);
    const keyLength = this.#next.write(key);
    const shared = sharedBytes(this.#last, this.#next, Math.min(this.#lastLength, keyLength));
    this.#reserve(3 * VARINT_BYTES + keyLength + (value?.length ?? 0));
    this.#varint(shared);
    this.#varint(keyLength - shared);
    this.#varint(value === undefined ? 0 : value.length + 1);
    this.#length += this.#next.copy(this.#bytes, this.#length, shared, keyLength);
    if (value !== undefined) this.#length += value.copy(this.#bytes, this.#length);
    [this.#last, this.#next] = [this.#next, this.#last];
    this.#lastLength = keyLength;
    this.#first ??= key;
    this.#count += 1;
  }

  /** The block, checksum included; the builder is empty again. */
  take(): Buffer {
    const block = Buffer.allocUnsafe(this.#length + CHECKSUM_BYTES);
    this.#bytes.copy(block, 0, 0, this.#length);
    block.writeUInt32LE(crc32(block.subarray(0, this.#length)), this.#length);
    this.#length = 0;
    this.#lastLength = 0;
    this.#first = undefined;
    this.#count = 0;
    return block;
  }

  #reserve(further: number): void {
    if (this.#length + further <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + further));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  #varint(value: number): void {
    this.#length = writeVarint(this.#bytes, this.#length, value);
  }
}

/** The most bytes a number takes: 7 bits in each, numbers are whole and below 2⁵³. */
export const VARINT_BYTES = 8;

/** Writes a number and gives the place behind it. */
export function writeVarint(into: Buffer, at: number, value: number): number {
  let rest = value;
  let place = at;
  while (rest >= 128) {
    into[place++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  into[place++] = rest;
  return place;
}

/** Reads numbers one after the other. */
export class VarintReader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#bytes[this.at++] ?? 0;
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  }
}

/** How many bytes two keys begin with alike. */
function sharedBytes(one: Buffer, other: Buffer, most: number): number {
  let count = 0;
  while (count < most && one[count] === other[count]) count++;
  return count;
}
