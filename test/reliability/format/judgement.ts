// Asks a ledger folder everything that can be asked, and compares each answer with that of the folder before somebody changed its bytes.

import { hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { KindlingError } from "../../../src/errors.ts";
import { keyFaults } from "../../../src/ledger/key-faults.ts";
import { readMasterKey } from "../../../src/ledger/key-source.ts";
import type { Ledger, LedgerAccess } from "../../../src/ledger/ledger.ts";
import { verifyFolder } from "../../../src/ledger/verify.ts";
import { type Files, MemoryDisk } from "./memory-disk.ts";
import { FOLDER, KEY_VARIABLE, openSample, type SampleShape } from "./sample-folder.ts";

/** What a sample answers, each as text, by the question. */
export type Answers = ReadonlyMap<string, string>;

/** What became of a folder with changed bytes. */
export interface Judgement {
  /** Answers that differ from the right ones, with no error: there must be none. */
  readonly wrong: readonly string[];
  /** Errors that are none of the ledger's own. */
  readonly uncaught: readonly string[];
  /** Questions that were refused with the ledger's own error. */
  readonly refusals: readonly string[];
  /** Things that can be made again and were missing. */
  readonly healed: number;
  /** What `verify` and the check of the keys told. */
  readonly told: readonly string[];
}

/** All answers of a whole sample. */
export async function answersOf(files: Files, shape: SampleShape): Promise<Answers> {
  await using ledger = await openSample(new MemoryDisk(files), "write", shape);
  const answers = new Map<string, string>();
  for (const [question, ask] of questions(ledger, shape)) answers.set(question, JSON.stringify((await ask()) ?? null));
  return answers;
}

/** Opens changed files for writing, for reading, and verifies them. */
export async function judge(files: Files, shape: SampleShape, truth: Answers): Promise<Judgement> {
  const found = { wrong: [] as string[], uncaught: [] as string[], refusals: [] as string[], healed: 0, told: [] as string[] };
  for (const access of ["write", "read"] as const) await interrogate(new MemoryDisk(files), access, shape, truth, found);
  await attempt(found, "verify", async () => {
    const disk = new MemoryDisk(files);
    const { faults } = await verifyFolder(FOLDER, disk);
    found.told.push(...faults.map(({ file, message }) => `${file} ${message}`));
    if (shape.isEncrypted !== true) return;
    const site = { disk, folder: `${FOLDER}/keys`, ledger: shape.id };
    for (const { file, message } of await keyFaults(site, await readMasterKey({ env: KEY_VARIABLE })))
      found.told.push(`${file} ${message}`);
  });
  return found;
}

interface Found {
  readonly wrong: string[];
  readonly uncaught: string[];
  readonly refusals: string[];
  healed: number;
}

async function interrogate(disk: MemoryDisk, access: LedgerAccess, shape: SampleShape, truth: Answers, found: Found): Promise<void> {
  const opened = await attempt(found, `open to ${access}`, () => openSample(disk, access, shape));
  if (opened === undefined) return;
  for (const [question, ask] of questions(opened, shape)) {
    const answer = await attempt(found, question, async () => JSON.stringify((await ask()) ?? null));
    if (answer === undefined || isSame(answer, truth.get(question))) continue;
    // A snapshot is made again when there is none.
    if (question.startsWith("snapshot") && answer === "null") found.healed += 1;
    else found.wrong.push(`${access}: ${question}: ${answer}`);
  }
  await attempt(found, "close", () => opened.close());
}

async function attempt<T>(found: Found, what: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof KindlingError && error.code !== "bug")
      found.refusals.push(`${error.message} ${JSON.stringify(error.details ?? {})}`);
    else found.uncaught.push(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return undefined;
  }
}

/** The order of members is no part of an answer. */
function isSame(answer: string, right = "null"): boolean {
  return answer === right || isDeepStrictEqual(JSON.parse(answer), JSON.parse(right));
}

function* questions(ledger: Ledger, { word }: SampleShape): Generator<readonly [string, () => unknown]> {
  const runs = [0, 1, 2, 3].map((number) => `${word}-${number}`).concat(`${word}-large`, `${word}-more`);
  for (const run of runs) {
    yield [`head ${run}`, () => ledger.head(run)];
    yield [`read ${run}`, () => ledger.read(run)];
    yield [`snapshot ${run}`, async () => snapshotText(await ledger.snapshots.get(run))];
  }
  for (const keys of [["status:0"], ["status:1", `word:${word}`], []]) {
    yield [`find ${keys.join()}`, () => ledger.find({ keys })];
    yield [`find open ${keys.join()}`, () => ledger.find({ keys, open: true, newestFirst: true })];
  }
  yield ["due", () => ledger.due({ until: 10_000 })];
  yield ["position", () => ledger.position];
  yield ["changes", () => Array.fromAsync(ledger.changes({ after: ledger.oldest - 1 }))];
  const plan = hash("sha256", `a plan of ${word}`, "hex");
  yield ["blob", async () => Buffer.from((await ledger.blobs.get(plan)) ?? []).toString()];
}

function snapshotText(snapshot: { readonly version: number; readonly bytes: Uint8Array } | undefined): string | undefined {
  return snapshot === undefined ? undefined : `${snapshot.version} ${Buffer.from(snapshot.bytes).toString()}`;
}
