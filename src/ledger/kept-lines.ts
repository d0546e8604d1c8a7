// Lines of the log before its beginning that somebody still needs: read at the addresses that they always had. Found by halving, since the file is in the order of the addresses.

import { ByteWindow } from "./byte-window.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { type LedgerFolder, shortName } from "./folder.ts";
import { lineBytes, type Line } from "./frame.ts";
import { findMark, keptHeader, keptPath, MARK_BYTES, readMark } from "./kept-file.ts";
import type { LogStart } from "./log-start.ts";
import { damaged, damagedFile } from "./refusals.ts";
import { lineAt } from "./scan.ts";

/** Bytes looked at in each step of a search. */
const PROBE_BYTES = 4 * 1024;

/** A kept line: its address in the log, what it is, and how it stands there. */
export interface KeptLine {
  readonly address: number;
  readonly line: Line;
  readonly bytes: Buffer;
}

/** An open file of kept lines. */
export class KeptLines {
  readonly path: string;
  readonly start: LogStart;
  readonly #file: DiskFile;
  #users = 0;
  #isLeft = false;

  private constructor(path: string, start: LogStart, file: DiskFile) {
    this.path = path;
    this.start = start;
    this.#file = file;
  }

  /** @throws LedgerError `ledger_damaged` when it is missing or has another size than it had */
  static async open(disk: Disk, folder: LedgerFolder, start: LogStart): Promise<KeptLines> {
    const path = keptPath(folder, start);
    const found = await disk.inspect(path);
    if (found === undefined) throw damagedFile(shortName(path), "is missing, and the log needs what is kept in it");
    if (found.bytes !== start.kept.bytes)
      throw damagedFile(shortName(path), `has ${found.bytes} bytes, and ${start.kept.bytes} were written`);
    return new KeptLines(path, start, await disk.open(path, "read"));
  }

  /** Fills the buffer from an address on, at most to the end of the line there; 0 when nothing is kept there. */
  async read(into: Uint8Array, address: number): Promise<number> {
    const place = this.#find(address);
    const bytes = place === undefined ? 0 : this.#lineBytes(place.at);
    if (place === undefined || address >= place.address + bytes) return 0;
    const from = address - place.address;
    this.#users += 1;
    try {
      return await this.#file.read(into.subarray(0, bytes - from), place.at + MARK_BYTES + from);
    } finally {
      await this.#freed();
    }
  }

  /** All lines, in their order; of any ledger when its id is not known. @throws LedgerError `ledger_damaged` */
  async *lines(ledgerId: string | undefined): AsyncGenerator<KeptLine, void, undefined> {
    this.#users += 1;
    try {
      yield* this.#lines(ledgerId);
    } finally {
      await this.#freed();
    }
  }

  /** Is not read from any more by anyone who asks now: closes it, or lets whoever reads at this moment do that. */
  async close(): Promise<void> {
    this.#isLeft = true;
    if (this.#users === 0) await this.#file.close();
  }

  async *#lines(ledgerId: string | undefined): AsyncGenerator<KeptLine, void, undefined> {
    const { start } = this;
    const window = new ByteWindow(this.#file);
    const first = await window.from(0, PROBE_BYTES);
    const headerBytes = first.indexOf("\n") + 1;
    if (ledgerId !== undefined && !first.subarray(0, headerBytes).equals(keptHeader(ledgerId)))
      throw this.#damaged(0, "the first line belongs to another ledger");
    let last = -1;
    for (let at = headerBytes; at < start.kept.bytes; ) {
      const address = readMark(await window.from(at, MARK_BYTES));
      if (address === undefined || address <= last || address >= start.offset) throw this.#damaged(at, "no address stands here that could");
      const reading = await lineAt(window, at + MARK_BYTES);
      if (reading.kind !== "line") throw this.#damaged(at + MARK_BYTES, "the bytes are no whole line");
      const bytes = (await window.from(at + MARK_BYTES, reading.line.bytes)).subarray(0, reading.line.bytes);
      yield { address, line: reading.line, bytes };
      last = address;
      at += MARK_BYTES + reading.line.bytes;
    }
  }

  async #freed(): Promise<void> {
    this.#users -= 1;
    if (this.#isLeft && this.#users === 0) await this.#file.close();
  }

  /** The last line that does not begin behind an address. */
  #find(address: number): Mark | undefined {
    let low = 0;
    let high = this.start.kept.bytes;
    let found: Mark | undefined;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const mark = this.#markFrom(middle, high);
      if (mark === undefined || mark.address > address) high = middle;
      else {
        found = mark;
        low = mark.at + 1;
      }
    }
    return found;
  }

  /** The first mark at or behind a place, and before another one. */
  #markFrom(from: number, before: number): Mark | undefined {
    const bytes = Buffer.allocUnsafe(PROBE_BYTES);
    // The newline in front belongs to the mark, and the next look begins where a cut one could.
    for (let at = Math.max(0, from - 1); at < before; at += PROBE_BYTES - MARK_BYTES) {
      const got = this.#file.readNow(bytes, at);
      const index = findMark(bytes.subarray(0, got));
      if (index >= 0) {
        const address = readMark(bytes.subarray(index));
        return address === undefined || at + index >= before ? undefined : { at: at + index, address };
      }
      if (got < PROBE_BYTES) return undefined;
    }
    return undefined;
  }

  #lineBytes(at: number): number {
    const prefix = Buffer.alloc(12);
    this.#file.readNow(prefix, at + MARK_BYTES);
    return lineBytes(prefix);
  }

  #damaged(offset: number, reason: string): Error {
    return damaged({ file: shortName(this.path), offset, reason });
  }
}

interface Mark {
  /** Where it stands in the file. */
  readonly at: number;
  readonly address: number;
}
