// The one process that may write to a ledger folder: elected by the lock, recovers the log, then appends to it. Puts the parts together; formats and files are theirs.

import type { LedgerError } from "../errors.ts";
import { FileBlobs } from "./blob-files.ts";
import { readChecked, writeChecked } from "./checked-json.ts";
import { wallClock } from "./clock.ts";
import { createLedger } from "./create.ts";
import { ensureFolder } from "./disk.ts";
import { type LedgerCard, type LedgerSite, readCard, requireSafe } from "./folder.ts";
import { FolderLedger, type FolderParts } from "./folder-ledger.ts";
import { GroupWriter } from "./group-writer.ts";
import { IndexFolder } from "./index-folder.ts";
import { IndexKeeper } from "./index-keeper.ts";
import { type Draft, Intake } from "./intake.ts";
import type { Blobs, Commit, Ledger, Receipt, Snapshots } from "./ledger.ts";
import { LogView } from "./log-view.ts";
import { openLog } from "./open-log.ts";
import { recover } from "./recover.ts";
import { locked, queueFull, stopped, stoppedBefore } from "./refusals.ts";
import type { LogPoint } from "./scan.ts";
import { Sealer } from "./sealer.ts";
import { createSegment } from "./segment.ts";
import { readSigner } from "./signing-key.ts";
import { SnapshotFiles } from "./snapshot-files.ts";
import { readWitness, Witness, WITNESS_EVERY_BYTES } from "./witness.ts";

/** Bytes that may wait to be written. Beyond, appends are refused (`ledger_busy`) before memory runs out. */
export const QUEUE_LIMIT_BYTES = 256 * 1024 * 1024;

/** Takes the lock, makes the ledger if there is none, recovers it and opens it for appending. */
export async function openWriter(site: LedgerSite, now: () => number = wallClock): Promise<Ledger> {
  const { disk, folder } = site;
  await ensureFolder(disk, folder.path);
  await requireSafe(disk, folder);
  const release = await disk.lock(folder.lock);
  if (release === undefined) throw await heldBy(site);
  try {
    const card = (await readCard(disk, folder)) ?? (await createLedger(site, now()));
    await writeChecked(disk, folder.writer, { pid: process.pid, started: now() });
    return await openLocked(site, card, now, release);
  } catch (error) {
    release();
    throw error;
  }
}

async function openLocked(site: LedgerSite, card: LedgerCard, now: () => number, release: () => void): Promise<Ledger> {
  const { disk, folder, pause, indexBytes, signing } = site;
  const signer = signing === undefined ? undefined : await readSigner(signing);
  const index = new IndexFolder(disk, folder.index);
  const { log, kept, wasKept } = await openLog(disk, folder, index, "update");
  try {
    await index.sweep(wasKept ? kept.index : undefined);
    const blobs = new FileBlobs(disk, folder.blobs);
    const view = new LogView(log, folder.path, blobs, kept.index, kept.point);
    const witness = new Witness(disk, folder, await readWitness(disk, folder));
    const keeper = new IndexKeeper({ folder: index, view, pause, witness, everyBytes: indexBytes });
    const end = await recover(disk, folder, { log, ledgerId: card.id, view, onProgress: () => keeper.keepUp() }, witness);
    const sealer = new Sealer({ disk, ledgerId: card.id, log, pause, signer });
    return new FileLedgerWriter({ site, card, log, view, blobs, witness, keeper, sealer, end, now, release });
  } catch (error) {
    await kept.index.tables.close();
    await log.close();
    throw error;
  }
}

async function heldBy({ disk, folder }: LedgerSite): Promise<LedgerError> {
  const writer = await readChecked(disk, folder.writer);
  return locked(folder.path, typeof writer?.pid === "number" ? writer.pid : undefined);
}

interface WriterParts extends FolderParts {
  readonly card: LedgerCard;
  readonly witness: Witness;
  readonly keeper: IndexKeeper;
  readonly sealer: Sealer;
  readonly end: LogPoint;
  readonly now: () => number;
  readonly release: () => void;
}

