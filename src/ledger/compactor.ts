// Removes the older part of a log: what of it is needed is written to a file of its own, all is proved and recorded, and only then the beginning is moved and files are removed.
//
// In this order, so that a crash at any point loses nothing: kept lines and their hashes durable; the intention recorded in the log; `start.json` put in place, from which
// on the segments before it count no more; segments, older kept files and blobs removed; the end recorded. Whoever opens the ledger for writing goes on from wherever it stopped.

import type { JsonObject } from "../json.ts";
import { resolve } from "node:path";
import { KindlingError, type LedgerError } from "../errors.ts";
import { Turns } from "../turns.ts";
import { backupFolder, requireBackupFolder } from "./backup.ts";
import type { Cursors } from "./cursor.ts";
import type { FileBlobs } from "./blob-files.ts";
import { BlobSweep } from "./blob-sweep.ts";
import { clearRemoved } from "./clear-removed.ts";
import { type CommitCount, type Compaction, COMPACTIONS, type CompactOptions } from "./compaction.ts";
import { type Cut, type CutBounds, type CutOutput, findCut, isWorthEnding, type ScannedLog } from "./compaction-scan.ts";
import type { IndexKeeper } from "./index-keeper.ts";
import { KeptCount, KeptDraft } from "./kept-draft.ts";
import { KeptLines } from "./kept-lines.ts";
import { LeafFiles } from "./leaf-files.ts";
import type { Commit, Receipt } from "./ledger.ts";
import { type LogStart, readStart, writeStart } from "./log-start.ts";
import { pointBeforeSegment } from "./open-log.ts";
import { archiveUnfit } from "./compaction-refusals.ts";
import { closed, diskFailed, stopped, stoppedBefore } from "./refusals.ts";
import type { Sealer } from "./sealer.ts";
import { loadSeal } from "./seal-file.ts";
import { sealHash, sealPath } from "./seal.ts";
import { settleCut } from "./settle-cut.ts";
import type { SnapshotFiles } from "./snapshot-files.ts";

/** What compacting needs. */
export interface CompactorParts extends ScannedLog {
  readonly blobs: FileBlobs;
  readonly cursors: Cursors;
  readonly snapshots: SnapshotFiles;
  readonly keeper: IndexKeeper;
  readonly sealer: Sealer;
  readonly append: (commits: readonly Commit[]) => Promise<readonly Receipt[]>;
  /** Ends the segment that grows: the next commit goes to another one. */
  readonly endSegment: () => Promise<void>;
}

/** Nothing happens to the records but more of them. */
const RECORD_KEY = "ledger:compaction";

/** Compacts a log. */
export class Compactor {
  readonly #parts: CompactorParts;
  /** Lets others run, where what is decided is not given up any more. */
  readonly #goOn: () => Promise<void>;
  #isStopping = false;
  /** What came in between while the beginning was moved. */
  #failure: LedgerError | undefined;
  /** One after the other. */
  readonly #turns = new Turns();

