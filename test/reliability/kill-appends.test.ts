// R5: a process that appends is killed at random moments, while it opens and while it writes, and nothing it acknowledged is lost or doubled.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { seededRandom } from "../ledger/seeded-random.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { figure } from "./figure.ts";
import { Acknowledgements, FLAWLESS, writesAgain } from "./os/acknowledgements.ts";
import { sample, SEED } from "./seed.ts";
import { speak } from "./os/spoken-process.ts";

const APPENDER = new URL("os/appender-process.ts", import.meta.url);
const KILLS = sample(20, 1_000);
/** A new folder after so many kills: each one is read whole after every kill. */
const KILLS_EACH = 10;
const CLIENTS = 16;

test(`a process killed ${KILLS} times (seed ${SEED}) loses and doubles nothing that it acknowledged`, {
  timeout: 60_000 + KILLS * 3_000,
}, async () => {
  const random = seededRandom(SEED);
  const base = await temporaryFolder();
  let acks = 0;
  let whileOpening = 0;
  for (let first = 0; first < KILLS; first += KILLS_EACH) {
    const folder = join(base, `${first}`);
    const acknowledged = new Acknowledgements();
    for (let kill = first; kill < Math.min(KILLS, first + KILLS_EACH); kill++) {
      const isOpening = random() < 0.3;
      const lines = await liveAndDie(folder, `life${kill}`, isOpening, random());
      if (!lines.some((line) => line.startsWith("open"))) whileOpening += 1;
      for (const line of lines) acknowledged.hear(line);
      // A process killed very early has made no ledger, or only a part of one: then the next one makes it.
      await writesAgain(folder, `${kill}`);
      expect(await acknowledged.judge(folder), `after kill ${kill} of seed ${SEED}`).toEqual(FLAWLESS);
    }
    acks += acknowledged.count;
  }
  expect(acks, "kills hit processes that write").toBeGreaterThan(KILLS * 20);
  figure("R5", { kills: KILLS, "while opening": whileOpening, acks, lost: 0, doubled: 0 });
});

/** Kills a process some time after it was started, or after it opened the ledger. Gives what it said. */
async function liveAndDie(folder: string, name: string, isOpening: boolean, moment: number): Promise<readonly string[]> {
  const writer = speak(APPENDER, [folder, name, String(CLIENTS)]);
  if (isOpening) await untilFolderOr(folder, 40 + moment * 160);
  else {
    await writer.says("open");
    await setTimeout(moment * 120);
  }
  return (await writer.kill()).lines;
}

/** Waits for a time, and on an empty place at most until the folder is there: so that some kills hit the making of a ledger. */
async function untilFolderOr(folder: string, timeMs: number): Promise<void> {
  const wasThere = existsSync(folder);
  for (let waitedMs = 0; waitedMs < timeMs; waitedMs++) {
    if (!wasThere && existsSync(folder)) return;
    await setTimeout(1);
  }
}
