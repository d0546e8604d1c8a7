// The segments of a log as one long file: a byte has the same address for ever, wherever its segment lies and whatever became of those before it.

import { type Disk, type DiskFile, isMissing, type OpenMode, readUpTo } from "./disk.ts";
import { layoutOf, type LedgerFolder, type SegmentName, shortName } from "./folder.ts";
import { KeptLines } from "./kept-lines.ts";
import { readStart } from "./log-start.ts";
import { damaged } from "./refusals.ts";

/** Segments kept open at a time. */
const OPEN_LIMIT = 64;

/** A log whose segments are opened as they are needed. Only the last one grows; what compactions kept of the first ones lies in a file of its own. */
export class LogFile {
  readonly #disk: Disk;
  readonly #folder: LedgerFolder;
  readonly #mode: OpenMode;
  #segments: SegmentName[];
  #kept: KeptLines | undefined;
  readonly #open = new Map<SegmentName, OpenFile>();
  readonly #unsynced = new Set<SegmentName>();

  private constructor(disk: Disk, folder: LedgerFolder, mode: OpenMode, segments: readonly SegmentName[], kept: KeptLines | undefined) {
    this.#disk = disk;
    this.#folder = folder;
    this.#mode = mode;
    this.#segments = [...segments];
    this.#kept = kept;
  }

  /** The log of a folder, or `undefined` when there is none. */
  static async open(disk: Disk, folder: LedgerFolder, mode: "read" | "update"): Promise<LogFile | undefined> {
    const { segments, kept } = await openLayout(disk, folder, undefined);
    return segments.length === 0 ? undefined : new LogFile(disk, folder, mode, segments, kept);
  }

  /** The address of its first byte. */
  get base(): number {
    return this.#segments[0]?.base ?? 0;
  }

  /** What is kept of the log before that. */
  get kept(): KeptLines | undefined {
    return this.#kept;
  }

  /** The segments, oldest first. */
  get segments(): readonly SegmentName[] {
    return this.#segments;
  }

  /** The one that grows. */
  get last(): SegmentName {
    const last = this.#segments.at(-1);
    if (last === undefined) throw new RangeError("a log has at least one segment");
    return last;
  }

  /** Adds the next segment, which is there already. */
  add(segment: SegmentName): void {
    this.#segments.push(segment);
  }