  constructor(parts: CompactorParts) {
    const pause = async (): Promise<void> => {
      await parts.pause();
      if (this.#isStopping) throw closed(parts.folder.path);
    };
    this.#parts = { ...parts, pause };
    this.#goOn = parts.pause;
  }

  compact(options: CompactOptions): Promise<Compaction> {
    return this.#turns.do(() => this.#compact(options));
  }

  /** Gives up what can be given up, and waits for the rest. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#turns.ended();
  }

  /** Completes, or gives up, what a crash cut short. */
  async resume(): Promise<void> {
    const { disk, folder, view } = this.#parts;
    const start = await readStart(disk, folder);
    await clearRemoved(disk, folder, start);
    const record = view.head(COMPACTIONS);
    if (record?.open !== true) return;
    const isDone = record.note.base === start?.offset;
    await this.#record({ type: isDone ? "ledger.compacted" : "ledger.compaction_given_up", base: record.note.base ?? 0 }, false);
  }

  async #compact({ dryRun = false, overCursors = false, archive: place, note = {} }: CompactOptions): Promise<Compaction> {
    const { append, blobs, cursors, endSegment, folder, sealer, view } = this.#parts;
    if (this.#failure !== undefined) throw stoppedBefore(folder.path, this.#failure);
    const archive = place === undefined ? undefined : resolve(place);
    if (archive !== undefined) await this.#requireArchive(archive);
    await append([]);
    const slowest = overCursors ? undefined : await cursors.slowest();
    const upTo = slowest?.position ?? Number.POSITIVE_INFINITY;
    const isEnding = upTo >= view.position && (await isWorthEnding(this.#parts));
    if (isEnding && !dryRun) await endSegment();
    // Segments that have ended only now get their seals beside all other work.
    await sealer.idle();
    const sweep = await BlobSweep.begin(blobs);
    try {
      // Whatever is queued now may name blobs that were stored before.
      await append([]);
      const told = dryRun ? await this.#tell(sweep, archive, { isEnding, upTo }) : await this.#remove(sweep, { archive, note, upTo });
      return { ...told, heldBy: slowest !== undefined && upTo < view.position ? slowest : null };
    } catch (error) {
      throw diskFailed(folder.path, error);
    } finally {
      sweep.end();
    }
  }

  /** Before anything is done: what cannot take what is removed is refused. */
  async #requireArchive(archive: string): Promise<void> {
    const { disk, folder } = this.#parts;
    try {
      await requireBackupFolder(disk, folder.path, archive);
    } catch (error) {
      if (error instanceof KindlingError) throw archiveUnfit(archive, error);
      if (!(error instanceof Error && "code" in error)) throw error;
      throw archiveUnfit(archive, `cannot be used as a folder (${String(error.code)})`);
    }
  }

  async #tell(sweep: BlobSweep, archive: string | undefined, bounds: CutBounds): Promise<Told> {
    const { disk, folder } = this.#parts;
    const output: CutOutput = { sink: new KeptCount(), leaves: new LeafFiles(disk, folder, true), sweep, onGone: async () => {} };
    const cut = await findCut(this.#parts, output, bounds);
    await this.#seeRest(sweep, cut);
    return this.#told(cut, sweep, archive);
  }

  async #remove(sweep: BlobSweep, { archive, note, upTo }: Removal): Promise<Told> {
    const { disk, folder, ledgerId, log, snapshots, view } = this.#parts;
    const gone = new Set<string>();
    const onGone = async (runs: readonly string[]): Promise<void> => {
      for (const run of runs) if (await snapshots.has(run)) gone.add(run);
    };
    const draft = await KeptDraft.create(disk, folder, ledgerId);
    try {
      const from = view.end.offset;
      const found = await findCut(
        this.#parts,
        { sink: draft, leaves: new LeafFiles(disk, folder), sweep, onGone },
        { isEnding: false, upTo },
      );
      const cut = found === undefined ? undefined : await settleCut(this.#parts, found, draft, from);
      const first = cut === undefined ? undefined : log.segments[cut.segments];
      await this.#seeRest(sweep, cut);
      const told = await this.#told(cut, sweep, archive);
      if (cut !== undefined && first !== undefined) {
        if (archive !== undefined) await backupFolder(disk, folder.path, archive);
        // Before their lines: nobody will know any more whose they were.
        for (const run of gone) await snapshots.drop(run);
        await this.#move(draft, { ...(await pointBeforeSegment(log, first)), kept: cut.mark }, { told, note });
        await new LeafFiles(disk, folder).keepOnly(cut.origins);
      }
      await sweep.remove(this.#goOn);
      if (cut !== undefined) await this.#record({ type: "ledger.compacted", base: log.base }, false);
      return told;
    } finally {
      await draft.discard();
    }
  }

  /** Shows the sweep what stays as it is: all behind the cut. Without one, the lines that earlier compactions kept stay, too, whether they are needed or not. */
  async #seeRest(sweep: BlobSweep, cut: Cut | undefined): Promise<void> {
    const { ledgerId, log, pause, view } = this.#parts;
    const { offset } = view.end;
    if (cut === undefined && log.kept !== undefined) await sweep.seeKept(log.kept, ledgerId, pause);
    await sweep.seeLog(log, cut === undefined ? log.base : (log.segments[cut.segments]?.base ?? offset), offset, pause);
  }

  /** Moves the beginning of the log. From the record on, this is completed whatever happens. */
  async #move(draft: KeptDraft, start: LogStart, { told, note }: { readonly told: Told; readonly note: JsonObject }): Promise<void> {
    const { disk, folder, keeper, log } = this.#parts;
    const last = log.segments.findLast(({ base }) => base < start.offset);
    const seal = last === undefined ? null : sealHash(await loadSeal(disk, sealPath(last)));
    // Tables that reach less far would be of no use with what is left of the log.
    await keeper.reach(start.offset + 1);
    await draft.finish(start.kept, start);
    const { removed, kept, oldest, archive } = told;
    const file = { ...start.kept };
    await this.#record(
      { type: "ledger.compacting", base: start.offset, oldest, removed: { ...removed }, kept: { ...kept, file }, seal, archive, note },
      true,
    );
    try {
      await writeStart(disk, folder, start);
      await log.beginBehind(await KeptLines.open(disk, folder, start));
      await clearRemoved(disk, folder, start);
    } catch (error) {
      // Where the log begins on the disk, nobody knows now: another compaction could write over what the next opening needs.
      this.#failure = stopped(folder.path, error);
      throw error;
    }
  }

  async #told(cut: Cut | undefined, sweep: BlobSweep, archive: string | undefined): Promise<Told> {
    const { log } = this.#parts;
    const { count, bytes } = await sweep.found();
    return {
      removed: { ...(cut?.removed ?? NOTHING), segments: cut?.segments ?? 0 },
      kept: cut?.kept ?? NOTHING,
      blobs: { count, bytes },
      oldest: cut === undefined ? (log.segments[0]?.first ?? 1) : cut.last + 1,
      archive: cut === undefined ? null : (archive ?? null),
    };
  }

  async #record(fact: JsonObject, open: boolean): Promise<void> {
    const { append, view } = this.#parts;
    const expected = view.head(COMPACTIONS)?.version ?? 0;
    const head = { open, keys: [RECORD_KEY], note: { base: fact.base ?? 0 } };
    await append([{ run: COMPACTIONS, expected, facts: [fact], head }]);
  }
}

/** What is told of a compaction, without what held it up. */
type Told = Omit<Compaction, "heldBy">;

/** What is to be removed, and how. */
interface Removal {
  readonly archive: string | undefined;
  readonly note: JsonObject;
  readonly upTo: number;
}

const NOTHING: CommitCount = { commits: 0, bytes: 0 };
