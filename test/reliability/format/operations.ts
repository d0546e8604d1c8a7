// Everything that a ledger does to a disk in several steps, each as a small act with what must be true after it was cut short at any of them.

import { isDeepStrictEqual } from "node:util";
import { backupFolder } from "../../../src/ledger/backup.ts";
import { type Disk, writeWhole } from "../../../src/ledger/disk.ts";
import { exportLog } from "../../../src/ledger/export-log.ts";
import { ledgerFolder, readCard, segmentsIn } from "../../../src/ledger/folder.ts";
import { importLog } from "../../../src/ledger/import-log.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import { openFolder } from "../../../src/ledger/open-folder.ts";
import { diskFailed } from "../../../src/ledger/refusals.ts";
import { isSealName } from "../../../src/ledger/seal.ts";
import { Sealer } from "../../../src/ledger/sealer.ts";
import { verifyFolder } from "../../../src/ledger/verify.ts";
import { seededBytes } from "../../ledger/seeded-bytes.ts";
import { KEY_VARIABLE } from "./sample-folder.ts";

/** One act of a process on a disk. */
export interface Operation {
  readonly name: string;
  /** What is there before it. */
  prepare(disk: Disk, told: Told): Promise<void>;
  act(disk: Disk, told: Told): Promise<void>;
  /** What is wrong after it was cut short, in the eyes of the next process. */
  judge(disk: Disk, told: Told): Promise<readonly string[]>;
}

/** What was begun, and what callers were told is done. */
export interface Told {
  readonly begun: Set<string>;
  readonly done: Set<string>;
}

const FOLDER = "/ledger";
const COPY = "/copy";

/** How small the pieces are, so that a few appends make several of them. */
interface Pieces {
  readonly segmentBytes?: number;
  readonly indexBytes?: number;
  readonly isEncrypted?: boolean;
}

function open(disk: Disk, { segmentBytes = 100_000, indexBytes = 100_000, isEncrypted = false }: Pieces, path = FOLDER): Promise<Ledger> {
  return openFolder(path, "write", {
    disk,
    newId: () => "every-call",
    now: () => 1_763_700_000_000,
    segmentBytes,
    indexBytes,
    pause: async () => undefined,
    random: seededBytes(11),
    ...(isEncrypted ? { key: { env: KEY_VARIABLE } } : {}),
  });
}

/** Appends facts to streams, all at once or one after the other, and notes which are acknowledged. */
async function append(ledger: Ledger, told: Told, runs: readonly string[], text = "said"): Promise<void> {
  await Promise.all(
    runs.map(async (run) => {
      const expected = ledger.head(run)?.version ?? 0;
      const id = `${run}.${expected}`;
      told.begun.add(id);
      await ledger.append([{ run, expected, facts: [{ id, text }], head: { open: true, keys: [`run:${run}`], note: { expected } } }]);
      told.done.add(id);
    }),
  );
}

/** Opens, appends in turns, and closes. */
function appending(name: string, pieces: Pieces, turns: readonly (readonly string[])[], text?: string): Operation {
  const work = async (disk: Disk, told: Told): Promise<void> => {
    const ledger = await open(disk, pieces);
    for (const runs of turns) await append(ledger, told, runs, text);
    await ledger.close();
  };
  return { name, prepare: work, act: work, judge: (disk, told) => lost(disk, told, pieces) };
}

/** Compares a ledger with what was told, uses it, and verifies it. */
async function lost(disk: Disk, told: Told, pieces: Pieces): Promise<readonly string[]> {
  const wrong: string[] = [];
  const ledger = await open(disk, pieces);
  const entries = await Array.fromAsync(ledger.changes({ after: 0 }));
  const ids = entries.flatMap(({ facts }) => facts.map(({ id }) => String(id)));
  for (const id of told.done) if (!ids.includes(id)) wrong.push(`${id} is lost`);
  for (const id of new Set(ids)) {
    if (!told.begun.has(id)) wrong.push(`${id} was never appended`);
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push(`${id} is there twice`);
  }
  for (const run of new Set(entries.map((entry) => entry.run))) {
    const own = entries.filter((entry) => entry.run === run);
    const isFound = ledger.find({ keys: [`run:${run}`] }).some((head) => head.run === run && head.version === own.length);
    if (!isFound || !isDeepStrictEqual(await ledger.read(run), own)) wrong.push(`the index is wrong about ${run}`);
  }
  await append(ledger, told, ["after"]);
  await ledger.close();
  return [...wrong, ...(await faultsIn(disk, FOLDER))];
}

async function faultsIn(disk: Disk, path: string): Promise<readonly string[]> {
  return (await verifyFolder(path, disk)).faults.map(({ file, message }) => `${file} ${message}`);
}

const SMALL: Pieces = { segmentBytes: 700, indexBytes: 100_000 };

const create: Operation = {
  ...appending("create", {}, []),
  prepare: async () => undefined,
};

const snapshots: Operation = {
  ...appending("snapshot", {}, []),
  async prepare(disk, told) {
    const ledger = await open(disk, {});
    await append(ledger, told, ["one"]);
    await ledger.snapshots.put("one", { version: 1, bytes: Buffer.from("first") });
    await ledger.close();
  },
  async act(disk) {
    const ledger = await open(disk, {});
    await ledger.snapshots.put("one", { version: 1, bytes: Buffer.from("other") });
    await ledger.close();
  },
  async judge(disk, told) {
    const ledger = await open(disk, {});
    const kept = await ledger.snapshots.get("one");
    await ledger.close();
    const text = kept === undefined ? "none" : Buffer.from(kept.bytes).toString();
    return [...(["none", "first", "other"].includes(text) ? [] : [`the snapshot is ${text}`]), ...(await lost(disk, told, {}))];
  },
};

