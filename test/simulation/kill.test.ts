// R5: a real process with a ledger in files is killed at random moments, again and again; the next one goes on, and nothing acknowledged is lost or doubled.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { createRuntime, fileLedger, verifyFolder } from "../../src/index.ts";
import { factsOf } from "../host/ledgers.ts";
import { model } from "../host/models.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { posts } from "./killed-process.ts";

const PROCESS = fileURLToPath(new URL("killed-process.ts", import.meta.url));

/** The same moments again: `KINDLING_SEED=17`. A long night: `KINDLING_KILLS=500`. */
const SEED = Number(process.env["KINDLING_SEED"] ?? 20_261_121);
const KILLS = Number(process.env["KINDLING_KILLS"] ?? 5);

it(`a process killed ${KILLS} times (KINDLING_SEED=${SEED}) loses nothing, doubles nothing, and repeats only calls that were in flight`, {
  timeout: 60_000 + KILLS * 5_000,
}, async () => {
  const random = seededRandom(SEED);
  const base = await temporaryFolder();
  const folder = join(base, "ledger");
  const effects = join(base, "effects");
  const started = new Map<string, string>();
  const delivered: string[] = [];
  for (let life = 0; life <= KILLS; life++) {
    const isLast = life === KILLS;
    for (const line of await liveAndDie(folder, effects, `${life}`, isLast ? undefined : 10 + random() * 120)) {
      const [word, first = "", second = ""] = line.split(" ");
      if (word === "started") started.set(first, second);
      if (word === "delivered") delivered.push(`${first} ${second}`);
    }
  }
  await using kindling = await createRuntime({ contracts: [posts], ledger: fileLedger(folder), models: [model("unused")] });
  for (const [id, run] of started) {
    expect(await (await kindling.run(run)).result({ signal: AbortSignal.timeout(20_000) }), id).toBe("EN OK, DE OK");
    expect((await kindling.start(posts, { id, langs: ["en", "de"] }, { idempotencyKey: id })).created).toBe(false);
  }
  const facts = await factsOf(fileLedger(folder));
  const answers = facts.filter(({ type }) => type === "event.delivered").map(({ deliveryId }) => deliveryId);
  expect(new Set(answers).size, "no delivery is recorded twice").toBe(answers.length);
  expect(
    delivered.filter((id) => !answers.includes(id)),
    "every acknowledged delivery is recorded",
  ).toEqual([]);
  const calls = readFileSync(effects, "utf8").trimEnd().split("\n");
  const repeated = calls.length - new Set(calls).size;
  const inDoubt =
    facts.filter(({ type }) => type === "model.requested").length - facts.filter(({ type }) => type === "model.replied").length;
  expect(repeated, "calls repeated, of those in doubt").toBeLessThanOrEqual(inDoubt);
  expect((await verifyFolder(folder)).faults).toEqual([]);
  console.log(
    `kills: seed ${SEED}, ${KILLS} kills, ${started.size} starts and ${delivered.length} deliveries acknowledged, lost 0, doubled 0, ${calls.length} calls, ${repeated} repeated of ${inDoubt} in doubt`,
  );
});

/** Lets a process live for some time; without a time it lives until it is done. Gives the lines it said. */
async function liveAndDie(folder: string, effects: string, life: string, timeMs: number | undefined): Promise<readonly string[]> {
  const child = spawn(process.execPath, ["--conditions=kindling-source", PROCESS, folder, effects, life], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  let errors = "";
  child.stderr.on("data", (text) => (errors += String(text)));
  const output = createInterface(child.stdout).on("line", (line) => lines.push(line));
  const ended = once(child, "close");
  while (!lines.includes("open") && child.exitCode === null) await Promise.race([once(output, "line"), ended]);
  if (timeMs !== undefined) {
    await setTimeout(timeMs);
    child.kill("SIGKILL");
  }
  await ended;
  if (timeMs === undefined) expect([lines.at(-1), errors]).toEqual(["done", ""]);
  expect(existsSync(folder)).toBe(true);
  return lines;
}
