// How a folder is opened for writing: the lock first, then whatever a crash left is put in order, and only then it is appended to.

import { FileBlobs } from "./blob-files.ts";
import { readUnchecked, writeFleeting } from "./checked-json.ts";
import { wallClock } from "./clock.ts";
import { createLedger } from "./create.ts";
import { ensureFolder } from "./disk.ts";
import { FileLedgerWriter } from "./file-writer.ts";
import { type LedgerCard, type LedgerSite, readCard, requireSafe } from "./folder.ts";
import { IndexFolder } from "./index-folder.ts";
import { IndexKeeper } from "./index-keeper.ts";
import type { Ledger } from "./ledger.ts";
import type { LedgerError } from "../errors.ts";
import { LogView } from "./log-view.ts";
import { openContent } from "./open-content.ts";
import { openLog } from "./open-log.ts";
import { recover } from "./recover.ts";
import { locked, onNetwork } from "./refusals.ts";
import { Room } from "./room.ts";
import { Sealer } from "./sealer.ts";
import { readSigner } from "./signing-key.ts";
import { readWitness, Witness } from "./witness.ts";

/** Takes the lock, makes the ledger if there is none, recovers it and opens it for appending. */
export async function openWriter(site: LedgerSite, now: () => number = wallClock): Promise<Ledger> {
  const { disk, folder, allowNetwork } = site;
  const network = allowNetwork ? undefined : await disk.network?.(folder.path);
  if (network !== undefined) throw onNetwork(folder.path, network);
  await ensureFolder(disk, folder.path);
  await requireSafe(disk, folder);
  const release = await disk.lock(folder.lock);
  if (release === undefined) throw await heldBy(site);
  try {
    const room = new Room({ disk, folder, now, ballastBytes: site.ballastBytes });
    await room.enter();
    const card = (await readCard(disk, folder)) ?? (await createLedger(site, now()));
    await writeFleeting(disk, folder.writer, { pid: process.pid, started: now() });
    return await openLocked(site, { card, room, now, release });
  } catch (error) {
    release();
    throw error;
  }
}

/** What is known of a folder once the lock is held. */
interface Held {
  readonly card: LedgerCard;
  readonly room: Room;
  readonly now: () => number;
  readonly release: () => void;
}

async function openLocked(site: LedgerSite, { card, room, now, release }: Held): Promise<Ledger> {
  const { disk, folder, pause, indexBytes, signing } = site;
  const signer = signing === undefined ? undefined : await readSigner(signing);
  let view: LogView | undefined;
  const { content, cache, vault } = await openContent(site, card, "write", (tree) => view?.slotOf(tree));
  const index = new IndexFolder(disk, folder.index, cache);
  const { log, kept, wasKept } = await openLog(disk, folder, index, "update");
  try {
    await index.sweep(wasKept ? kept.index : undefined);
    const blobs = new FileBlobs(disk, folder.blobs);
    view = new LogView({ log, location: folder.path, blobs, content }, kept);
    const witness = new Witness(disk, folder, await readWitness(disk, folder));
    const keeper = new IndexKeeper({ folder: index, view, pause, witness, everyBytes: indexBytes });
    const end = await recover(disk, folder, { log, ledgerId: card.id, view, onProgress: () => keeper.keepUp() }, witness);
    const sealer = new Sealer({ disk, ledgerId: card.id, log, pause, signer });
    const ledger = new FileLedgerWriter({
      site,
      card,
      log,
      view,
      blobs,
      content,
      cache,
      ledgerId: card.id,
      vault,
      witness,
      keeper,
      sealer,
      room,
      end,
      now,
      release,
    });
    await ledger.resume();
    return ledger;
  } catch (error) {
    await kept.index.tables.close();
    await log.close();
    throw error;
  }
}

async function heldBy({ disk, folder }: LedgerSite): Promise<LedgerError> {
  const writer = await readUnchecked(disk, folder.writer);
  return locked(folder.path, writer?.isWhole === true && typeof writer.content.pid === "number" ? writer.content.pid : undefined);
}
