// Reads a damaged log as far as it can be read: gives every whole sync group whose lines check out, and says what lies between them. Changes nothing, and never stops at damage.

import { isJsonObject, parseJson } from "../json.ts";
import { decodeBody } from "./body.ts";
import { ByteWindow } from "./byte-window.ts";
import { type Disk, firstBytes } from "./disk.ts";
import { type SegmentName, shortName } from "./folder.ts";
import { GENESIS, type Line, PREFIX_BYTES } from "./frame.ts";
import type { Entry } from "./ledger.ts";
import { breach, findLine, lineAt, type LogPoint } from "./scan.ts";
import { isHeader, LOG_START, misplaced } from "./segment.ts";

/** A piece of the log of which nothing was taken. */
export interface Gap {
  /** Where it begins: a file and a byte in it. It may reach into the files behind. */
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  /** The commits that stood there, as far as positions tell; none when they were not missed. */
  readonly positions?: { readonly first: number; readonly last: number };
  readonly reason: string;
}

/** What comes of a damaged log, in its order. */
export type Salvaged = { readonly kind: "group"; readonly entries: readonly Entry[] } | { readonly kind: "gap"; readonly gap: Gap };

/** How a damaged log ends. */
export interface SalvageEnd {
  /** The ledger that the log is of; `undefined` when not one segment says. */
  readonly ledgerId: string | undefined;
  /** The chain of the last line that was taken. */
  readonly chain: string;
  /** Bytes behind it that were being written when the writer ended: nobody was told of them. */
  readonly unfinishedBytes: number;
}

/** What is known of the log besides its segments. */
export interface DamagedLog {
  readonly disk: Disk;
  readonly segments: readonly SegmentName[];
  /** Where the first of them begins, when compactions have removed others. */
  readonly start: LogPoint | undefined;
  readonly ledgerId: string | undefined;
  readonly witness: LogPoint | undefined;
}

/** A line takes at least this much, so a gap cannot hold more commits than fit in its bytes. */
const LINE_MINIMUM_BYTES = PREFIX_BYTES + 4;

/** So many lines more may be missing: somebody may have taken them out with their bytes. */
const LINES_TAKEN_OUT = 64;

/** Walks over what there is. */
export class SalvageScan {
  readonly #log: DamagedLog;
  readonly #take: (salvaged: Salvaged) => Promise<void>;
  #ledgerId: string | undefined;
  /** The line before, with the address behind it. */
  #last: LogPoint & { readonly ends: boolean } = { ...LOG_START, ends: true };
  /** Behind the last group that was taken, or the header after it. */
  #taken: LogPoint = LOG_START;
  #chain = GENESIS;
  #group: Entry[] = [];
  /** Where the group began that is being read, and whether it can still be taken. */
  #groupStart = 0;
  #isGroupGood = true;
  /** Why something could not be taken since the last group that was. */
  #reason: string | undefined;

  constructor(log: DamagedLog, take: (salvaged: Salvaged) => Promise<void>) {
    this.#log = log;
    this.#take = take;
    this.#ledgerId = log.ledgerId;
    if (log.start !== undefined) {
      this.#last = { ...log.start, ends: true };
      this.#taken = log.start;
      this.#chain = log.start.chain;
    }
  }

