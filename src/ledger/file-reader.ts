// Any process that reads a ledger folder while another one may write to it. Takes no lock, makes nothing, repairs nothing, and trusts whole sync groups only.

import { MemorySnapshots } from "./memory-snapshots.ts";
import { FileBlobs } from "./blob-files.ts";
import type { DiskFile } from "./disk.ts";
import { findSegment, type LedgerSite, readCard, requireSafe, shortName } from "./folder.ts";
import { Bell, follow } from "./follow.ts";
import type { Blobs, ChangesOptions, DueQuery, Entry, FindQuery, Ledger, Receipt, Snapshots, StreamHead, VerifyReport } from "./ledger.ts";
import { LogView } from "./log-view.ts";
import { load } from "./recover.ts";
import { closed, damaged, damagedFile, missing, readOnly } from "./refusals.ts";
import { scanLog, type ScanEnd } from "./scan.ts";
import { readHeader } from "./segment.ts";
import { verifyFolder } from "./verify.ts";
import { readWitness } from "./witness.ts";

/** Opens what is there for reading. */
export async function openReader(site: LedgerSite): Promise<Ledger> {
  const { disk, folder } = site;
  await requireSafe(disk, folder);
  const card = await readCard(disk, folder);
  if (card === undefined) throw missing(folder.path);
  const path = await findSegment(disk, folder);
  if (path === undefined) throw damagedFile(folder.segments, "holds no segment");
  // Before the log: what is witnessed now will be there when the log is read.
  const witness = await readWitness(disk, folder);
  const file = await disk.open(path, "read");
  try {
    const blobs = new FileBlobs(disk, folder.blobs);
    const start = await readHeader(file, path, card.id);
    const view = new LogView(file, path, start, blobs);
    await load({ file, path, start }, view, witness);
    return new FileLedgerReader({ site, file, path, view, blobs });
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface ReaderParts {
  readonly site: LedgerSite;
  readonly file: DiskFile;
  readonly path: string;
  readonly view: LogView;
  readonly blobs: FileBlobs;
}

class FileLedgerReader implements Ledger {
  readonly access = "read";
  readonly location: string;
  readonly blobs: Blobs;
  readonly snapshots: Snapshots = new MemorySnapshots();
  readonly #parts: ReaderParts;
  readonly #view: LogView;
  readonly #bell = new Bell();
  /** The last refresh asked for. They run one after the other, so that each one sees what was there when it was asked for. */
  #refreshed: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.#view = parts.view;
    this.location = parts.site.folder.path;
    this.blobs = { put: () => Promise.reject(readOnly(this.location)), get: (hash) => parts.blobs.get(hash) };
  }

  get position(): number {
    return this.#view.index.position;
  }

  async append(): Promise<readonly Receipt[]> {
    throw readOnly(this.location);
  }

  async read(run: string, { from = 1 }: { readonly from?: number } = {}): Promise<readonly Entry[]> {
    this.#requireOpen();
    return this.#view.entries(this.#view.index.positionsOf(run, from));
  }

  changes(options: ChangesOptions): AsyncIterable<Entry> {
    this.#requireOpen();
    const { site } = this.#parts;
    return follow(
      {
        bell: this.#bell,
        position: () => this.position,
        isClosed: () => this.#closing !== undefined,
        entries: (positions) => this.#view.entries(positions),
        refresh: () => this.refresh(),
        watch: () => site.disk.watch(site.folder.segments, () => this.#bell.ring()),
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

  async refresh(): Promise<void> {
    this.#requireOpen();
    const refreshed = this.#refreshed.then(() => this.#readOn());
    this.#refreshed = Promise.allSettled([refreshed]);
    await refreshed;
  }

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
    this.#bell.ring();
    await this.#refreshed;
    await this.#view.idle();
    await this.#parts.file.close();
  }

  async #readOn(): Promise<void> {
    const first = await this.#scan();
    // A writer that recovers replaces a torn tail while we look: one chunk may be from before, the next from after. Damage is still there at a second look.
    const result = first.verdict === "damaged" ? await this.#scan() : first;
    if (result.verdict === "damaged") throw damaged({ ...result, file: shortName(this.#parts.path) });
  }

  #scan(): Promise<ScanEnd> {
    return scanLog(this.#parts.file, this.#view.end, (lines, end) => this.#view.add(lines, end));
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw closed(this.location);
  }
}
