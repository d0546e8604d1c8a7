// Any process that reads a ledger folder while another one may write to it. Takes no lock, makes nothing, repairs nothing, and trusts whole sync groups only.

import { FileBlobs } from "./blob-files.ts";
import { type LedgerSite, readCard, requireSafe, segmentName } from "./folder.ts";
import { FolderLedger, type FolderParts } from "./folder-ledger.ts";
import { IndexFolder } from "./index-folder.ts";
import type { Blobs, Ledger, Receipt, Snapshots } from "./ledger.ts";
import { LogView } from "./log-view.ts";
import { openContent } from "./open-content.ts";
import { openIndex, openLog, standsOn } from "./open-log.ts";
import { load } from "./recover.ts";
import { damaged, missing, readOnly } from "./refusals.ts";
import { scanLog, type ScanEnd } from "./scan.ts";
import { readWitness } from "./witness.ts";

/** A reader takes over what the writer has kept once it holds so many times of it in memory. */
const REBASE_TIMES = 4;

/** Opens what is there for reading. */
export async function openReader(site: LedgerSite): Promise<Ledger> {
  const { disk, folder } = site;
  await requireSafe(disk, folder);
  const card = await readCard(disk, folder);
  if (card === undefined) throw missing(folder.path);
  // Before the log: what is witnessed now will be there when the log is read.
  const witness = await readWitness(disk, folder);
  const { content, cache } = await openContent(site, card, "read", () => undefined);
  const { log, kept } = await openLog(disk, folder, new IndexFolder(disk, folder.index, cache), "read");
  try {
    const blobs = new FileBlobs(disk, folder.blobs);
    const view = new LogView({ log, location: folder.path, blobs, content }, kept);
    await load({ log, ledgerId: card.id, view }, witness);
    return new FileLedgerReader({ site, log, view, blobs, content, cache, ledgerId: card.id });
  } catch (error) {
    await kept.index.tables.close();
    await log.close();
    throw error;
  }
}

class FileLedgerReader extends FolderLedger implements Ledger {
  readonly access = "read";
  readonly isLow = false;
  readonly blobs: Blobs;
  readonly snapshots: Snapshots;
  /** The last refresh asked for. They run one after the other, so that each one sees what was there when it was asked for. */
  #refreshed: Promise<unknown> = Promise.resolve();

  constructor(parts: FolderParts) {
    super(parts, "read");
    this.blobs = { put: () => Promise.reject(readOnly(this.location)), get: (hash) => this.blob(hash) };
    this.snapshots = this.snapshotFiles;
  }

  async append(): Promise<readonly Receipt[]> {
    throw readOnly(this.location);
  }

  async erase(): Promise<void> {
    throw readOnly(this.location);
  }

  async compact(): Promise<never> {
    throw readOnly(this.location);
  }

  async refresh(): Promise<void> {
    this.requireOpen();
    const refreshed = this.#refreshed.then(() => this.#readOn());
    this.#refreshed = Promise.allSettled([refreshed]);
    await refreshed;
  }

  protected watch(): () => void {
    const { disk, folder } = this.parts.site;
    return disk.watch(folder.segments, () => this.bell.ring());
  }

  protected async shut(): Promise<void> {
    await this.#refreshed;
    await this.parts.view.idle();
    await this.parts.view.stored.tables.close();
    await this.parts.log.close();
  }

  async #readOn(): Promise<void> {
    const { log, view, site } = this.parts;
    for (;;) {
      const first = await this.#scan();
      if (view.end.offset < log.base) {
        await this.#beginAnew();
        continue;
      }
      // A writer that recovers replaces a torn tail while we look: one chunk may be from before, the next from after. Damage is still there at a second look.
      const result = first.verdict === "damaged" ? await this.#scan() : first;
      if (result.verdict === "damaged") throw damaged({ ...result, ...log.placeOf(result.offset) });
      // A segment that has begun since stands where the one before it ends.
      const next = segmentName(site.folder, view.end.position + 1, view.end.offset);
      if (next.path === log.last.path) break;
      if ((await site.disk.inspect(next.path)) !== undefined) log.add(next);
      else if ((await site.disk.inspect(log.last.path)) !== undefined) break;
      // A compaction begins a segment, too: files that it has removed take room for as long as somebody has them open; and what follows may have been removed with what is known.
      await log.refresh();
    }
    if (view.unkeptBytes > REBASE_TIMES * site.indexBytes) await this.#rebase();
  }

  /** Reads what is left of a log whose beginning was moved behind all that is known of it. */
  async #beginAnew(): Promise<void> {
    const { log, view, blobs, content, cache, site, ledgerId } = this.parts;
    const base = log.base;
    const { kept } = await openIndex(log, new IndexFolder(site.disk, site.folder.index, cache));
    const fresh = new LogView({ log, location: this.location, blobs, content }, kept);
    try {
      await load({ log, ledgerId, view: fresh }, undefined);
    } catch (error) {
      await kept.index.tables.close();
      // It was moved again meanwhile: the next look begins there.
      if (log.base > base) return;
      throw error;
    }
    const old = view.stored;
    view.become(fresh);
    await old.tables.close();
  }

  /** Stands on the tables that the writer has made meanwhile, and reads again what is younger. */
  async #rebase(): Promise<void> {
    const { log, view, blobs, content, cache, site } = this.parts;
    const kept = await new IndexFolder(site.disk, site.folder.index, cache).open();
    if (kept === undefined) return;
    const { point, index } = kept;
    const isYounger = point.position > view.stored.position && point.position <= view.position;
    if (!isYounger || !(await standsOn(log, point))) return index.tables.close();
    const fresh = new LogView({ log, location: this.location, blobs, content }, kept);
    const old = view.stored;
    await scanLog(log, point, (lines, end) => fresh.take(lines, end), this.parts.ledgerId);
    // In one step, so that nobody sees fewer commits than before.
    view.become(fresh);
    await old.tables.close();
  }

  #scan(): Promise<ScanEnd> {
    const { log, view } = this.parts;
    return scanLog(log, view.end, (lines, end) => view.take(lines, end), this.parts.ledgerId);
  }
}
