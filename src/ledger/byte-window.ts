// A moving view on a file, so that a log of any size is read in pieces. Knows no lines.

import { type ReadableFile, readUpTo } from "./disk.ts";

/** Bytes read at a time. */
const CHUNK_BYTES = 1024 * 1024;

/** Reads forward through a file and keeps the piece at hand. */
export class ByteWindow {
  readonly #file: ReadableFile;
  readonly #end: number;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  /** @param end where there is nothing more of use: no room is made for what lies behind it */
  constructor(file: ReadableFile, end = Number.POSITIVE_INFINITY) {
    this.#file = file;
    this.#end = end;
  }

  /** The bytes from an offset on: at least `count` of them, unless the file ends before. */
  async from(offset: number, count: number): Promise<Buffer> {
    const at = offset - this.#start;
    if (at < 0 || at + count > this.#bytes.length) {
      // A fresh buffer, never the old one: views given out before stay what they were.
      this.#bytes = await readUpTo(this.#file, offset, Math.max(count, Math.min(CHUNK_BYTES, this.#end - offset)));
      this.#start = offset;
      return this.#bytes;
    }
    return this.#bytes.subarray(at);
  }
}
