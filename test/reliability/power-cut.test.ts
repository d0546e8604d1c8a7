// R6: the power is cut while a process appends, played by copies of its disk: whatever was acknowledged before the cut is on the copy. A disk that is never synced loses.

import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { seededRandom } from "../ledger/seeded-random.ts";
import { figure } from "./figure.ts";
import { skipFor, whyNoSnapshots } from "./os/ability.ts";
import { Acknowledgements, FLAWLESS, writesAgain } from "./os/acknowledgements.ts";
import { type CutDisk, cutDisk } from "./os/cut-disk.ts";
import { speak } from "./os/spoken-process.ts";
import { sample, SEED } from "./seed.ts";

const APPENDER = new URL("os/appender-process.ts", import.meta.url);
const CUTS = sample(3, 150);
/** A new ledger after so many cuts, since each cut reads the whole of it. */
const CUTS_EACH = 5;

test(`the power is cut ${CUTS} times (seed ${SEED}): every acknowledgement before a cut is on the disk`, {
  timeout: 60_000 + CUTS * 6_000,
}, async (context) => {
  skipFor(whyNoSnapshots(), "R6", context);
  const disk = await cutDisk();
  const random = seededRandom(SEED + 6);
  let acks = 0;
  for (let first = 0; first < CUTS; first += CUTS_EACH) {
    const name = `ledger${first}`;
    const writer = speak(APPENDER, [join(disk.path, name), "writer", "8"]);
    await writer.says("ack");
    for (let cut = first; cut < Math.min(CUTS, first + CUTS_EACH); cut++) {
      await setTimeout(20 + random() * 300);
      const told = acknowledgedIn(writer.lines);
      const found = await disk.cut(async (path) => {
        await writesAgain(join(path, name), "after");
        return told.judge(join(path, name));
      });
      expect(found, `cut ${cut} of seed ${SEED}`).toEqual(FLAWLESS);
      acks += told.count;
    }
    await writer.kill();
  }
  figure("R6", { cuts: CUTS, "acknowledgements looked for": acks, lost: 0, doubled: 0 });
});

test("the control: without syncs, cuts lose what was acknowledged", async (context) => {
  skipFor(whyNoSnapshots(), "R6 control", context);
  const disk = await cutDisk();
  const writer = speak(APPENDER, [join(disk.path, "ledger"), "writer", "8", "Infinity", "unsynced"]);
  await writer.says("ack");
  await setTimeout(300);
  const told = acknowledgedIn(writer.lines);
  const lost = await lostIn(disk, "ledger", told);
  await writer.kill();
  figure("R6 control", { "acknowledgements looked for": told.count, lost });
  expect(lost).toBeGreaterThan(0);
});

/** How many acknowledgements a cut loses; all of them where not even a ledger is left. */
async function lostIn(disk: CutDisk, name: string, told: Acknowledgements): Promise<number> {
  return disk.cut(async (path) => {
    try {
      return (await told.judge(join(path, name))).lost;
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/ledger_(?:missing|damaged)/) });
      return told.count;
    }
  });
}

function acknowledgedIn(lines: readonly string[]): Acknowledgements {
  const acknowledged = new Acknowledgements();
  for (const line of lines) acknowledged.hear(line);
  return acknowledged;
}
