// A ledger of many runs: how fast it is verified and opened after a clean end and after a kill, and how much memory it takes then. Each process is measured alone.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { hash } from "node:crypto";
import { join } from "node:path";
import { verifyFolder } from "../src/index.ts";
import { median, msOf } from "./engine-measure.ts";
import { bytesIn, filesIn } from "./ledger-folder.ts";

const CHILD = new URL("ledger-child.ts", import.meta.url);

/** What a process said when it was ready. */
interface Opened {
  readonly ms: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
}

/** Prints a line for each number of runs. */
export async function printSizes(folder: string, sizes: readonly number[], rounds: number): Promise<void> {
  const bare = await bareOpening(join(folder, "bare"), rounds);
  console.log(`\nopening, from the start of a process until it can write; a new ledger: ${shown(bare)}`);
  for (const runs of sizes) {
    const place = join(folder, `runs-${runs}`);
    const buildMs = await msOf(() => inChild("build", place, String(runs)));
    const afterKill = await inChild("open", place);
    const clean: Opened[] = [];
    for (let round = 0; round < rounds; round++) clean.push(await inChild("open", place));
    await inChild("leave", place);
    const afterLeaving = await inChild("open", place);
    const bytes = await bytesIn(place);
    console.log(
      `${runs.toLocaleString("en")} runs, a tenth of them waiting (${megabytes(bytes)} MB, made in ${(buildMs / 1_000).toFixed(1)} s)`,
    );
    console.log(`  killed while it was made    ${shown(afterKill)}`);
    console.log(`  closed                      ${shown(medians(clean))}`);
    console.log(`  opened, appended to, killed ${shown(afterLeaving)}`);
    await printVerify(place);
    await rm(place, { recursive: true, force: true });
  }
}

/** The speed of `verify` beside that of reading and hashing the same bytes. */
async function printVerify(place: string): Promise<void> {
  const rawMs = await msOf(() => hashAll(place));
  const bytes = await bytesIn(place);
  let ok = false;
  const verifyMs = await msOf(async () => {
    ok = (await verifyFolder(place)).ok;
  });
  if (!ok) throw new Error("the ledger that was made here is damaged");
  const speed = (ms: number) => `${Math.round(bytes / 1e3 / ms)} MB/s`;
  console.log(`  verify ${speed(verifyMs)}; reading and SHA-256 ${speed(rawMs)}; ${(rawMs / verifyMs).toFixed(2)} of it`);
}

async function hashAll(place: string): Promise<void> {
  const part = Buffer.alloc(1024 * 1024);
  for (const path of await filesIn(place)) {
    const file = await open(path);
    try {
      for (;;) {
        const { bytesRead } = await file.read(part, 0, part.length);
        if (bytesRead === 0) break;
        hash("sha256", part.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
  }
}

async function bareOpening(place: string, rounds: number): Promise<Opened> {
  const opened: Opened[] = [];
  for (let round = 0; round < rounds; round++) opened.push(await inChild("open", `${place}-${round}`));
  return medians(opened);
}

/** Runs a task until its process says "ready", then kills it or lets it close, as the task has it. */
async function inChild(task: string, place: string, argument = ""): Promise<Opened> {
  const started = performance.now();
  const child = spawn(process.execPath, ["--expose-gc", "--conditions=kindling-source", CHILD.pathname, task, place, argument], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  let opened: Opened | undefined;
  for await (const line of createInterface(child.stdout)) {
    const [word, rss, heap] = line.split(" ");
    if (word === "ready") opened = { ms: performance.now() - started, rssBytes: Number(rss), heapBytes: 0 };
    if (word === "kept" && opened !== undefined) opened = { ...opened, heapBytes: Number(heap) };
    if (word === "kill") child.kill("SIGKILL");
  }
  await ended;
  if (opened === undefined) throw new Error(`the process for "${task}" ended before it was ready`);
  return opened;
}

function medians(all: readonly Opened[]): Opened {
  return {
    ms: median(all.map(({ ms }) => ms)),
    rssBytes: median(all.map(({ rssBytes }) => rssBytes)),
    heapBytes: median(all.map(({ heapBytes }) => heapBytes)),
  };
}

function shown({ ms, rssBytes, heapBytes }: Opened): string {
  return `${Math.round(ms).toLocaleString("en")} ms, RSS ${megabytes(rssBytes)} MB, live heap ${megabytes(heapBytes)} MB`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}
