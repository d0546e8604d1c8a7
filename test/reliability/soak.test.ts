// R16: a ledger that grows for a long time under processes that are killed one after the other: memory, open files and the time to start again stay where they are.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fileLedger } from "../../src/ledger/file.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { figure } from "./figure.ts";
import { IS_SOAK, sample } from "./seed.ts";

const SOAKER = fileURLToPath(new URL("os/soak-process.ts", import.meta.url));
const RUNS = sample(5_000, 1_000_000);
const LIVES = sample(5, 20);
const COMMITS = 12;

/** Far over what the first life needs, far under what a leak of a whole soak would be. */
const MEMORY_LIMIT_MIB = 600;
const FILES_LIMIT = 120;
const START_LIMIT_MS = 10_000;

/** What one life of the writer said before it was killed. */
interface Life {
  readonly openMs: number;
  readonly maxRssMib: number;
  readonly files: number;
  readonly recordsPerSecond: number;
  readonly position: number;
}

test(`${RUNS} runs of ${COMMITS} commits in ${LIVES} lives, each killed, cost no more at the end than at the beginning`, {
  timeout: 3_600_000,
}, async () => {
  const folder = await temporaryFolder();
  const lives: Life[] = [];
  const each = RUNS / LIVES;
  for (let life = 0; life < LIVES; life++) lives.push(await liveAndDie(folder, life * each, each));
  const start = performance.now();
  const ledger = await fileLedger(folder).open({ access: "write" });
  const startMs = performance.now() - start;
  expect(ledger.position).toBe(RUNS * COMMITS);
  expect(ledger.find({ keys: ["status:running"] })).toEqual([]);
  expect(ledger.find({ keys: [`order:${RUNS - 1}`] }).map(({ run, version }) => [run, version])).toEqual([[`run-${RUNS - 1}`, COMMITS]]);
  expect((await ledger.read("run-0")).map(({ first }) => first)).toEqual(Array.from({ length: COMMITS }, (_, index) => index + 1));
  await ledger.close();
  const most = (member: keyof Life): number => Math.max(...lives.map((life) => life[member]));
  figure(IS_SOAK ? "R16" : "R16-short", {
    commits: RUNS * COMMITS,
    "records/s": Math.round(lives.reduce((sum, { recordsPerSecond }) => sum + recordsPerSecond, 0) / LIVES),
    "RSS max MiB": most("maxRssMib"),
    "first life": lives[0]?.maxRssMib ?? 0,
    "open files": most("files"),
    "unclean start ms, most": Math.max(most("openMs"), Math.round(startMs)),
    "last one": Math.round(startMs),
  });
  expect(most("maxRssMib")).toBeLessThan(MEMORY_LIMIT_MIB);
  expect(most("files")).toBeLessThan(FILES_LIMIT);
  expect(Math.max(most("openMs"), startMs)).toBeLessThan(START_LIMIT_MS);
  expect((await verifyFolder(folder)).faults).toEqual([]);
});

/** Lets a process append so many runs; it kills itself at the end. */
function liveAndDie(folder: string, first: number, runs: number): Promise<Life> {
  const { promise, resolve, reject } = Promise.withResolvers<Life>();
  execFile(process.execPath, [SOAKER, folder, String(first), String(runs)], (error, output, errors) => {
    if (error?.signal !== "SIGKILL" || output === "")
      reject(new Error(`the soaking process ended otherwise: ${error?.message ?? ""} ${errors}`));
    // What the process of our own above prints.
    else resolve(JSON.parse(output) as Life);
  });
  return promise;
}
