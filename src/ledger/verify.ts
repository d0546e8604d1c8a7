// Walks everything in a ledger folder and tells all that is wrong, instead of stopping at the first thing as opening does. Changes nothing; needs no lock.

import { hash } from "node:crypto";
import { join } from "node:path";
import { LedgerError } from "../errors.ts";
import { blobsOf, decodeBody } from "./body.ts";
import { isBlobName } from "./blob-files.ts";
import { ByteWindow } from "./byte-window.ts";
import { type Disk, type DiskFile, firstBytes, readFile } from "./disk.ts";
import { findSegment, type LedgerFolder, ledgerFolder, readCard, shortName } from "./folder.ts";
import { GENESIS } from "./frame.ts";
import type { LedgerFault, VerifyReport } from "./ledger.ts";
import { realDisk } from "./real-disk.ts";
import { missing } from "./refusals.ts";
import { breach, findLine, lineAt, type LogPoint, type ScannedLine } from "./scan.ts";
import { readHeader } from "./segment.ts";
import { readWitness, WitnessCheck } from "./witness.ts";

/** Faults told at most: the first ones matter. */
export const FAULT_LIMIT = 100;

/**
 * Verifies a ledger without opening it, so that a damaged one can be looked at, too.
 * @throws LedgerError `ledger_missing`
 */
export async function verifyFolder(path: string, disk: Disk = realDisk): Promise<VerifyReport> {
  const folder = ledgerFolder(path);
  const tally = new Tally();
  const card = await tally.attempt("ledger.json", () => readCard(disk, folder));
  const segment = await tally.attempt("segments", () => findSegment(disk, folder));
  if (segment === undefined && card === undefined && tally.faults.length === 0) throw missing(path);
  if (card === undefined) tally.fault({ file: "ledger.json", message: "is missing or unreadable" });
  if (segment === undefined) tally.fault({ file: "segments", message: "there is no segment to read" });
  else await walkFile(disk, folder, segment, card?.id, tally);
  await checkBlobs(disk, folder, tally);
  return tally.report();
}

async function walkFile(disk: Disk, folder: LedgerFolder, path: string, ledgerId: string | undefined, tally: Tally): Promise<void> {
  const file = await disk.open(path, "read");
  try {
    // The witness before the size, and no look beyond that: what a writer adds meanwhile is its own affair.
    const witness = await tally.attempt("head.json", () => readWitness(disk, folder));
    const fixed = firstBytes(file, await file.size());
    const name = shortName(path);
    const start = await tally.attempt(name, () => readHeader(fixed, path, ledgerId));
    await walkLog(fixed, name, start, witness, tally);
  } finally {
    await file.close();
  }
}

/** Walks the lines of a log; behind bad bytes it goes on with the next whole line. */
async function walkLog(
  file: DiskFile,
  name: string,
  start: LogPoint | undefined,
  witness: LogPoint | undefined,
  tally: Tally,
): Promise<void> {
  const window = new ByteWindow(file);
  const check = start !== undefined && witness !== undefined ? new WitnessCheck(witness, start) : undefined;
  let last = { offset: 0, position: 0, group: 0, chain: GENESIS, ...start, ends: true };
  // Without a header, or behind bad bytes, the next line cannot be compared with the one before it.
  let isConnected = start !== undefined;
  let group: ScannedLine[] = [];
  tally.pass(last);
  for (;;) {
    const reading = await lineAt(window, last.offset);
    if (reading.kind === "line") {
      const { line } = reading;
      const reason = isConnected ? breach(last, line) : undefined;
      if (reason !== undefined) tally.fault({ file: name, offset: last.offset, position: line.position, message: reason });
      const entry = decodeBody(line.position, line.body);
      if (entry !== undefined) group.push({ offset: last.offset, entry });
      else if (line.position > 0)
        tally.fault({ file: name, offset: last.offset, position: line.position, message: "the line holds no commit" });
      last = { ...line, offset: last.offset + line.bytes };
      isConnected = true;
      if (!line.ends) continue;
      tally.take(name, group);
      tally.pass(last);
      check?.pass(last);
      group = [];
      continue;
    }
    const badGroup = last.ends ? last.group + 1 : last.group;
    const isDamage = (await findLine(window, last.offset + 1, (line) => !isConnected || line.group > badGroup)) !== undefined;
    const next = isDamage ? await findLine(window, last.offset + 1, () => true) : undefined;
    if (next === undefined) break;
    tally.fault({
      file: name,
      offset: last.offset,
      message: `${next.offset - last.offset} bytes behind commit ${last.position} are no whole line`,
    });
    tally.forgetVersions();
    last = { ...last, offset: next.offset };
    isConnected = false;
  }
  tally.unfinishedBytes = (await file.size()) - tally.end.offset;
  const problem = check?.problem(tally.end);
  if (problem !== undefined) tally.fault({ file: name, offset: tally.end.offset, position: tally.end.position, message: problem });
}

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

/** What has been found so far. */
class Tally {
  readonly faults: LedgerFault[] = [];
  /** Blobs by the first commit that names them. */
  readonly named = new Map<string, number>();
  blobs = 0;
  unfinishedBytes = 0;
  end: LogPoint = { offset: 0, position: 0, group: 0, chain: GENESIS };
  #commits = 0;
  #facts = 0;
  /** Stream versions; after a gap they are learnt anew. */
  #versions = new Map<string, number>();
  #hasGap = false;

  fault(fault: LedgerFault): void {
    if (this.faults.length < FAULT_LIMIT) this.faults.push(fault);
  }

  /** Makes a fault of a refusal. */
  async attempt<T>(file: string, look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      this.fault({ file, message: error.message });
      return undefined;
    }
  }

  pass(point: LogPoint): void {
    this.end = { offset: point.offset, position: point.position, group: point.group, chain: point.chain };
  }

  take(file: string, group: readonly ScannedLine[]): void {
    for (const { offset, entry } of group) {
      const { run, first, position, facts } = entry;
      const version = this.#versions.get(run) ?? (this.#hasGap ? first - 1 : 0);
      if (first !== version + 1) this.fault({ file, offset, position, message: `${run} has ${version} facts, and fact ${first} follows` });
      this.#versions.set(run, first + facts.length - 1);
      this.#commits += 1;
      this.#facts += facts.length;
      for (const blob of blobsOf(entry)) if (!this.named.has(blob)) this.named.set(blob, position);
    }
  }

  forgetVersions(): void {
    this.#versions = new Map();
    this.#hasGap = true;
  }

  report(): VerifyReport {
    const { faults, blobs, end, unfinishedBytes } = this;
    return {
      ok: faults.length === 0,
      commits: this.#commits,
      facts: this.#facts,
      blobs,
      bytes: end.offset,
      unfinishedBytes,
      chain: end.chain,
      faults,
    };
  }
}
