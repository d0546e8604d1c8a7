// How fast the engine is, and how much of that is the disk: where there is a raw write + fdatasync loop to compare with, it runs beside it in the same round.
// node --conditions=kindling-source bench/engine.ts [rounds, default 3]

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readdir, readFile, rm } from "node:fs/promises";
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
  { name: "syncs while 1,000 are started and delivered", unit: "syncs/s", round: syncs },
  { name: "log of a pure node's fact", unit: "bytes", round: factBytes },
  { name: "one of 10,000 waiting, new process to finished", unit: "ms", round: resume },
];

const base = await mkdtemp(join(process.env["BENCH_DIR"] ?? tmpdir(), "kindling-bench-"));
try {
  console.log(`node ${process.version}, ${ROUNDS} rounds, medians; raw: records of such a size written and synced without an engine\n`);
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
  // Ten records a run, each of which is waited for: what an engine pays that syncs every step together with its neighbours.
  return { value: 1_000 / (ms / 1_000), raw: 1_000 / ((await rawGroups(`${folder}.raw`, 10_000, 64, small)) / 1_000) };
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
  return { value: 1_000 / (ms / 1_000), raw: 1_000 / ((await rawGroups(`${folder}.raw`, 1_000, 64, small)) / 1_000) };
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
  return { value: 1_000 / (ms / 1_000), raw: 1_000 / ((await rawGroups(`${folder}.raw`, 1_000, 64, small)) / 1_000) };
}

async function fanOut(folder: string, count: number) {
  await using kindling = await openBench(folder);
  await run(kindling, 200);
  const value = await timed(() => run(kindling, count));
  return {
    value,
    raw: await rawGroups(`${folder}.raw`, count, 16, (index) => ({ key: `${index}`, value: index * 2, type: "child.settled" })),
  };

  async function run(on: Kindling, items: number): Promise<void> {
    await (await on.start(fan, { list: Array.from({ length: items }, (_, index) => index) })).result();
  }
}

async function syncs(folder: string) {
  await using kindling = await openBench(folder);
  const ms = await timed(() =>
    concurrently(1_000, 64, async (index) => {
      await kindling.start(wait, { id: `${index}` });
      await kindling.deliver({ event: "go", correlation: { id: `${index}` }, payload: { ok: true } });
    }),
  );
  return { value: (await groupsIn(folder)) / (ms / 1_000), raw: 1_000 / (await rawSync(`${folder}.raw`, 100, 16_000)) };
}

/** The sync groups in a log: the group number of its last line, which is its fourth member. */
async function groupsIn(folder: string): Promise<number> {
  const [segment = ""] = await readdir(join(folder, "segments"));
  const text = await readFile(join(folder, "segments", segment), "latin1");
  const last = text.lastIndexOf("\n[") + 1;
  return Number.parseInt(text.slice(last).split(",")[3]?.replaceAll('"', "") ?? "0", 16);
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

/** Milliseconds for a number of records of clients that share syncs, each waiting for its last one: a ledger without checks, index and runs. */
async function rawGroups(path: string, count: number, clients: number, record: (index: number) => object): Promise<number> {
  const file = await open(path, "w");
  let queue: { readonly line: string; readonly done: () => void }[] = [];
  let running = false;
  const write = async () => {
    running = true;
    while (queue.length > 0) {
      const group = queue;
      queue = [];
      await file.write(group.map(({ line }) => line).join(""));
      await file.datasync();
      for (const { done } of group) done();
    }
    running = false;
  };
  const append = (index: number) =>
    new Promise<void>((done) => {
      queue.push({ line: `${JSON.stringify(record(index))}\n`, done });
      if (!running) queueMicrotask(() => (running ? undefined : void write()));
    });
  try {
    return await timed(() => concurrently(count, clients, append));
  } finally {
    await file.close();
  }
}

/** A record of about 250 bytes. */
function small(index: number): object {
  return { run: `run_${index}`, type: "node.succeeded", value: "x".repeat(200) };
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
