// How fast the engine is, and how much of that is the disk: where there is a raw write + fdatasync loop to compare with, it runs beside it in the same round.
// node --conditions=kindling-source bench/engine.ts [rounds, default 3]

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileLedger, type Kindling, type Run } from "../src/index.ts";
import { chain, fan, openBench, ten, wait } from "./engine-contracts.ts";

const ROUNDS = Number(process.argv[2] ?? 3);
const RESUME = new URL("engine-resume.ts", import.meta.url).pathname;

/** One line of the table: what it is, its unit, and one round of it with its raw baseline, when it has one. */
interface Row {
  readonly name: string;
  readonly unit: string;
  readonly round: (folder: string) => Promise<{ readonly value: number; readonly raw?: number }>;
}

const rows: readonly Row[] = [
  { name: "pure node, in a chain of 100", unit: "µs", round: pureNode },
  { name: "durable node, in a chain of 20 model calls", unit: "µs", round: durableNode },
  { name: "1,000 runs of 10 nodes, 64 at once", unit: "runs/s", round: manyRuns },
  { name: "started and delivered, alone, p50", unit: "ms", round: aloneDelivered },
  { name: "1,000 started, 64 at once", unit: "starts/s", round: manyStarts },
  { name: "1,000 delivered, 64 at once", unit: "delivers/s", round: manyDelivers },
  { name: "fan-out over 1,000 items", unit: "ms", round: (folder) => fanOut(folder, 1_000) },
  { name: "fan-out over 10,000 items", unit: "ms", round: (folder) => fanOut(folder, 10_000) },
  { name: "log of a pure node's fact", unit: "bytes", round: factBytes },
  { name: "one of 10,000 waiting, new process to finished", unit: "ms", round: resume },
];

const base = await mkdtemp(join(process.env["BENCH_DIR"] ?? tmpdir(), "kindling-bench-"));
try {
  console.log(`node ${process.version}, ${ROUNDS} rounds, medians; raw: the same bytes written and synced without an engine\n`);
  console.log(`${"".padEnd(50)}${"value".padStart(10)} ${"unit".padEnd(11)}${"raw".padStart(10)}  times raw`);
  for (const [index, row] of rows.entries()) {
    const results: { readonly value: number; readonly raw?: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) results.push(await row.round(join(base, `${index}-${round}`)));
    const value = median(results.map((result) => result.value));
    const raws = results.flatMap(({ raw }) => (raw === undefined ? [] : [raw]));
    const raw = raws.length === 0 ? undefined : median(raws);
    const isRate = row.unit.endsWith("/s");
    const ratio = raw === undefined ? "" : (isRate ? raw / value : value / raw).toFixed(1);
    console.log(
      `${row.name.padEnd(50)}${short(value).padStart(10)} ${row.unit.padEnd(11)}${(raw === undefined ? "" : short(raw)).padStart(10)}  ${ratio}`,
    );
  }
} finally {
  await rm(base, { recursive: true, force: true });
}

async function pureNode(folder: string) {
  await using kindling = await openBench(folder);
  const times = await repeated(30, async () => (await kindling.start(chain, { n: 0 })).result());
  return { value: (median(times) * 1_000) / 100 };
}

async function durableNode(folder: string) {
  await using kindling = await openBench(folder);
  const raw = await rawSync(`${folder}.raw`, 100);
  const times = await repeated(10, async () => (await kindling.start("asks", { text: "x" })).result());
  return { value: (median(times) * 1_000) / 20, raw: raw * 1_000 };
}

async function manyRuns(folder: string) {
  await using kindling = await openBench(folder);
  await concurrently(64, 64, async (index) => (await kindling.start(ten, { n: index })).result());
  const ms = await timed(() => concurrently(1_000, 64, async (index) => (await kindling.start(ten, { n: index })).result()));
  return { value: 1_000 / (ms / 1_000), raw: await rawGroups(`${folder}.raw`, 1_000) };
}

