// Ledgers on a simulated disk with something of everything in them, and their exports: what goes out of a ledger and comes in is tested on them.

import type { Disk } from "../../src/ledger/disk.ts";
import { exportLog, type ExportRange } from "../../src/ledger/export-log.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import { importLog, type ImportReport } from "../../src/ledger/import-log.ts";
import type { Commit, Entry, Ledger, StreamHead } from "../../src/ledger/ledger.ts";
import { seededRandom } from "./seeded-random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

export const SOURCE = "/source";
export const COPY = "/copy";

/** Small, so that a small log has several. */
const SEGMENT_BYTES = 6_000;

/** A disk with a ledger on it that a seed decides: streams, heads, blobs that are named more than once, groups of several commits, several segments. */
export async function sampleLedger(seed: number, groups = 12): Promise<{ readonly simulated: SimulatedDisk; readonly disk: Disk }> {
  const simulated = new SimulatedDisk({ random: seededRandom(seed) });
  const disk = simulated.begin();
  await grow(disk, seed, groups);
  return { simulated, disk };
}

/** Appends sync groups to the sample. */
export async function grow(disk: Disk, seed: number, groups: number): Promise<void> {
  const random = seededRandom(seed * 7919);
  let now = 1_763_700_000_000;
  await using ledger = await open(disk, SOURCE, () => (now += 1));
  for (let group = 0; group < groups; group++) {
    const versions = new Map<string, number>();
    const count = 1 + Math.floor(random() * 4);
    const commits = Array.from({ length: count }, () => randomCommit(ledger, versions, random));
    // A blob that somebody keeps beside the log: only a fact tells its hash.
    if (group % 5 === 2) {
      const kept = await ledger.blobs.put(Buffer.from(`plan of ${seed}-${group}`));
      await ledger.append([{ run: "plans", expected: ledger.head("plans")?.version ?? 0, facts: [{ kept, other: "0".repeat(64) }] }]);
    }
    await Promise.all(commits.map((commit) => ledger.append([commit])));
  }
}

/** Opens a ledger on a disk for writing. */
export function open(disk: Disk, folder: string, now: () => number = () => 1): Promise<Ledger> {
  return fileLedger(folder, { disk, segmentBytes: SEGMENT_BYTES }).open({ access: "write", now });
}

/** All that a ledger says. */
export async function contentOf(
  disk: Disk,
  folder: string,
): Promise<{ readonly entries: readonly Entry[]; readonly heads: readonly StreamHead[] }> {
  await using ledger = await fileLedger(folder, { disk }).open({ access: "read" });
  const entries: Entry[] = [];
  for await (const entry of ledger.changes({ after: 0 })) entries.push(entry);
  return { entries, heads: ledger.find({ keys: [] }) };
}

export async function exported(disk: Disk, folder: string, range: ExportRange = {}): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  await exportLog(disk, folder, (lines) => void parts.push(lines), range);
  return Buffer.concat(parts);
}

export function imported(disk: Disk, folder: string, bytes: Uint8Array, chunkBytes = 1_000): Promise<ImportReport> {
  return importLog(disk, folder, inChunks(bytes, chunkBytes), { indexBytes: 4_000 });
}

/** The lines of an export, newlines included. */
export function linesOf(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const at = bytes.indexOf("\n", from);
    const to = at === -1 ? bytes.length : at + 1;
    lines.push(bytes.subarray(from, to));
    from = to;
  }
  return lines;
}

/** The bytes of a log, all segments one behind the other. */
export async function logOf(simulated: SimulatedDisk, disk: Disk, folder: string): Promise<Buffer> {
  const names = await disk.list(`${folder}/segments`);
  return Buffer.concat(names.filter((name) => name.endsWith(".jsonl")).map((name) => simulated.content(`${folder}/segments/${name}`)));
}

async function* inChunks(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += chunkBytes) yield bytes.subarray(from, from + chunkBytes);
}

function randomCommit(ledger: Ledger, versions: Map<string, number>, random: () => number): Commit {
  const run = `run-${Math.floor(random() * 6)}`;
  const expected = versions.get(run) ?? ledger.head(run)?.version ?? 0;
  const facts = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, index) => ({
    id: `${run}:${expected + index + 1}`,
    text: "ü".repeat(Math.floor(random() * 200)),
    ...(random() < 0.15 ? { large: `${Math.floor(random() * 3)}`.repeat(33_000) } : {}),
  }));
  versions.set(run, expected + facts.length);
  const head = { open: random() < 0.5, keys: [`status:${Math.floor(random() * 3)}`], note: { expected } };
  return { run, expected, facts, ...(random() < 0.6 ? { head } : {}) };
}
