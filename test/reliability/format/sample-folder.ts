// Small ledgers with every sort of file in them, closed cleanly, so that a witness tells where each log ended. What is done to their bytes must be noticed.

import { KindlingError } from "../../../src/errors.ts";
import { exportLog } from "../../../src/ledger/export-log.ts";
import { importLog } from "../../../src/ledger/import-log.ts";
import type { Commit, Ledger, LedgerAccess } from "../../../src/ledger/ledger.ts";
import { openFolder } from "../../../src/ledger/open-folder.ts";
import { seededBytes } from "../../ledger/seeded-bytes.ts";
import { type Files, MemoryDisk } from "./memory-disk.ts";

export const FOLDER = "/ledger";

/** The environment variable with the key of the encrypted sample. Whoever uses it sets it. */
export const KEY_VARIABLE = "KINDLING_SAMPLE_KEY";
export const KEY = "7a".repeat(32);

/** How a sample is made. */
export interface SampleShape {
  readonly id: string;
  /** Sync groups of one to three commits. */
  readonly groups: number;
  /** Begins streams' names and texts: of one length, it gives ledgers whose files have the same names and sizes. */
  readonly word: string;
  readonly isEncrypted?: boolean;
  /** One digit that stands in facts, notes and snapshots: with another one, and the same otherwise, it is the twin that files are taken from. */
  readonly digit?: number;
  /** Two of its streams were given up, and it was compacted: its beginning is gone but for what is kept of it. */
  readonly isCompacted?: boolean;
  /** Goes on until a segment has begun that holds nothing yet. */
  readonly endsWithHeader?: boolean;
}

/** Opens a sample. */
export function openSample(disk: MemoryDisk, access: LedgerAccess, { id, isEncrypted = false }: SampleShape): Promise<Ledger> {
  let now = 1_763_700_000_000;
  return openFolder(FOLDER, access, {
    disk,
    newId: () => id,
    now: () => (now += 1_000),
    segmentBytes: 1_300,
    indexBytes: 700,
    pause: async () => undefined,
    random: seededBytes(7),
    ...(isEncrypted ? { key: { env: KEY_VARIABLE } } : {}),
  });
}

/** Makes a sample and gives its files. */
export async function sampleFolder(shape: SampleShape): Promise<Files> {
  const disk = new MemoryDisk();
  const ledger = await openSample(disk, "write", shape);
  for (let group = 0; group < shape.groups; group++) await ledger.append(groupOf(ledger, shape, group));
  if (shape.groups > 1) {
    await ledger.append([
      { run: `${shape.word}-large`, expected: 0, facts: [{ large: `${shape.word}${shape.digit ?? 0}`.repeat(8_400) }] },
    ]);
    await ledger.blobs.put(Buffer.from(`a plan of ${shape.word}`));
    await ledger.snapshots.put(`${shape.word}-0`, { version: 2, bytes: Buffer.from(`what ${shape.word} was ${shape.digit ?? 0}`) });
  }
  if (shape.isCompacted === true) await compactSome(ledger, shape);
  const before = await segmentCount(disk);
  for (let more = 0; shape.endsWithHeader === true && (await segmentCount(disk)) === before; more++)
    await ledger.append([{ run: `${shape.word}-more`, expected: more, facts: [{ more }] }]);
  await ledger.close();
  return new Map([...disk.files].filter(([path]) => !/writer\.(?:json|lock)/.test(path)));
}

async function compactSome(ledger: Ledger, shape: SampleShape): Promise<void> {
  for (const run of [`${shape.word}-0`, `${shape.word}-2`]) {
    const expected = ledger.head(run)?.version ?? 0;
    await ledger.append([{ run, expected, facts: [{ over: true }], replaces: "all" }]);
  }
  const { removed, kept } = await ledger.compact();
  if (Math.min(removed.segments, kept.commits) === 0) throw new Error(`nothing was kept or removed of ${shape.id}`);
  await ledger.append(groupOf(ledger, shape, shape.groups));
}

/** The export of a sample. */
export async function exportOf(files: Files): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  await exportLog(new MemoryDisk(files), FOLDER, (lines) => void parts.push(lines));
  return Buffer.concat(parts);
}

/** Takes bytes in as an export, in an empty place. `refused` when the ledger's own error says so. */
export async function takeIn(disk: MemoryDisk, bytes: Buffer): Promise<"taken" | "refused"> {
  try {
    await importLog(disk, FOLDER, inPieces(bytes), {});
    return "taken";
  } catch (error) {
    if (error instanceof KindlingError && error.code !== "bug") return "refused";
    throw error;
  }
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 1_000) yield bytes.subarray(from, from + 1_000);
}

async function segmentCount(disk: MemoryDisk): Promise<number> {
  return (await disk.list(`${FOLDER}/segments`)).filter((name) => name.endsWith(".jsonl")).length;
}

function groupOf(ledger: Ledger, { word, digit = 0 }: SampleShape, group: number): readonly Commit[] {
  return Array.from({ length: 1 + (group % 3) }, (_, index) => {
    const run = `${word}-${(group + index) % 4}`;
    const expected = ledger.head(run)?.version ?? 0;
    const facts = [{ text: `${word} ${group}.${index} ${"ö".repeat(group)}` }, { amount: group * 10 + digit }];
    const keys = [`status:${(group + index) % 2}`, `word:${word}`];
    return { run, expected, facts, head: { open: group % 3 > 0, keys, note: { group, digit }, due: 1_000 + group } };
  });
}
