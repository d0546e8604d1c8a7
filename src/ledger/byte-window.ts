// A moving view on a file, so that a log of any size is read in pieces. Knows no lines.

import { type ReadableFile, readUpTo } from "./disk.ts";

/** Bytes read at a time. */
const CHUNK_BYTES = 1024 * 1024;

/** Reads forward through a file and keeps the piece at hand. */
export class ByteWindow {
  readonly #file: ReadableFile;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(file: ReadableFile) {
    this.#file = file;
  }

  /** The bytes from an offset on: at least `count` of them, unless the file ends before. */
  async from(offset: number, count: number): Promise<Buffer> {
    const at = offset - this.#start;
    if (at < 0 || at + count > this.#bytes.length) {
      // A fresh buffer, never the old one: views given out before stay what they were.
      this.#bytes = await readUpTo(this.#file, offset, Math.max(count, CHUNK_BYTES));
      this.#start = offset;
      return this.#bytes;
    }
    return this.#bytes.subarray(at);
  }
}
