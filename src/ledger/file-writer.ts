// The one process that may write to a ledger folder. Puts the parts together; formats and files are theirs.

import { hash } from "node:crypto";
import { LedgerError } from "../errors.ts";
import type { Compaction, CompactOptions } from "./compaction.ts";
import type { Compactor } from "./compactor.ts";
import { PLAIN } from "./content.ts";
import { Eraser } from "./eraser.ts";
import type { LedgerCard } from "./folder.ts";
import { blobStream, FolderLedger, type FolderParts } from "./folder-ledger.ts";
import { GroupWriter } from "./group-writer.ts";
import type { IndexKeeper } from "./index-keeper.ts";
import { type Draft, Intake } from "./intake.ts";
import type { Blobs, Commit, ErasedTree, Ledger, Receipt, Snapshots } from "./ledger.ts";
import { nothingSealed, queueFull, stopped, stoppedBefore } from "./refusals.ts";
import type { LogPoint } from "./scan.ts";
import type { Room } from "./room.ts";
import type { Sealer } from "./sealer.ts";
import { createSegment } from "./segment.ts";
import type { Vault } from "./vault.ts";
import { type Witness, WITNESS_EVERY_BYTES } from "./witness.ts";

/** Bytes that may wait to be written. Beyond, appends are refused (`ledger_busy`) before memory runs out. */
export const QUEUE_LIMIT_BYTES = 256 * 1024 * 1024;

/** Nothing happens to a blob. */
const STORED = { open: false, keys: [], note: {} };

/** What a writer consists of. */
export interface WriterParts extends FolderParts {
  readonly card: LedgerCard;
  readonly vault: Vault | undefined;
  readonly witness: Witness;
  readonly keeper: IndexKeeper;
  readonly sealer: Sealer;
  readonly room: Room;
  readonly end: LogPoint;
  readonly now: () => number;
  readonly release: () => void;
}

/** Appends to a folder that was opened and recovered for it. */
export class FileLedgerWriter extends FolderLedger implements Ledger {
  readonly access = "write";
  readonly blobs: Blobs;
  readonly snapshots: Snapshots;
  readonly #eraser: Eraser | undefined;
  /** Loaded when it is needed. */
  #compactor: Promise<Compactor> | undefined;
  readonly #own: WriterParts;
  readonly #intake: Intake;
  readonly #writer: GroupWriter;
  #failure: LedgerError | undefined;
  #isEnding = false;

