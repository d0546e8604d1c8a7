// The one process that may write to a ledger folder: elected by the lock, recovers the log, then appends to it. Puts the parts together; formats and files are theirs.

import { MemorySnapshots } from "./memory-snapshots.ts";
import type { LedgerError } from "../errors.ts";
import { FileBlobs } from "./blob-files.ts";
import { wallClock } from "./clock.ts";
import { createLedger } from "./create.ts";
import { type DiskFile, ensureFolder } from "./disk.ts";
import { findSegment, type LedgerCard, type LedgerSite, readCard, readJson, requireSafe, writeJson } from "./folder.ts";
import { Bell, follow } from "./follow.ts";
import { GroupWriter } from "./group-writer.ts";
import { type Draft, Intake } from "./intake.ts";
import type {
  Blobs,
  ChangesOptions,
  Commit,
  DueQuery,
  Entry,
  FindQuery,
  Ledger,
  Receipt,
  Snapshots,
  StreamHead,
  VerifyReport,
} from "./ledger.ts";
import { LogView } from "./log-view.ts";
import { recover } from "./recover.ts";
import { closed, damagedFile, locked, queueFull, stopped, stoppedBefore } from "./refusals.ts";
import type { LogPoint } from "./scan.ts";
import { readHeader } from "./segment.ts";
import { verifyFolder } from "./verify.ts";
import { WITNESS_EVERY_BYTES, writeWitness } from "./witness.ts";

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
    await writeJson(disk, folder.writer, { pid: process.pid, started: now() });
    return await openLocked(site, card, now, release);
  } catch (error) {
    release();
    throw error;
  }
}

async function openLocked(site: LedgerSite, card: LedgerCard, now: () => number, release: () => void): Promise<Ledger> {
  const { disk, folder } = site;
  const path = await findSegment(disk, folder);
  if (path === undefined) throw damagedFile(folder.segments, "holds no segment");
  const file = await disk.open(path, "update");
  try {
    const blobs = new FileBlobs(disk, folder.blobs);
    const start = await readHeader(file, path, card.id);
    const view = new LogView(file, path, start, blobs);
    const end = await recover(disk, folder, { file, path, start }, view);
    return new FileLedgerWriter({ site, file, view, blobs, end, now, release });
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function heldBy({ disk, folder }: LedgerSite): Promise<LedgerError> {
  const writer = await readJson(disk, folder.writer);
  return locked(folder.path, typeof writer?.pid === "number" ? writer.pid : undefined);
}

interface WriterParts {
  readonly site: LedgerSite;
  readonly file: DiskFile;
  readonly view: LogView;
  readonly blobs: FileBlobs;
  readonly end: LogPoint;
  readonly now: () => number;
  readonly release: () => void;
}

class FileLedgerWriter implements Ledger {
  readonly access = "write";
  readonly location: string;
  readonly blobs: Blobs;
  readonly snapshots: Snapshots = new MemorySnapshots();
  readonly #parts: WriterParts;
  readonly #view: LogView;
  readonly #intake: Intake;
  readonly #writer: GroupWriter;
  readonly #bell = new Bell();
  #witnessed: LogPoint;
  #failure: LedgerError | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#view = parts.view;
    this.#witnessed = parts.end;
    this.location = parts.site.folder.path;
    this.#intake = new Intake(parts.view.index, parts.now);
    this.#writer = new GroupWriter(parts.file, parts.end, {
      onDurable: (drafts, offsets, end) => this.#takeIn(drafts, offsets, end),
      onPause: (end) => this.#witness(end, WITNESS_EVERY_BYTES),
      onFailure: (cause) => this.#stop(cause),
    });
    this.blobs = { put: (bytes) => this.#putBlob(bytes), get: (hash) => parts.blobs.get(hash) };
  }

  get position(): number {
    return this.#view.index.position;
  }

  async append(commits: readonly Commit[]): Promise<readonly Receipt[]> {
    this.#requireWritable();
    if (this.#writer.queuedBytes > QUEUE_LIMIT_BYTES) throw queueFull(this.location, QUEUE_LIMIT_BYTES);
    const drafts = this.#intake.admit(commits);
    const blobs = drafts.flatMap((draft) => [...draft.blobs]);
    const written = blobs.length === 0 ? undefined : Promise.all(blobs.map(([hash, bytes]) => this.#parts.blobs.putAs(hash, bytes)));
    await this.#writer.append(drafts, written);
    return drafts.map(({ entry: { position, time } }) => ({ position, time }));
  }

  async read(run: string, { from = 1 }: { readonly from?: number } = {}): Promise<readonly Entry[]> {
    this.#requireOpen();
    return this.#view.entries(this.#view.index.positionsOf(run, from));
  }

  changes(options: ChangesOptions): AsyncIterable<Entry> {
    this.#requireOpen();
    return follow(
      {
        bell: this.#bell,
        position: () => this.position,
        isClosed: () => this.#closing !== undefined,
        entries: (positions) => this.#view.entries(positions),
        refresh: () => this.refresh(),
        // Nothing to watch: whoever writes is here and rings.
        watch: () => () => undefined,
      },
      options,
    );
  }

  head(run: string): StreamHead | undefined {
    return this.#view.index.head(run);
  }

  find(query: FindQuery): readonly StreamHead[] {
    return this.#view.index.find(query);
  }

  due(query: DueQuery): readonly StreamHead[] {
    return this.#view.index.due(query);
  }

  async refresh(): Promise<void> {}

  async verify(): Promise<VerifyReport> {
    this.#requireOpen();
    const { disk, folder } = this.#parts.site;
    return verifyFolder(folder.path, disk);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { site, file, release } = this.#parts;
    this.#bell.ring();
    try {
      await this.#writer.idle();
      await this.#view.idle();
      if (this.#failure === undefined) {
        await this.#witness(this.#view.end, 1);
        await site.disk.remove(site.folder.writer);
      }
    } catch (cause) {
      throw this.#stop(cause);
    } finally {
      await file.close();
      release();
    }
  }

  async #putBlob(bytes: Uint8Array): Promise<string> {
    this.#requireWritable();
    try {
      return await this.#parts.blobs.put(bytes);
    } catch (cause) {
      throw this.#stop(cause);
    }
  }

  /** A group is durable: from now on it can be read. */
  #takeIn(drafts: readonly Draft[], offsets: readonly number[], end: LogPoint): void {
    this.#view.add(
      drafts.map(({ entry }, index) => ({ entry, offset: offsets[index] ?? end.offset })),
      end,
    );
    for (const draft of drafts) this.#intake.settle(draft);
    this.#bell.ring();
  }

  async #witness(end: LogPoint, everyBytes: number): Promise<void> {
    if (end.offset - this.#witnessed.offset < everyBytes) return;
    await writeWitness(this.#parts.site.disk, this.#parts.site.folder, end);
    this.#witnessed = end;
  }

  /** The first failure ends all writing. */
  #stop(cause: unknown): LedgerError {
    this.#failure ??= stopped(this.location, cause);
    return this.#failure;
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw closed(this.location);
  }

  #requireWritable(): void {
    this.#requireOpen();
    if (this.#failure !== undefined) throw stoppedBefore(this.location, this.#failure);
  }
}