  /** Begins where these kept lines end, from now on. */
  async beginBehind(kept: KeptLines): Promise<void> {
    const before = this.#kept;
    this.#kept = kept;
    this.#segments = this.#segments.filter(({ base }) => base >= kept.start.offset);
    // What is being read goes on: an open file stays when its name is gone, and so does the room it takes, until it is closed.
    for (const segment of this.#open.keys()) await this.#closeIfLeft(segment);
    await before?.close();
  }

  /** Looks whether a compaction has moved the beginning, and what has begun since. */
  async refresh(): Promise<void> {
    const { segments, kept } = await openLayout(this.#disk, this.#folder, this.#kept);
    if (kept === undefined || kept === this.#kept) return;
    const known = new Map(this.#segments.map((segment) => [segment.base, segment]));
    this.#segments = segments.map((segment) => known.get(segment.base) ?? segment);
    await this.beginBehind(kept);
  }

  /** The segment that holds an address: the last one that does not begin behind it. */
  segmentAt(address: number): SegmentName {
    return this.#segments[this.#indexAt(address)] ?? this.last;
  }

  /** An address as people find it: a file and a byte in it. */
  placeOf(address: number): { readonly file: string; readonly offset: number } {
    if (address < this.base && this.#kept !== undefined) return { file: shortName(this.#kept.path), offset: address };
    const { path, base } = this.segmentAt(address);
    return { file: shortName(path), offset: address - base };
  }

  /** The address behind the last byte. */
  async size(): Promise<number> {
    const { last } = this;
    return last.base + (await this.#use(last, (file) => file.size()));
  }

  async read(into: Uint8Array, address: number): Promise<number> {
    try {
      return await this.#read(into, address);
    } catch (error) {
      if (!isMissing(error)) throw error;
      // A compaction, here or in another process, has removed the segment since the names were read.
      if (this.#mode === "read") await this.refresh();
      if (address >= this.base) throw error;
      return this.#read(into, address);
    }
  }

  async #read(into: Uint8Array, address: number): Promise<number> {
    if (address < this.base && this.#kept !== undefined) return this.#kept.read(into, address);
    const index = this.#indexAt(address);
    const segment = this.#segments[index] ?? this.last;
    // Another segment may begin while this one is read.
    const isLast = index === this.#segments.length - 1;
    const end = this.#endOf(index);
    const wanted = into.subarray(0, Math.min(into.length, end - address));
    const got = await this.#use(segment, (file) => file.read(wanted, address - segment.base));
    if (got === 0 && wanted.length > 0 && !isLast)
      throw damaged({ ...this.placeOf(address), reason: `the segment ends here, ${end - address} bytes are missing` });
    return got;
  }

  async write(bytes: Uint8Array, address: number): Promise<number> {
    const index = this.#indexAt(address);
    const segment = this.#segments[index] ?? this.last;
    this.#unsynced.add(segment);
    return this.#use(segment, (file) => file.write(bytes.subarray(0, this.#endOf(index) - address), address - segment.base));
  }

  /** Cuts the last segment. */
  async truncate(address: number): Promise<void> {
    await this.#use(this.last, async (file) => {
      await file.truncate(address - this.last.base);
      await file.sync();
    });
  }

  async syncContent(): Promise<void> {
    for (const segment of this.#unsynced) await this.#use(segment, (file) => file.syncContent());
    this.#unsynced.clear();
  }

  /** A piece of one segment, for walks over its file alone. */
  async bytesOf(segment: SegmentName, from: number, count: number): Promise<Buffer> {
    return this.#use(segment, (file) => readUpTo(file, from, count));
  }

  async close(): Promise<void> {
    const files = [...this.#open.values()];
    this.#open.clear();
    for (const { file } of files) await (await file).close();
    await this.#kept?.close();
  }

  #indexAt(address: number): number {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#segments[middle]?.base ?? 0) <= address) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #endOf(index: number): number {
    return this.#segments[index + 1]?.base ?? Number.MAX_SAFE_INTEGER;
  }

  async #use<T>(segment: SegmentName, act: (file: DiskFile) => Promise<T>): Promise<T> {
    const opened = this.#open.get(segment) ?? { file: this.#disk.open(segment.path, this.#mode), users: 0 };
    // The one used last comes last.
    this.#open.delete(segment);
    this.#open.set(segment, opened);
    opened.users += 1;
    try {
      return await act(await opened.file);
    } catch (error) {
      if (isMissing(error)) this.#open.delete(segment);
      throw error;
    } finally {
      opened.users -= 1;
      await this.#closeIfLeft(segment);
      if (this.#open.size > OPEN_LIMIT) await this.#closeOldest();
    }
  }

  /** Closes a segment that lies before the beginning, and that nobody reads any more. */
  async #closeIfLeft(segment: SegmentName): Promise<void> {
    const opened = this.#open.get(segment);
    if (opened === undefined || opened.users > 0 || segment.base >= this.base) return;
    this.#open.delete(segment);
    await (await opened.file).close();
  }

  async #closeOldest(): Promise<void> {
    for (const [segment, { file, users }] of this.#open) {
      if (users > 0 || segment === this.last) continue;
      this.#open.delete(segment);
      await (await file).close();
      return;
    }
  }
}

/** Looks again when the beginning has moved under the look; so often in a row it never does. */
const LOOKS = 8;

/** The segments of a log and what is kept before them: as it was open before when it is still the same. */
async function openLayout(
  disk: Disk,
  folder: LedgerFolder,
  known: KeptLines | undefined,
): Promise<{ readonly segments: readonly SegmentName[]; readonly kept: KeptLines | undefined }> {
  for (let look = 1; ; look++) {
    const before = await readStart(disk, folder);
    try {
      const { segments, start } = await layoutOf(disk, folder);
      const isKnown = start === undefined || start.offset === known?.start.offset;
      return { segments, kept: isKnown ? known : await KeptLines.open(disk, folder, start) };
    } catch (error) {
      const after = await readStart(disk, folder);
      if (after?.offset === before?.offset || look === LOOKS) throw error;
    }
  }
}

interface OpenFile {
  readonly file: Promise<DiskFile>;
  users: number;
}
