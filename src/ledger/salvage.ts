// Takes what can be read of a damaged ledger into a new one, in another folder: commits keep their positions and times, so what facts say of positions stays true.
// The damaged folder is only read. Where the new one comes from stands in its `salvage.json`, not in its log: streams belong to whoever appends to them.

import { join } from "node:path";
import { BugError, LedgerError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { FileBlobs } from "./blob-files.ts";
import { decodeBody, isClosed, restoreBlobs } from "./body.ts";
import { writeChecked } from "./checked-json.ts";
import { sealedLog, unfitFolder } from "./copy-refusals.ts";
import type { Disk } from "./disk.ts";
import { fileLedger } from "./file.ts";
import { type LedgerFolder, ledgerFolder, readCard, SEGMENT_ENDING, type SegmentName, shortName } from "./folder.ts";
import { keptPath } from "./kept-file.ts";
import { KeptLines } from "./kept-lines.ts";
import { hasKeys } from "./key-files.ts";
import { hashesIn } from "./hashes-in.ts";
import type { Commit, Entry, Ledger } from "./ledger.ts";
import { type LogStart, readStart } from "./log-start.ts";
import { RecentNames } from "./recent-names.ts";
import { diskFailed, missing } from "./refusals.ts";
import { type Gap, type Salvaged, SalvageScan } from "./salvage-scan.ts";
import { placeInName } from "./segment-name.ts";
import { readWitness } from "./witness.ts";

/** A run of which not everything was kept. */
export interface CutRun {
  readonly run: string;
  /** Facts that were kept: those before the first one that is lost. */
  readonly kept: number;
  /** Facts behind it that could be read and were left out. */
  readonly leftOut: number;
  /** Position of the first commit that was left out. */
  readonly position: number;
}

/** What a salvage kept and what is lost. */
export interface SalvageReport {
  /** The damaged ledger: its id where it can be told, and the chain of the last commit that was read. */
  readonly from: { readonly folder: string; readonly ledger: string | null; readonly chain: string };
  readonly to: { readonly folder: string; readonly ledger: string };
  readonly kept: { readonly commits: number; readonly facts: number; readonly runs: number };
  /** What could not be read, in the order of the log. */
  readonly lost: readonly Gap[];
  /** Runs that are cut off. Runs of which nothing could be read at all are not known by name. */
  readonly cutRuns: readonly CutRun[];
  /** Bytes at the end that nobody was told of. */
  readonly unfinishedBytes: number;
}

/** Stands in the new log for every commit that is not there, so that the others keep their positions. */
export const LOST_STREAM = "kindling.lost";

/** Fillers appended at a time. */
const FILLERS_AT_ONCE = 1_000;

/** Salvages a ledger into a new folder. */
export async function salvageFolder(disk: Disk, from: string, to: string): Promise<SalvageReport> {
  if (from === to || (await disk.list(to)).length > 0) throw unfitFolder("salvage_folder_unfit", to, "is not empty");
  if (await hasKeys(disk, from)) throw sealed(from);
  const folder = ledgerFolder(from);
  try {
    const { segments: present, strange } = await segmentsOf(disk, folder);
    const card = await orUndefined(readCard(disk, folder));
    if (present.length === 0 && strange.length === 0 && card === undefined) throw missing(from);
    const witness = await orUndefined(readWitness(disk, folder));
    let time = 0;
    await using ledger = await fileLedger(to, { disk }).open({ access: "write", now: () => time });
    const salvage = new Salvage(from, ledger, new FileBlobs(disk, folder.blobs), (next) => {
      time = next;
    });
    for (const gap of strange) await salvage.take({ kind: "gap", gap });
    const start = await orUndefined(readStart(disk, folder));
    if (start !== undefined) await takeKept(disk, folder, { start, ledgerId: card?.id, salvage });
    const segments = present.filter(({ base }) => base >= (start?.offset ?? 0));
    const end = await new SalvageScan({ disk, segments, start, ledgerId: card?.id, witness }, (salvaged) => salvage.take(salvaged)).run();
    const made = await readCard(disk, ledgerFolder(to));
    if (made === undefined) throw new BugError("a ledger was made and has no card");
    const report: SalvageReport = {
      from: { folder: from, ledger: end.ledgerId ?? null, chain: end.chain },
      to: { folder: to, ledger: made.id },
      ...salvage.found(),
      unfinishedBytes: end.unfinishedBytes,
    };
    await writeChecked(disk, join(to, "salvage.json"), { ...(JSON.parse(JSON.stringify(report)) as JsonObject) });
    return report;
  } catch (error) {
    throw diskFailed(to, error);
  }
}

/** What was taken so far. */
class Salvage {
  readonly #from: string;
  readonly #ledger: Ledger;
  readonly #blobs: FileBlobs;
  readonly #setTime: (time: number) => void;
  readonly #lost: Gap[] = [];
  readonly #cut = new Map<string, CutRun>();
  readonly #known = new RecentNames();
  #commits = 0;
  #facts = 0;
  #runs = 0;
  #fillers = 0;
  /** Of the last commit that was appended, durable or not. */
  #position = 0;

  constructor(from: string, ledger: Ledger, blobs: FileBlobs, setTime: (time: number) => void) {
    this.#from = from;
    this.#ledger = ledger;
    this.#blobs = blobs;
    this.#setTime = setTime;
  }

  async take(salvaged: Salvaged): Promise<void> {
    if (salvaged.kind === "gap") {
      this.#lost.push(salvaged.gap);
      return;
    }
    // Without its keys, and without a card, only a line itself says that it is sealed.
    if (salvaged.entries.some(isClosed)) throw sealed(this.#from);
    const wholes: Entry[] = [];
    const versions = new Map<string, number>();
    for (const entry of salvaged.entries) {
      // The fillers of an earlier salvage are made again.
      const whole = entry.run === LOST_STREAM ? undefined : await this.#whole(entry, versions);
      if (whole !== undefined) wholes.push(whole);
    }
    for (const entry of wholes) await this.#keepBlobs(entry);
    // Appended in one turn, the commits of a group are one again.
    await Promise.all([
      ...wholes.flatMap((entry) => [...this.#fillUpTo(entry.position - 1), this.#append(entry)]),
      ...this.#fillUpTo(salvaged.entries.at(-1)?.position ?? 0),
    ]);
  }

  found(): Pick<SalvageReport, "kept" | "lost" | "cutRuns"> {
    const kept = { commits: this.#commits, facts: this.#facts, runs: this.#runs };
    return { kept, lost: this.#lost, cutRuns: [...this.#cut.values()] };
  }

  async #append(entry: Entry): Promise<void> {
    this.#setTime(entry.time);
    this.#position += 1;
    this.#commits += 1;
    this.#facts += entry.facts.length;
    if (entry.first === 1) this.#runs += 1;
    const [receipt] = await this.#ledger.append([commitOf(entry)]);
    if (receipt?.position !== entry.position) throw new BugError(`commit ${entry.position} was put at ${receipt?.position}`);
  }

  /** The entry with its blobs, when its run is whole up to it; otherwise the run ends before it. */
  async #whole(entry: Entry, versions: Map<string, number>): Promise<Entry | undefined> {
    const { run, first, position, facts } = entry;
    const version = versions.get(run) ?? this.#ledger.head(run)?.version ?? 0;
    // Of a run that was given up, lines may be left that nobody reads; what took their place begins it anew.
    if (entry.replaces !== undefined && version === 0) this.#cut.delete(run);
    const cut = this.#cut.get(run);
    // Of a run that was replaced, the rest begins with that.
    const isNext = first === version + 1 || (version === 0 && entry.replaces !== undefined);
    const whole = cut === undefined && isNext ? await this.#restored(entry) : undefined;
    if (whole === undefined)
      this.#cut.set(run, { run, kept: version, leftOut: (cut?.leftOut ?? 0) + facts.length, position: cut?.position ?? position });
    else versions.set(run, entry.replaces?.what === "all" ? 0 : first + facts.length - 1);
    return whole;
  }

  /** Blobs that were kept beside the log, and whose hashes stand in facts: as many of them as can be read. */
  async #keepBlobs({ facts }: Entry): Promise<void> {
    for (const name of hashesIn(JSON.stringify(facts))) {
      if (this.#known.has(name)) continue;
      this.#known.add(name);
      const bytes = await orUndefined(this.#blobs.get(name));
      if (bytes !== undefined) await this.#ledger.blobs.put(bytes);
    }
  }

  async #restored(entry: Entry): Promise<Entry | undefined> {
    try {
      return await restoreBlobs(entry, async (name) => {
        const bytes = await this.#blobs.get(name);
        if (bytes === undefined) throw new LedgerError("ledger_damaged", "is missing");
        return bytes;
      });
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      const file = `blobs, named by commit ${entry.position}`;
      this.#lost.push({
        file,
        offset: 0,
        bytes: 0,
        positions: { first: entry.position, last: entry.position },
        reason: "a blob is missing or is not what its name says",
      });
      return undefined;
    }
  }

  #fillUpTo(position: number): readonly Promise<unknown>[] {
    const appended: Promise<unknown>[] = [];
    while (this.#position < position) {
      const count = Math.min(FILLERS_AT_ONCE, position - this.#position);
      const fillers = Array.from({ length: count }, (_, index): Commit => {
        return { run: LOST_STREAM, expected: this.#fillers + index, facts: [{ kind: "lost", position: this.#position + index + 1 }] };
      });
      appended.push(this.#ledger.append(fillers));
      this.#fillers += count;
      this.#position += count;
    }
    return appended;
  }
}

function sealed(from: string): LedgerError {
  return sealedLog(from, "what is sealed opens in the ledger it was sealed for only", "Restore the folder from a backup.");
}

function commitOf({ position, time, run, first, facts, head, replaces }: Entry): Commit {
  // Where its run began, another commit may stand here now: the run begins with what is left of it.
  const begin = replaces === undefined ? {} : { replaces: { what: replaces.what, started: position, startedAt: time } };
  return { run, expected: first - 1, facts, ...(head === undefined ? {} : { head }), ...begin };
}

/** Takes what compactions kept, as far as it can be read. */
async function takeKept(
  disk: Disk,
  folder: LedgerFolder,
  { start, ledgerId, salvage }: { readonly start: LogStart; readonly ledgerId: string | undefined; readonly salvage: Salvage },
): Promise<void> {
  const file = shortName(keptPath(folder, start));
  let last = 0;
  try {
    const kept = await KeptLines.open(disk, folder, start);
    try {
      for await (const { line } of kept.lines(ledgerId)) {
        const entry = decodeBody(line.position, line.body);
        if (entry !== undefined) await salvage.take({ kind: "group", entries: [entry] });
        last = line.position;
      }
    } finally {
      await kept.close();
    }
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== "ledger_damaged") throw error;
    const reason = `${error.message} Nothing behind commit ${last} was taken of what compactions kept.`;
    await salvage.take({ kind: "gap", gap: { file, offset: 0, bytes: start.kept.bytes, reason } });
  }
}

/** The segments that have the name of one; the others are told. */
async function segmentsOf(
  disk: Disk,
  folder: LedgerFolder,
): Promise<{ readonly segments: readonly SegmentName[]; readonly strange: readonly Gap[] }> {
  const segments: SegmentName[] = [];
  const strange: Gap[] = [];
  for (const name of await disk.list(folder.segments)) {
    const path = join(folder.segments, name);
    const place = placeInName(name, SEGMENT_ENDING);
    if (place !== undefined) segments.push({ ...place, path });
    else if (name.endsWith(SEGMENT_ENDING))
      strange.push({
        file: shortName(path),
        offset: 0,
        bytes: (await disk.inspect(path))?.bytes ?? 0,
        reason: "the file has not the name of a segment",
      });
  }
  return { segments, strange };
}

/** What a file beside the log says, or nothing when it is damaged: what cannot be read is no reason to give the rest up. */
async function orUndefined<T>(look: Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof LedgerError && error.code === "ledger_damaged") return undefined;
    throw error;
  }
}
