// The raw baselines: plain functions and one append-only file, without checks, index and runs. Everything the engine takes beyond them is its own.

import { fdatasyncSync, openSync, closeSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { concurrently } from "./engine-measure.ts";

/** Steps one after the other, each written and synced in the main thread before the next one begins. Gives the bytes it wrote. */
export function rawSteps(path: string, count: number, record: (index: number) => object): number {
  const file = openSync(path, "w");
  let bytes = 0;
  try {
    for (let index = 0; index < count; index++) {
      bytes += writeSync(file, `${JSON.stringify(record(index))}\n`);
      fdatasyncSync(file);
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

/** Records of clients that share syncs through the thread pool: what waits while one sync runs goes into the next. Gives the bytes it wrote. */
export async function rawShared(path: string, count: number, clients: number, record: (index: number) => object): Promise<number> {
  const file = await open(path, "w");
  let queue: { readonly line: string; readonly done: () => void }[] = [];
  let isRunning = false;
  let bytes = 0;
  const write = async () => {
    while (queue.length > 0) {
      const group = queue;
      queue = [];
      bytes += (await file.write(group.map(({ line }) => line).join(""))).bytesWritten;
      await file.datasync();
      for (const { done } of group) done();
    }
    isRunning = false;
  };
  const append = (index: number) =>
    new Promise<void>((done, failed) => {
      queue.push({ line: `${JSON.stringify(record(index))}\n`, done });
      if (isRunning) return;
      isRunning = true;
      queueMicrotask(() => void write().catch(failed));
    });
  try {
    await concurrently(count, clients, append);
  } finally {
    await file.close();
  }
  return bytes;
}

/** A record of about 250 bytes. */
export function step(index: number): object {
  return { run: "run_1", type: "step.done", step: index, value: "x".repeat(200) };
}

/** What plain functions note of a trivial item. */
export function noted(index: number): object {
  return { item: `${index}`, value: index * 2, type: "item.done" };
}

/** A text of about so many bytes that no disk can make smaller; the same seed gives the same text. */
export function randomWords(seed: number, bytes: number): string {
  let state = (seed + 1) * 2_654_435_761;
  let text = "";
  while (text.length < bytes) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += `${(state >>> 4).toString(36)} `;
  }
  return text.slice(0, bytes);
}
