// What the engine's benchmarks measure with: time, processor time and heap of one piece of work, medians, children of their own. It knows no engine.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A bound a figure shall keep: its value, or how many times its raw baseline it is. */
export interface Aim {
  readonly of: "value" | "times";
  readonly atMost: number;
}

/** One figure of one round, with its raw baseline of the same round when it has one. */
export interface Sample {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly raw?: number;
  /** What the raw figure is. */
  readonly against?: string;
  readonly aim?: Aim;
}

/** Some figures that are measured together, each in a folder of its own. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Rounds at most, for what takes long and varies little. */
  readonly roundsLimit?: number;
  readonly round: (folder: string) => Promise<readonly Sample[]>;
}

/** What a piece of work took. */
export interface Cost {
  readonly ms: number;
  /** Processor time of all threads, system calls included. */
  readonly cpuMs: number;
}

/** Times a piece of work. */
export async function costOf(work: () => unknown): Promise<Cost> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1_000 };
}

export async function msOf(work: () => unknown): Promise<number> {
  return (await costOf(work)).ms;
}

/** Does several things in turns, so that a slow moment of the machine hits all of them, and gives the median cost of each. */
export async function inTurns<Name extends string>(
  count: number,
  works: Readonly<Record<Name, () => unknown>>,
): Promise<Readonly<Record<Name, Cost>>> {
  const names = Object.keys(works) as Name[];
  const costs = new Map<Name, Cost[]>(names.map((name) => [name, []]));
  for (let turn = 0; turn < count; turn++) for (const name of names) costs.get(name)?.push(await costOf(works[name]));
  const medians = names.map((name) => [name, medianCost(costs.get(name) ?? [])] as const);
  // Object.fromEntries forgets which names there are.
  return Object.fromEntries(medians) as Record<Name, Cost>;
}

function medianCost(costs: readonly Cost[]): Cost {
  return { ms: median(costs.map(({ ms }) => ms)), cpuMs: median(costs.map(({ cpuMs }) => cpuMs)) };
}

/** The value in the middle; of an even number, between the two that are. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? upper;
  return (lower + upper) / 2;
}

/** Does a piece of work `count` times, at most `atOnce` of them side by side. */
export async function concurrently(count: number, atOnce: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
}

/** Bytes of live heap. Only in a process with --expose-gc. */
export function liveHeapBytes(): number {
  // Twice, since what the first one ends (weak references, closed files) only the second one frees.
  for (let round = 0; round < 2; round++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Runs a process that prints one line of JSON, and gives what it printed. */
export async function inProcess<T>(script: URL, args: readonly string[]): Promise<T> {
  const child = spawn(process.execPath, ["--expose-gc", "--conditions=kindling-source", script.pathname, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const printed: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => printed.push(bytes));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${script.pathname} ${args.join(" ")} ended with ${code}`);
  // Printed by a script of this folder for this very call.
  return JSON.parse(Buffer.concat(printed).toString("utf8")) as T;
}

/** Milliseconds a bare process takes from start to end. */
export function bareProcessMs(): Promise<number> {
  return msOf(() => once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "close"));
}

/** The syncs of a log so far: the group number of its last line, which is its fourth member. */
export async function syncsIn(folder: string): Promise<number> {
  const [segment = ""] = await readdir(join(folder, "segments"));
  const text = await readFile(join(folder, "segments", segment), "latin1");
  const last = text.lastIndexOf("\n[") + 1;
  return Number.parseInt(text.slice(last).split(",")[3]?.replaceAll('"', "") ?? "0", 16);
}