async function aloneDelivered(folder: string) {
  await using kindling = await openBench(folder);
  const raw = await rawSync(`${folder}.raw`, 100);
  let number = 0;
  const times = await repeated(100, async () => {
    const id = `${(number += 1)}`;
    const run = await kindling.start(wait, { id });
    await kindling.deliver({ event: "go", correlation: { id }, payload: { ok: true } });
    await run.result();
  });
  return { value: median(times), raw: raw * 2 };
}

async function manyStarts(folder: string) {
  await using kindling = await openBench(folder);
  const ms = await timed(() => concurrently(1_000, 64, (index) => kindling.start(wait, { id: `${index}` })));
  return { value: 1_000 / (ms / 1_000), raw: await rawGroups(`${folder}.raw`, 1_000) };
}

async function manyDelivers(folder: string) {
  await using kindling = await openBench(folder);
  const runs = new Map<number, Run<unknown>>();
  await concurrently(1_000, 64, async (index) => runs.set(index, await kindling.start(wait, { id: `${index}` })));
  const ms = await timed(() =>
    concurrently(1_000, 64, async (index) => {
      await kindling.deliver({ event: "go", correlation: { id: `${index}` }, payload: { ok: true } });
      await runs.get(index)?.result();
    }),
  );
  return { value: 1_000 / (ms / 1_000), raw: await rawGroups(`${folder}.raw`, 1_000) };
}

async function fanOut(folder: string, count: number) {
  await using kindling = await openBench(folder);
  await run(kindling, 200);
  const value = await timed(() => run(kindling, count));
  const lines = Math.ceil(count / 500);
  return { value, raw: (await rawSync(`${folder}.raw`, lines, 60 * 500)) * lines };

  async function run(on: Kindling, items: number): Promise<void> {
    await (await on.start(fan, { list: Array.from({ length: items }, (_, index) => index) })).result();
  }
}

async function factBytes(folder: string) {
  await using kindling = await openBench(folder);
  const before = await logBytes(folder);
  for (let count = 0; count < 10; count++) await (await kindling.start(chain, { n: 0 })).result();
  return { value: ((await logBytes(folder)) - before) / (10 * 100) };
}

async function resume(folder: string) {
  {
    await using kindling = await openBench(folder);
    await concurrently(10_000, 256, (index) => kindling.start(wait, { id: `${index}` }));
  }
  const value = await timed(() => ended(["--conditions=kindling-source", RESUME, folder, "5000"]));
  return { value, raw: await timed(() => ended(["-e", "0"])) };
}

async function ended(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`the process ended with ${code}`);
}

/** Bytes of the commits: the file itself is larger, since its space is taken beforehand. */
async function logBytes(folder: string): Promise<number> {
  await using reader = await fileLedger(folder).open({ access: "read" });
  return (await reader.verify()).bytes;
}

/** Milliseconds of one write and sync, one after the other. */
async function rawSync(path: string, count: number, bytes = 250): Promise<number> {
  const file = await open(path, "w");
  const line = Buffer.alloc(bytes, "x");
  try {
    const times = await repeated(count, async () => {
      await file.write(line);
      await file.datasync();
    });
    return median(times);
  } finally {
    await file.close();
  }
}

/** Records per second when 64 share each sync. */
async function rawGroups(path: string, count: number): Promise<number> {
  const file = await open(path, "w");
  const group = Buffer.alloc(250 * 64, "x");
  try {
    const ms = await timed(async () => {
      for (let done = 0; done < count; done += 64) {
        await file.write(group);
        await file.datasync();
      }
    });
    await stat(path);
    return count / (ms / 1_000);
  } finally {
    await file.close();
  }
}

async function concurrently(count: number, atOnce: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function repeated(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let done = 0; done < count; done++) times.push(await timed(work));
  return times;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function short(value: number): string {
  return value >= 1_000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