  async run(): Promise<SalvageEnd> {
    const { segments, disk, witness } = this.#log;
    let end = 0;
    for (const [index, segment] of segments.entries()) {
      const size = (await disk.inspect(segment.path))?.bytes ?? 0;
      const bytes = Math.min(size, (segments[index + 1]?.base ?? Number.MAX_SAFE_INTEGER) - segment.base);
      end = segment.base + bytes;
      await this.#segment(segment, bytes);
    }
    const missing = (witness?.position ?? 0) > this.#taken.position ? witness : undefined;
    const seen = this.#reason === undefined ? this.#taken.position : this.#last.position;
    const lastLost = Math.max(missing?.position ?? 0, seen);
    if (this.#reason !== undefined || missing !== undefined) {
      await this.#gap(Math.max(end, missing?.offset ?? 0), lastLost, this.#reason ?? "the log ends before what was durable once");
      return { ledgerId: this.#ledgerId, chain: this.#chain, unfinishedBytes: 0 };
    }
    return { ledgerId: this.#ledgerId, chain: this.#chain, unfinishedBytes: Math.max(0, end - this.#taken.offset) };
  }

  async #segment(segment: SegmentName, bytes: number): Promise<void> {
    const { base, path } = segment;
    // A group ends with its segment.
    if (this.#last.offset !== base || !this.#last.ends) this.#spoil(`the log does not lead on to ${shortName(path)}`);
    const file = await this.#log.disk.open(path, "read");
    try {
      const window = new ByteWindow(firstBytes(file, bytes));
      for (let offset = 0; offset < bytes; ) offset = await this.#step(window, base, offset, bytes);
    } finally {
      await file.close();
    }
  }

  /** Reads on at a byte of a segment, and gives the byte to go on at. */
  async #step(window: ByteWindow, base: number, offset: number, bytes: number): Promise<number> {
    const reading = await lineAt(window, offset);
    const isFitting = reading.kind === "line" && this.#canStand(reading.line, base, offset);
    if (isFitting) {
      await this.#line(reading.line, base + offset);
      return offset + reading.line.bytes;
    }
    const next = await findLine(window, offset + 1, (line) => line.position > this.#last.position);
    // At the end of the log this is a write that was cut short, unless something tells otherwise.
    const isTail = next === undefined && this.#log.segments.at(-1)?.base === base;
    if (!isTail) this.#spoil(reading.kind === "line" ? "a line that does not belong there" : "bytes that are no whole line");
    return next === undefined ? bytes : next.offset;
  }

  /** True for a line that can be of this log and at this place, whatever is before it. */
  #canStand(line: Line, base: number, offset: number): boolean {
    if (isHeader(line)) {
      // The position of a header is that of the line before it.
      return offset === 0 && line.position >= this.#last.position && misplaced(line, base, this.#ledgerId) === undefined;
    }
    const missed = line.position - this.#last.position - 1;
    const room = base + offset - this.#last.offset;
    return missed >= 0 && missed <= room / LINE_MINIMUM_BYTES + LINES_TAKEN_OUT;
  }

  async #line(line: Line, address: number): Promise<void> {
    const isFirst = isHeader(line);
    const entry = isFirst ? undefined : decodeBody(line.position, line.body);
    const isBehind = address === this.#last.offset;
    const reason = isBehind
      ? breach(this.#last, line)
      : `${address - this.#last.offset} bytes behind commit ${this.#last.position} are no whole line`;
    if (reason !== undefined) this.#spoil(reason);
    if (isFirst) this.#learn(line);
    if (reason === undefined ? this.#last.ends : this.#beginsGroup(line)) {
      this.#group = [];
      this.#groupStart = address;
      // Where nothing is missing that could explain it, the line itself is the one that is wrong.
      this.#isGroupGood = reason === undefined || !isBehind || line.position !== this.#last.position + 1;
    }
    if (entry !== undefined) this.#group.push(entry);
    else if (!isFirst) this.#spoil("the line holds no commit");
    this.#last = { offset: address + line.bytes, position: line.position, group: line.group, chain: line.chain, ends: line.ends };
    if (line.ends) await this.#endGroup(isFirst);
  }

  /** Behind a gap: true when the groups that were lost had one line each, so that this line cannot be in the middle of one. */
  #beginsGroup(line: Line): boolean {
    if (isHeader(line)) return true;
    const { position, group, ends } = this.#last;
    const lostLines = line.position - position - 1;
    const lostGroups = line.group - group - (ends ? 1 : 0);
    return lostGroups >= 0 && (ends || lostGroups > 0) && lostLines === lostGroups;
  }

  async #endGroup(isOfSegment: boolean): Promise<void> {
    const { offset, position, group, chain } = this.#last;
    if (isOfSegment && this.#reason === undefined) this.#taken = { offset, position, group, chain };
    if (isOfSegment || !this.#isGroupGood) {
      this.#isGroupGood = true;
      this.#group = [];
      return;
    }
    const [first] = this.#group;
    if (first === undefined) return;
    if (this.#reason !== undefined) await this.#gap(this.#groupStart, first.position - 1, this.#reason);
    await this.#take({ kind: "group", entries: this.#group });
    this.#group = [];
    this.#taken = { offset, position, group, chain };
    this.#chain = chain;
    this.#reason = undefined;
  }

  /** The group at hand, and what else comes before the next good one, cannot be taken. */
  #spoil(reason: string): void {
    this.#reason ??= reason;
    this.#isGroupGood = false;
  }

  async #gap(to: number, last: number, reason: string): Promise<void> {
    const { offset, position } = this.#taken;
    const segment = this.#log.segments.findLast(({ base }) => base <= offset) ?? this.#log.segments[0];
    const place =
      segment === undefined ? { file: "segments", offset } : { file: shortName(segment.path), offset: Math.max(0, offset - segment.base) };
    const positions = last > position ? { positions: { first: position + 1, last } } : {};
    await this.#take({ kind: "gap", gap: { ...place, bytes: Math.max(0, to - offset), ...positions, reason } });
  }

  #learn({ body }: Line): void {
    const header = parseJson(body);
    if (isJsonObject(header) && typeof header.ledger === "string") this.#ledgerId ??= header.ledger;
  }
}