class FileLedgerWriter extends FolderLedger implements Ledger {
  readonly access = "write";
  readonly blobs: Blobs;
  readonly snapshots: Snapshots;
  readonly #own: WriterParts;
  readonly #intake: Intake;
  readonly #writer: GroupWriter;
  #failure: LedgerError | undefined;

  constructor(parts: WriterParts) {
    super(parts);
    const { site, blobs } = parts;
    this.#own = parts;
    this.#intake = new Intake(parts.view, parts.now);
    this.#writer = new GroupWriter(parts.log, parts.end, {
      onDurable: (drafts, offsets, end) => this.#takeIn(drafts, offsets, end),
      onPause: (end) => this.#tidyUp(end),
      onFailure: (cause) => this.#stop(cause),
    });
    this.blobs = { put: (bytes) => this.#putBlob(bytes), get: (hash) => blobs.get(hash) };
    this.snapshots = new SnapshotFiles(site.disk, site.folder.snapshots, "write");
    parts.sealer.consider((cause) => this.#stop(cause));
  }

  async append(commits: readonly Commit[]): Promise<readonly Receipt[]> {
    this.#requireWritable();
    if (this.#writer.queuedBytes > QUEUE_LIMIT_BYTES) throw queueFull(this.location, QUEUE_LIMIT_BYTES);
    const drafts = this.#intake.admit(commits);
    const blobs = drafts.flatMap((draft) => [...draft.blobs]);
    const written = blobs.length === 0 ? undefined : Promise.all(blobs.map(([hash, bytes]) => this.parts.blobs.putAs(hash, bytes)));
    await this.#writer.append(drafts, written);
    return drafts.map(({ entry: { position, time } }) => ({ position, time }));
  }

  async refresh(): Promise<void> {}

  /** Nothing to watch: whoever writes is here and rings. */
  protected watch(): () => void {
    return () => undefined;
  }

  protected async shut(): Promise<void> {
    const { site, log, view, witness, keeper, sealer, release } = this.#own;
    try {
      await this.#writer.idle();
      await view.idle();
      await keeper.stop();
      await sealer.stop();
      if (this.#failure === undefined) {
        await witness.reach(view.end);
        await keeper.close();
        await site.disk.remove(site.folder.writer);
      }
    } catch (cause) {
      throw this.#stop(cause);
    } finally {
      await view.stored.tables.close();
      await log.close();
      release();
    }
  }

  async #putBlob(bytes: Uint8Array): Promise<string> {
    this.#requireWritable();
    try {
      return await this.parts.blobs.put(bytes);
    } catch (cause) {
      throw this.#stop(cause);
    }
  }

  /** A group is durable: from now on it can be read. */
  #takeIn(drafts: readonly Draft[], offsets: readonly number[], end: LogPoint): void {
    this.parts.view.add(
      drafts.map(({ entry }, index) => ({ entry, offset: offsets[index] ?? end.offset })),
      end,
    );
    for (const draft of drafts) this.#intake.settle(draft);
    this.bell.ring();
  }

  /** What is done between two groups: a new segment when this one is long enough, a witness, and the index beside. */
  async #tidyUp(end: LogPoint): Promise<LogPoint> {
    const { site, card, log, view, witness, keeper, sealer } = this.#own;
    let next = end;
    if (end.offset - log.last.base >= site.segmentBytes) {
      const { segment, end: begun } = await createSegment(site.disk, site.folder, card.id, end);
      log.add(segment);
      view.add([], begun);
      next = begun;
    }
    await witness.reach(next, WITNESS_EVERY_BYTES);
    keeper.consider((cause) => this.#stop(cause));
    sealer.consider((cause) => this.#stop(cause));
    return next;
  }

  /** The first failure ends all writing. */
  #stop(cause: unknown): LedgerError {
    this.#failure ??= stopped(this.location, cause);
    return this.#failure;
  }

  #requireWritable(): void {
    this.requireOpen();
    if (this.#failure !== undefined) throw stoppedBefore(this.location, this.#failure);
  }
}
