// Runs that events of histories start and answer, and that read and write stores, in processes that are killed at any time: every event starts one run, in order, and every run
// writes what it has to write once. KILLS sets how often (default 4), KINDLING_SEED when.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createRuntime, fileLedger, verifyFolder } from "kindling";
import { seededChance } from "kindling/testing";
import { expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { order, states, told } from "./history-process.ts";

const PROCESS = fileURLToPath(new URL("history-process.ts", import.meta.url));
const KILLS = Number(process.env["KILLS"] ?? 4);
const SEED = Number(process.env["KINDLING_SEED"] ?? 20261121);
const EVENTS = 16;
/** From when the process has told of its first event on. */
const LONGEST_LIFE_MS = 250;

it(`are killed ${KILLS} times and do everything once (KINDLING_SEED=${SEED})`, async () => {
  const chance = seededChance(SEED);
  const folder = join(await temporaryFolder(), "ledger");
  for (let kill = 0; kill < KILLS; kill++) await life(folder, Math.floor(chance.fraction() * LONGEST_LIFE_MS));
  const lines = await life(folder, undefined);
  expect(lines.at(-1)).toBe("all done");

  expect((await verifyFolder(folder)).faults).toEqual([]);
  await using kindling = await createRuntime({ contracts: [order], ledger: fileLedger(folder), access: "read" });
  const { items } = await kindling.list({ limit: 1_000 });
  const ids = Array.from({ length: EVENTS }, (_, n) => `o${n}`);
  expect(items.toReversed().map(({ correlation }) => correlation["id"])).toEqual(ids);
  for (const id of ids) {
    const { items: written } = await kindling.store(states).history(id);
    expect(written, id).toMatchObject([{ value: "open" }, { value: "open, paid" }]);
  }
  const { items: all } = await kindling.history(told).read({ limit: 1_000 });
  expect(all.map(({ value }) => value).toSorted()).toEqual(ids.toSorted());
  expect(await kindling.deadLetters()).toEqual([]);
});

/** A process until it is killed so many milliseconds after its first event, or has done everything. */
async function life(folder: string, lifeMs: number | undefined): Promise<readonly string[]> {
  const child = spawn(process.execPath, ["--conditions=kindling-source", PROCESS, folder, String(EVENTS)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const closed = once(child, "close");
  const lines: string[] = [];
  const lineReader = createInterface(child.stdout);
  const first = once(lineReader, "line");
  lineReader.on("line", (line) => lines.push(line));
  if (lifeMs !== undefined) {
    await first;
    await setTimeout(lifeMs);
    child.kill("SIGKILL");
  }
  await closed;
  return lines;
}