const recover: Operation = {
  ...appending("recover a torn end", SMALL, [["one"]]),
  async prepare(disk, told) {
    const ledger = await open(disk, SMALL);
    for (const run of ["one", "two", "one", "two"]) await append(ledger, told, [run]);
    await ledger.close();
    const path = (await segmentsIn(disk, ledgerFolder(FOLDER))).at(-1)?.path ?? "";
    const file = await disk.open(path, "update");
    await writeWhole(file, Buffer.from('["000000ff","0000'), await file.size());
  },
};

const sealSegments: Operation = {
  name: "seal",
  async prepare(disk, told) {
    const ledger = await open(disk, SMALL);
    for (const run of ["one", "two", "one", "two", "one"]) await append(ledger, told, [run, "three"]);
    await ledger.close();
    const { segments } = ledgerFolder(FOLDER);
    for (const name of await disk.list(segments)) if (isSealName(name)) await disk.remove(`${segments}/${name}`);
    await disk.syncFolder(segments);
  },
  // An open ledger tells what the disk says in its own words.
  act: (disk) =>
    sealAll(disk).catch((error: unknown) => {
      throw diskFailed(FOLDER, error);
    }),
  async judge(disk, told) {
    await sealAll(disk);
    const { seals } = await verifyFolder(FOLDER, disk);
    const isSealed = seals !== undefined && seals.whole > 1 && seals.waiting === 0;
    return [...(isSealed ? [] : [`seals: ${JSON.stringify(seals)}`]), ...(await lost(disk, told, SMALL))];
  },
};

async function sealAll(disk: Disk): Promise<void> {
  const folder = ledgerFolder(FOLDER);
  const log = { segments: await segmentsIn(disk, folder) };
  const ledgerId = (await readCard(disk, folder))?.id ?? "";
  await new Sealer({ disk, ledgerId, log, pause: async () => undefined }).sealAll();
}

const ENCRYPTED: Pieces = { segmentBytes: 1_500, indexBytes: 1_000, isEncrypted: true };

const erase: Operation = {
  name: "erase",
  async prepare(disk, told) {
    const ledger = await open(disk, ENCRYPTED);
    for (let turn = 0; turn < 2; turn++) await append(ledger, told, ["mine", "other"]);
    await ledger.close();
  },
  async act(disk, told) {
    const ledger = await open(disk, ENCRYPTED);
    await ledger.erase([{ tree: "mine", runs: ["mine"] }]);
    told.done.add("erased");
    await ledger.close();
  },
  async judge(disk, told) {
    const ledger = await open(disk, ENCRYPTED);
    const mine = (await ledger.read("mine")).flatMap(({ facts }) => facts);
    const other = (await ledger.read("other")).flatMap(({ facts }) => facts.map(({ id }) => id));
    await ledger.close();
    const isGone = mine.every(({ erased }) => erased === true);
    const isWhole = mine.length === 2 && mine.every(({ text }) => text === "said");
    return [
      ...(isGone || (isWhole && !told.done.has("erased")) ? [] : [`the erased run is ${JSON.stringify(mine)}`]),
      ...(isDeepStrictEqual(other, ["other.0", "other.1"]) ? [] : [`the other run is ${JSON.stringify(other)}`]),
      ...(await faultsIn(disk, FOLDER)),
    ];
  },
};

const filled = appending("", SMALL, [["one", "two"], ["one"], ["two", "three"]], "x".repeat(40));
const withBlob = appending("append with a large value", {}, [["one"], ["one", "two"]], "large ".repeat(6_000));

const backup: Operation = {
  name: "backup",
  prepare: (disk, told) => filled.prepare(disk, told),
  act: async (disk) => void (await backupFolder(disk, FOLDER, COPY)),
  async judge(disk, told) {
    const { verified } = await backupFolder(disk, FOLDER, COPY);
    const isSame = (await exported(disk, COPY)).equals(await exported(disk, FOLDER));
    return [...(isSame && verified.ok ? [] : ["the copy is another ledger"]), ...(await filled.judge(disk, told))];
  },
};

const takeIn: Operation = {
  name: "import",
  prepare: (disk, told) => filled.prepare(disk, told),
  act: async (disk) => importTo(disk, COPY),
  async judge(disk) {
    await importTo(disk, COPY);
    const isSame = (await exported(disk, COPY)).equals(await exported(disk, FOLDER));
    return [...(isSame ? [] : ["the copy is another ledger"]), ...(await faultsIn(disk, COPY))];
  },
};

async function exported(disk: Disk, path: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  await exportLog(disk, path, (lines) => void parts.push(lines));
  return Buffer.concat(parts);
}

async function importTo(disk: Disk, path: string): Promise<void> {
  const bytes = await exported(disk, FOLDER);
  await importLog(disk, path, pieces(bytes), {});
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 400) yield bytes.subarray(from, from + 400);
}

/** All of them. A change of the master key has its own test, `test/ledger/rewrap.test.ts`. */
export const OPERATIONS: readonly Operation[] = [
  create,
  appending("append in groups", {}, [["one"], ["one", "two", "three"]]),
  withBlob,
  appending("roll", SMALL, [["one", "two"], ["one"], ["two"]], "x".repeat(150)),
  appending("index and merge", { indexBytes: 1 }, [["one"], ["two"], ["one"], ["three"]]),
  sealSegments,
  recover,
  snapshots,
  appending("append to an encrypted one", ENCRYPTED, [["one"], ["two"]]),
  erase,
  backup,
  takeIn,
];
