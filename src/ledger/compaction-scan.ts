// Looks what of the older part of a log somebody still needs, and how far it is worth to remove the rest: where as much goes as has to be written again, or more.

import { bisect } from "./bisect.ts";
import type { BlobSweep } from "./blob-sweep.ts";
import type { CommitCount } from "./compaction.ts";
import { decodeBody } from "./body.ts";
import type { Disk } from "./disk.ts";
import { type LedgerFolder, type SegmentName, shortName } from "./folder.ts";
import type { Line } from "./frame.ts";
import type { KeptSink } from "./kept-draft.ts";
import type { LeafFiles } from "./leaf-files.ts";
import type { LogFile } from "./log-file.ts";
import type { KeptFile } from "./log-start.ts";
import type { LogView } from "./log-view.ts";
import { damagedFile } from "./refusals.ts";
import { type Seal, sealJson, sealPath } from "./seal.ts";
import { loadSeal } from "./seal-file.ts";
import { SegmentDigest } from "./segment-digest.ts";
import { isHeader } from "./segment.ts";

/** What is looked at. */
export interface ScannedLog {
  readonly disk: Disk;
  readonly folder: LedgerFolder;
  readonly ledgerId: string;
  readonly log: LogFile;
  readonly view: LogView;
  /** Lets everything else that waits run first. */
  readonly pause: () => Promise<void>;
}

/** A place between two segments up to which a log can be removed. */
export interface Cut {
  /** How many segments lie before it. */
  readonly segments: number;
  readonly removed: CommitCount;
  readonly kept: CommitCount;
  /** The kept lines up to there. */
  readonly mark: KeptFile;
  /** Addresses at which the segments begin that kept lines come from. */
  readonly origins: ReadonlySet<number>;
  /** Position of the last commit before it. */
  readonly last: number;
}

/** Which lines of a log are needed: those of streams that are still read. */
export class Needed {
  readonly #view: LogView;
  readonly #firsts = new Map<string, number>();
  readonly #gone = new Set<string>();

  constructor(view: LogView) {
    this.#view = view;
  }

  /** Streams of which something is not needed, since the last time this was asked. */
  takeGone(): readonly string[] {
    const gone = [...this.#gone];
    this.#gone.clear();
    // What is known of streams is for a stretch of the log, so that it does not grow with the ledger.
    this.#firsts.clear();
    return gone;
  }

  has({ position, body }: Line): boolean {
    const run = runOf(position, body);
    if (run === undefined) return true;
    let first = this.#firsts.get(run);
    if (first === undefined) {
      first = this.#view.firstOf(run) ?? Number.POSITIVE_INFINITY;
      this.#firsts.set(run, first);
    }
    const isNeeded = position >= first;
    if (!isNeeded) this.#gone.add(run);
    return isNeeded;
  }
}

/** How the body of a commit begins, whether its content is sealed or not. */
const RUN = /^\{"run":"([^"\\]*)"/;

function runOf(position: number, body: string): string | undefined {
  const [, run] = RUN.exec(body) ?? [];
  return run ?? decodeBody(position, body)?.run;
}

/** Where what was found goes. */
export interface CutOutput {
  readonly sink: KeptSink;
  readonly leaves: LeafFiles;
  readonly sweep: BlobSweep;
  /** Hears of streams of which something is not needed. */
  readonly onGone: (runs: readonly string[]) => Promise<void>;
}

/** How far to look. */
export interface CutBounds {
  /** At the segment that grows, too, as if it had ended. */
  readonly isEnding: boolean;
  /** Nothing behind this position is to be removed. */
  readonly upTo: number;
}

/** Goes through the log from its beginning and tells how far it should be removed; `undefined` when that is worth it nowhere. */
export async function findCut(scanned: ScannedLog, output: CutOutput, { isEnding, upTo }: CutBounds): Promise<Cut | undefined> {
  const { log } = scanned;
  const search = new CutSearch(scanned, output);
  await search.readKept();
  const ended = isEnding ? log.segments : log.segments.slice(0, -1);
  // Not to the end of the log: that lies behind another header when the segment has really ended.
  const bytes = (isEnding ? scanned.view.end.offset : log.last.base) - log.base;
  let best: Cut | undefined;
  for (const [index, segment] of ended.entries()) {
    const seal = await sealOf(scanned, segment);
    // It waits for whoever can sign it: without its seal nothing would vouch for what is kept of it.
    if (seal === undefined && segment !== log.last) break;
    if ((seal?.last ?? scanned.view.position) > upTo) break;
    const last = await search.read(segment, seal);
    if (search.isWorthIt) best = { segments: index + 1, ...search.found, last };
    // What must be written again is more than half of all there is: no later place can be better.
    if (search.found.kept.bytes > bytes / 2) break;
  }
  return best;
}