  constructor(parts: WriterParts) {
    super(parts, "write");
    this.#own = parts;
    this.#intake = new Intake(parts.view, parts.now, parts.content);
    this.#writer = new GroupWriter(parts.log, parts.end, {
      onDurable: (drafts, offsets, end) => this.#takeIn(drafts, offsets, end),
      onPause: (end) => this.#tidyUp(end),
      onFailure: (cause) => this.#stop(cause),
    });
    this.blobs = { put: (bytes) => this.#putBlob(bytes), get: (hash) => this.blob(hash) };
    const snapshots = this.snapshotFiles;
    this.snapshots = snapshots;
    const { vault, view, keeper } = parts;
    const append = (commits: readonly Commit[]): Promise<readonly Receipt[]> => this.append(commits);
    this.#eraser = vault === undefined ? undefined : new Eraser({ vault, view, keeper, snapshots, append });
    parts.sealer.consider((cause) => this.#stop(cause));
  }

  get isLow(): boolean {
    return this.#own.room.isLow;
  }

  async append(commits: readonly Commit[]): Promise<readonly Receipt[]> {
    this.#requireWritable();
    if (this.#writer.queuedBytes > QUEUE_LIMIT_BYTES) throw queueFull(this.location, QUEUE_LIMIT_BYTES);
    const drafts = this.#intake.admit(commits);
    await this.#writer.append(drafts, this.#prepare(drafts));
    return drafts.map(({ entry: { position, time } }) => ({ position, time }));
  }

  async erase(trees: readonly ErasedTree[]): Promise<void> {
    this.#requireWritable();
    if (this.#eraser === undefined) throw nothingSealed(this.location);
    try {
      await this.#eraser.erase(trees);
    } catch (cause) {
      throw cause instanceof LedgerError ? cause : this.#stop(cause);
    }
  }

  async compact(options: CompactOptions = {}): Promise<Compaction> {
    this.#requireWritable();
    return (await this.#loadCompactor()).compact(options);
  }

  /** Goes on with what a crash cut short. */
  async resume(): Promise<void> {
    const { disk, folder } = this.#own.site;
    // There are only such files once something was compacted.
    if ((await disk.inspect(folder.kept)) !== undefined) await (await this.#loadCompactor()).resume();
    await this.#eraser?.resume();
  }

  async refresh(): Promise<void> {}

  /** Nothing to watch: whoever writes is here and rings. */
  protected watch(): () => void {
    return () => undefined;
  }

  protected async shut(): Promise<void> {
    const { site, log, view, witness, keeper, sealer, room, release } = this.#own;
    try {
      await (await this.#compactor)?.stop();
      await this.#writer.idle();
      await view.idle();
      await keeper.stop();
      await sealer.stop();
      await room.idle();
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

  /** Seals drafts and writes their blobs, where there is anything of that. */
  #prepare(drafts: readonly Draft[]): Promise<unknown> | undefined {
    const sealed = this.parts.content.seal(drafts);
    return sealed === undefined ? this.#writeBlobs(drafts) : sealed.then(() => this.#writeBlobs(drafts));
  }

  #writeBlobs(drafts: readonly Draft[]): Promise<unknown> | undefined {
    const blobs = drafts.flatMap((draft) => [...draft.blobs]);
    return blobs.length === 0 ? undefined : Promise.all(blobs.map(([hash, bytes]) => this.parts.blobs.putAs(hash, bytes)));
  }

  async #putBlob(bytes: Uint8Array): Promise<string> {
    this.#requireWritable();
    if (this.parts.content !== PLAIN) return this.#putSealed(bytes);
    try {
      return await this.parts.blobs.put(bytes);
    } catch (cause) {
      throw this.#stop(cause);
    }
  }

  async #putSealed(bytes: Uint8Array): Promise<string> {
    const name = hash("sha256", bytes, "hex");
    const run = blobStream(name);
    const isThere = this.#intake.version(run) > 0;
    // What is queued already is durable after an empty append.
    await this.append(isThere ? [] : [{ run, expected: 0, facts: [{ content: Buffer.from(bytes).toString("base64") }], head: STORED }]);
    return name;
  }

  /** A group is durable: from now on it can be read. */
  #takeIn(drafts: readonly Draft[], offsets: readonly number[], end: LogPoint): void {
    this.parts.view.add(
      drafts.map(({ entry, slot }, index) => ({ entry, offset: offsets[index] ?? end.offset, ...(slot === undefined ? {} : { slot }) })),
      end,
    );
    for (const draft of drafts) this.#intake.settle(draft);
    this.bell.ring();
  }

  /** What is done between two groups: a new segment when this one is long enough, a witness, and the index beside. */
  async #tidyUp(end: LogPoint): Promise<LogPoint> {
    const { site, card, log, view, witness, keeper, sealer, room } = this.#own;
    let next = end;
    if (end.offset - log.last.base >= site.segmentBytes || this.#isEnding) {
      this.#isEnding = false;
      const { segment, end: begun } = await createSegment(site.disk, site.folder, card.id, end);
      log.add(segment);
      view.add([], begun);
      next = begun;
    }
    await witness.reach(next, WITNESS_EVERY_BYTES);
    await keeper.consider((cause) => this.#stop(cause));
    sealer.consider((cause) => this.#stop(cause));
    room.consider(next.offset, (cause) => this.#stop(cause));
    return next;
  }

  #loadCompactor(): Promise<Compactor> {
    this.#compactor ??= import("./compactor.ts").then(({ Compactor }) => {
      const { site, ledgerId, log, view, blobs, sealer, keeper } = this.#own;
      const { disk, folder, pause } = site;
      return new Compactor({
        disk,
        folder,
        pause,
        ledgerId,
        log,
        view,
        blobs,
        sealer,
        keeper,
        cursors: this.cursors,
        snapshots: this.snapshotFiles,
        append: (commits) => this.append(commits),
        endSegment: () => this.#endSegment(),
      });
    });
    return this.#compactor;
  }

  /** Begins another segment before the next commit. */
  async #endSegment(): Promise<void> {
    this.#isEnding = true;
    await this.#writer.pause();
    if (this.#failure !== undefined) throw stoppedBefore(this.location, this.#failure);
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
