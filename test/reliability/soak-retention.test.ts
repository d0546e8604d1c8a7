// R16: runs come, end, are given up and are compacted away for a long time: the folder, memory, open files and the time to start again stay where they are.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fileLedger } from "../../src/ledger/file.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { figure } from "./figure.ts";
import { IS_SOAK, sample } from "./seed.ts";

const PROCESS = fileURLToPath(new URL("os/retention-process.ts", import.meta.url));
const LIVES = sample(2, 6);
const ROUNDS = sample(10, 60);
const RUNS = sample(100, 2_000);

/** A folder from which nothing goes is many times as large at the end. */
const GROWTH_LIMIT = 1.6;

/** What stays of every commit, about a tenth of it: its hash, where something of its segment is kept, and its part of seals, records and runs that are kept for ever. */
const LEFT_BYTES = 48;
const MEMORY_LIMIT_MIB = 600;
const FILES_LIMIT = 70;
const START_LIMIT_MS = 5_000;

/** What one life of the writer said before it was killed. */
interface Life {
  readonly openMs: number;
  readonly position: number;
  readonly oldest: number;
  readonly removed: number;
  readonly sizes: readonly number[];
  readonly files: readonly number[];
  readonly memory: readonly number[];
}

test(`${LIVES * ROUNDS * RUNS} runs that are given up after three rounds leave a folder of the same size`, {
  timeout: 3_600_000,
}, async () => {
  const folder = await temporaryFolder();
  const lives: Life[] = [];
  for (let life = 0; life < LIVES; life++) lives.push(await liveAndDie(folder, life * ROUNDS));
  const start = performance.now();
  const ledger = await fileLedger(folder).open({ access: "write" });
  const startMs = Math.round(performance.now() - start);
  await ledger.close();
  const sizes = lives.flatMap((life) => life.sizes);
  // Until the first runs are given up there is nothing to remove.
  const half = Math.floor(sizes.length / 2);
  const [early, late] = [Math.max(...sizes.slice(0, half)), Math.max(...sizes.slice(half))];
  const most = (lists: readonly (readonly number[])[]): number => Math.max(...lists.flat());
  const removed = lives.reduce((sum, life) => sum + life.removed, 0);
  figure(IS_SOAK ? "R16 retention:" : "R16-short retention:", {
    commits: lives.at(-1)?.position ?? 0,
    removed,
    "folder KiB, first half": Math.round(early / 1_024),
    "second half": Math.round(late / 1_024),
    "RSS max MiB": most(lives.map(({ memory }) => memory)),
    "open files": most(lives.map(({ files }) => files)),
    "unclean start ms": startMs,
  });
  expect(removed).toBeGreaterThan((lives.at(-1)?.position ?? 0) / 2);
  expect(late).toBeLessThan(early * GROWTH_LIMIT + LEFT_BYTES * (lives.at(-1)?.position ?? 0));
  expect(most(lives.map(({ memory }) => memory))).toBeLessThan(MEMORY_LIMIT_MIB);
  expect(most(lives.map(({ files }) => files))).toBeLessThan(FILES_LIMIT);
  expect(Math.max(startMs, ...lives.map(({ openMs }) => openMs))).toBeLessThan(START_LIMIT_MS);
  expect((await verifyFolder(folder)).faults).toEqual([]);
});

/** Lets a process play its rounds; it kills itself at the end. */
function liveAndDie(folder: string, first: number): Promise<Life> {
  const { promise, resolve, reject } = Promise.withResolvers<Life>();
  execFile(process.execPath, [PROCESS, folder, String(first), String(ROUNDS), String(RUNS)], (error, output, errors) => {
    if (error?.signal !== "SIGKILL" || output === "") reject(new Error(`the process ended otherwise: ${error?.message ?? ""} ${errors}`));
    // What the process of our own above prints.
    else resolve(JSON.parse(output) as Life);
  });
  return promise;
}