/** True when more of the segment that grows could be removed than would have to be kept. */
export async function isWorthEnding({ disk, ledgerId, log, view, pause }: ScannedLog): Promise<boolean> {
  const { last } = log;
  const needed = new Needed(view);
  const digest = new SegmentDigest(last, ledgerId);
  let balance = 0;
  await digest.readOn(disk, {
    bytes: view.end.offset - last.base,
    pause,
    onLine: (line, bytes) => {
      if (!isHeader(line)) balance += needed.has(line) ? -bytes.length : bytes.length;
    },
  });
  return balance > 0;
}

/** One walk through the older part of a log. */
class CutSearch {
  readonly #scanned: ScannedLog;
  readonly #output: CutOutput;
  readonly #needed: Needed;
  #removed: CommitCount = NOTHING;
  #kept: CommitCount = NOTHING;
  readonly #origins = new Set<number>();

  constructor(scanned: ScannedLog, output: CutOutput) {
    this.#scanned = scanned;
    this.#output = output;
    this.#needed = new Needed(scanned.view);
  }

  get found(): Pick<Cut, "removed" | "kept" | "mark" | "origins"> {
    return { removed: this.#removed, kept: this.#kept, mark: this.#output.sink.mark(), origins: new Set(this.#origins) };
  }

  get isWorthIt(): boolean {
    return this.#removed.bytes > 0 && this.#removed.bytes >= this.#kept.bytes;
  }

  /** What earlier compactions kept: it may be needed no more. */
  async readKept(): Promise<void> {
    const { log, ledgerId, pause } = this.#scanned;
    if (log.kept === undefined) return;
    let lines = 0;
    const bases = await this.#output.leaves.bases();
    for await (const { address, line, bytes } of log.kept.lines(ledgerId)) {
      this.#take(address, line, bytes, bases[bisect(bases.length, (index) => (bases[index] ?? 0) > address) - 1] ?? 0);
      if (++lines % LINES_BETWEEN_PAUSES !== 0) continue;
      await this.#rest();
      await pause();
    }
    await this.#rest();
  }

  /** Reads a segment, and proves that it is what its seal says. Gives the position of its last commit. */
  async read(segment: SegmentName, seal: Seal | undefined): Promise<number> {
    const { disk, ledgerId, pause, view } = this.#scanned;
    const digest = new SegmentDigest(segment, ledgerId);
    const hashes: Buffer[] = [];
    const keptBefore = this.#kept.commits;
    let address = segment.base;
    await digest.readOn(disk, {
      bytes: seal?.bytes ?? view.end.offset - segment.base,
      pause: async () => {
        await this.#output.sink.flush();
        await pause();
      },
      onLine: (line, bytes, leaf) => {
        hashes.push(leaf);
        if (!isHeader(line)) this.#take(address, line, bytes, segment.base);
        address += bytes.length;
      },
    });
    if (seal !== undefined) requireSealed(digest, seal);
    if (this.#kept.commits > keptBefore) await this.#output.leaves.put(segment, hashes);
    await this.#rest();
    return digest.last;
  }

  #take(address: number, line: Line, bytes: Buffer, origin: number): void {
    if (!this.#needed.has(line)) {
      this.#removed = plus(this.#removed, bytes.length);
      return;
    }
    this.#kept = plus(this.#kept, bytes.length);
    this.#origins.add(origin);
    this.#output.sink.add(address, bytes);
    this.#output.sweep.see(bytes);
  }

  async #rest(): Promise<void> {
    await this.#output.sink.flush();
    await this.#output.onGone(this.#needed.takeGone());
  }
}

const LINES_BETWEEN_PAUSES = 256;

const NOTHING: CommitCount = { commits: 0, bytes: 0 };

function plus({ commits, bytes }: CommitCount, more: number): CommitCount {
  return { commits: commits + 1, bytes: bytes + more };
}

function requireSealed(digest: SegmentDigest, seal: Seal): void {
  const { signature: _, ...stated } = sealJson(seal);
  const found = sealJson(digest.statement(seal.previous, true));
  const [differing] = Object.keys(found).filter((member) => found[member] !== stated[member]);
  if (differing !== undefined) throw damagedFile(shortName(digest.segment.path), `is not what its seal says: ${differing}`);
}

async function sealOf({ disk }: ScannedLog, segment: SegmentName): Promise<Seal | undefined> {
  const path = sealPath(segment);
  return (await disk.inspect(path)) === undefined ? undefined : loadSeal(disk, path);
}
