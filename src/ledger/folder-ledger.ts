// What a ledger folder answers to whoever has it open, for writing or for reading: all that is read. Writing, and learning of what others write, is added by others.

import { LedgerError } from "../errors.ts";
import { type FileBlobs, isBlobName } from "./blob-files.ts";
import type { CacheSeal } from "./cache-seal.ts";
import { type Content, PLAIN } from "./content.ts";
import type { Cursors } from "./cursor.ts";
import { CursorFiles } from "./cursor-files.ts";
import type { LedgerSite } from "./folder.ts";
import { Bell, type FollowedLog, follow } from "./follow.ts";
import type { ChangesOptions, DueQuery, Entry, FindQuery, LedgerAccess, ReadOptions, StreamHead, VerifyReport } from "./ledger.ts";
import type { LogFile } from "./log-file.ts";
import type { LogView } from "./log-view.ts";
import type { RankedHead, RankQuery } from "./rank.ts";
import { closed } from "./refusals.ts";
import { SnapshotFiles } from "./snapshot-files.ts";

/** What an open folder consists of. */
export interface FolderParts {
  readonly site: LedgerSite;
  readonly log: LogFile;
  readonly view: LogView;
  readonly blobs: FileBlobs;
  readonly content: Content;
  /** How what can be made again is sealed. */
  readonly cache: CacheSeal;
  readonly ledgerId: string;
}

/** In an encrypted ledger, a blob that is put for itself is the fact of a stream: its file is named after what is sealed, so it must be found by other means. */
export function blobStream(hash: string): string {
  return `blob ${hash}`;
}

/** The readable side of an open folder. */
export abstract class FolderLedger {
  readonly id: string;
  readonly location: string;
  readonly cursors: Cursors;
  protected readonly bell = new Bell();
  protected readonly parts: FolderParts;
  protected readonly snapshotFiles: SnapshotFiles;
  /** What ends each watch that somebody has begun. */
  readonly #watches = new Set<() => void>();
  #closing: Promise<void> | undefined;

  constructor(parts: FolderParts, access: LedgerAccess) {
    this.parts = parts;
    const { disk, folder } = parts.site;
    this.snapshotFiles = new SnapshotFiles(disk, folder.snapshots, {
      access,
      seal: parts.cache,
      chainOf: (run, fact) => parts.view.chainOf(run, fact),
    });
    this.id = parts.ledgerId;
    this.location = folder.path;
    this.cursors = new CursorFiles(disk, folder, parts.ledgerId, () => ({ oldest: this.oldest, newest: this.position }));
  }

  get oldest(): number {
    return this.parts.log.segments[0]?.first ?? 1;
  }

  get position(): number {
    return this.parts.view.position;
  }

  get time(): number {
    return this.parts.view.time;
  }

  async read(run: string, options: ReadOptions = {}): Promise<readonly Entry[]> {
    this.requireOpen();
    try {
      return await this.parts.view.entriesOf(run, options);
    } catch (error) {
      // It was replaced and taken away while it was read: now there is less of it.
      if (!(error instanceof LedgerError && error.code === "facts_removed")) throw error;
      await this.refresh();
      return this.parts.view.entriesOf(run, options);
    }
  }

  changes(options: ChangesOptions): AsyncIterable<Entry> {
    this.requireOpen();
    const { view } = this.parts;
    const log: FollowedLog = {
      bell: this.bell,
      position: () => view.position,
      oldest: () => this.oldest,
      isClosed: () => this.#closing !== undefined,
      entries: (after, limit) => view.entriesAfter(after, limit),
      refresh: () => this.refresh(),
      watch: () => this.#watched(),
    };
    return follow(log, options);
  }

  head(run: string): StreamHead | undefined {
    return this.parts.view.head(run);
  }

  find(query: FindQuery): readonly StreamHead[] {
    return this.parts.view.find(query);
  }

  ranked(query: RankQuery): readonly RankedHead[] {
    return this.parts.view.ranked(query);
  }

  due(query: DueQuery): readonly StreamHead[] {
    return this.parts.view.due(query);
  }

  async verify(): Promise<VerifyReport> {
    this.requireOpen();
    const { site, cache } = this.parts;
    // Most processes never verify, and opening should not wait for it to load.
    const { verifyFolder } = await import("./verify.ts");
    return verifyFolder(site.folder.path, site.disk, { cache });
  }

  abstract refresh(): Promise<void>;

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.shut();
      // Those who never looked again have not ended theirs.
      for (const stop of this.#watches) stop();
      this.bell.ring();
    }
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The content of a blob that was put; `undefined` for one that was not. */
  protected async blob(hash: string): Promise<Uint8Array | undefined> {
    const { blobs, content, view } = this.parts;
    if (content === PLAIN) return blobs.get(hash);
    const [entry] = isBlobName(hash) ? await view.entriesOf(blobStream(hash), {}) : [];
    const text = entry?.facts[0]?.content;
    return typeof text === "string" ? Buffer.from(text, "base64") : undefined;
  }

  #watched(): () => void {
    const stop = this.watch();
    this.#watches.add(stop);
    return () => {
      this.#watches.delete(stop);
      stop();
    };
  }

  /** Begins to ring the bell when something may have changed. */
  protected abstract watch(): () => void;

  /** Ends everything under way and closes the files. Called once. */
  protected abstract shut(): Promise<void>;

  protected requireOpen(): void {
    if (this.#closing !== undefined) throw closed(this.location);
  }
}
