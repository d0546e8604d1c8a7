// Walks everything in a ledger folder and tells all that is wrong, instead of stopping at the first thing as opening does. Changes nothing; needs no lock.

import { hash } from "node:crypto";
import { join } from "node:path";
import { readAnchors } from "./anchor.ts";
import { isBlobName } from "./blob-files.ts";
import type { CacheSeal } from "./cache-seal.ts";
import { type AnchoredLog, checkAnchors } from "./check-anchors.ts";
import { checkKept } from "./check-kept.ts";
import { checkSeals } from "./check-seals.ts";
import { readChecked } from "./checked-json.ts";
import { type Disk, readFile } from "./disk.ts";
import { type LedgerFolder, ledgerFolder, layoutOf, readCard } from "./folder.ts";
import { IndexFolder } from "./index-folder.ts";
import type { AnchorReport, VerifyReport } from "./ledger.ts";
import { realDisk } from "./real-disk.ts";
import { missing } from "./refusals.ts";
import { readPublicKeys } from "./signing-key.ts";
import { Tally } from "./tally.ts";
import { walkLog } from "./walk-log.ts";
import { readWitness } from "./witness.ts";

/** What else to compare a ledger with: things that were kept outside of it. */
export interface VerifyOptions {
  /** Public keys, PEM: every segment but the youngest must have a seal, signed with one of them from the first signed one on. */
  readonly publicKeys?: string;
  /** Anchors, one JSON line each: every anchored line must be in the log. */
  readonly anchors?: string;
  /** How the index of an encrypted ledger is sealed: without, it is passed over. Whoever has the ledger open knows. */
  readonly cache?: CacheSeal;
}

/**
 * Verifies a ledger without opening it, so that a damaged one can be looked at, too.
 * @throws LedgerError `ledger_missing`, `signing_key_invalid`
 */
export async function verifyFolder(path: string, disk: Disk = realDisk, options: VerifyOptions = {}): Promise<VerifyReport> {
  const publicKeys = options.publicKeys === undefined ? undefined : readPublicKeys(options.publicKeys, "what was given");
  const folder = ledgerFolder(path);
  const tally = new Tally();
  const card = await tally.attempt("ledger.json", () => readCard(disk, folder));
  // Before the log: what is witnessed or indexed now will be there when the log is read.
  const witness = await tally.attempt("head.json", () => readWitness(disk, folder));
  const index = new IndexFolder(disk, folder.index, options.cache);
  await tally.attempt("index/tables.json", () => readChecked(disk, join(folder.index, "tables.json"), REMAKE));
  const kept = card?.keys === undefined || options.cache !== undefined ? await index.open() : undefined;
  const names = await disk.list(folder.segments);
  const { segments, start } = (await tally.attempt("segments", () => layoutOf(disk, folder))) ?? { segments: [], start: undefined };
  try {
    if (segments.length === 0 && card === undefined && tally.faults.length === 0) throw missing(path);
    if (card === undefined) tally.fault({ file: "ledger.json", message: "is missing or unreadable" });
    if (segments.length === 0) tally.fault({ file: "segments", message: "there is no segment to read" });
    else {
      tally.beginsLate = start !== undefined;
      if (start !== undefined) await checkKept({ disk, folder, ledgerId: card?.id ?? "", start, names }, tally);
      await walkLog({ disk, segments, ledgerId: card?.id, witness, kept, start }, tally);
      tally.finish();
    }
    if (kept !== undefined) await tally.attempt("index", async () => kept.index.tables.walk());
  } finally {
    await kept?.index.tables.close();
  }
  await checkBlobs(disk, folder, tally);
  const isRecorded = start === undefined || card?.keys !== undefined || tally.compactions.get(start.offset) === start.kept.sha256;
  if (!isRecorded) tally.fault({ file: "start.json", message: "is not what the log says of the compaction that moved its beginning" });
  const log = { disk, segments, ledgerId: card?.id ?? "" };
  const seals = await checkSeals({ ...log, names, publicKeys }, tally);
  const anchors = options.anchors === undefined ? {} : { anchors: await checkAnchorText(options.anchors, log, tally) };
  const removed = start === undefined ? {} : { removed: { before: start.position + 1, kept: start.kept.lines } };
  return { ...tally.report(), ...removed, seals, ...anchors };
}

function checkAnchorText(text: string, log: Omit<AnchoredLog, "anchors">, tally: Tally): Promise<AnchorReport> {
  const { anchors, bad } = readAnchors(text);
  if (anchors.length === 0) tally.fault({ file: "anchors", message: "there is no anchor" });
  if (bad.length > 0) tally.fault({ file: "anchors", message: `what stands in line ${bad.join(", ")} is no anchor` });
  return checkAnchors({ ...log, anchors }, tally);
}

const REMAKE = "Close the ledger, delete its folder index/, and open it again: the index is made anew from the log.";

async function checkBlobs(disk: Disk, folder: LedgerFolder, tally: Tally): Promise<void> {
  const present = new Set<string>();
  for (const shelf of await disk.list(folder.blobs)) {
    for (const name of (await disk.list(join(folder.blobs, shelf))).filter(isBlobName)) {
      present.add(name);
      const bytes = await readFile(disk, join(folder.blobs, shelf, name));
      tally.blobs += 1;
      if (bytes === undefined || hash("sha256", bytes, "hex") !== name)
        tally.fault({ file: `blobs/${shelf}/${name}`, message: "the content is not what the name says" });
    }
  }
  for (const [name, position] of tally.named) {
    if (!present.has(name))
      tally.fault({ file: `blobs/${name.slice(0, 2)}/${name}`, position, message: `is missing, and commit ${position} names it` });
  }
}
