// Commits that are given at once are one change: whatever happens to the process or the disk, all of them are kept or none.

import { describe, expect, test } from "vitest";
import { LedgerError } from "../../src/errors.ts";
import type { Disk } from "../../src/ledger/disk.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import { ATOMIC_LIMIT_COMMITS, type Ledger, type Commit } from "../../src/ledger/ledger.ts";
import { seededRandom } from "./seeded-random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const FOLDER = "/ledger";
const CLIENTS = 3;
const LISTS = 4;
const CALLS = 90;

/** Small segments, so that lists stand at their ends, too. */
const open = (disk: Disk): Promise<Ledger> =>
  fileLedger(FOLDER, { disk, newId: () => "simulated", segmentBytes: 4_000 }).open({ access: "write", now: () => 0 });

const commitOf = (list: string, stream: string, pad = ""): Commit => ({ run: stream, expected: 0, facts: [{ list, pad }] });

describe("a list of commits", () => {
  test.each([false, true])("is kept whole or not at all by a death at any write or sync (power cut: %o)", async (isPowerCut) => {
    let [whole, absent] = [0, 0];
    for (let atCall = 1; atCall <= CALLS; atCall++) {
      const disk = new SimulatedDisk({ random: seededRandom(atCall), shortWrites: 0.3 });
      const told = new Set<string>();
      const access = disk.begin({ kind: "death", atCall });
      await Promise.race([disk.death, live(access, told, seededRandom(atCall * 7))]);
      if (isPowerCut) disk.cutPower();
      else disk.kill();
      const counts = await countFacts(disk.begin());
      for (let client = 0; client < CLIENTS; client++)
        for (let number = 0; number < LISTS; number++) {
          const list = `${client}.${number}`;
          const kept = counts.get(list) ?? 0;
          expect([0, lengthOf(client, number)], `list ${list}, death at call ${atCall}`).toContain(kept);
          if (told.has(list)) expect(kept, `list ${list} was acknowledged, death at call ${atCall}`).toBeGreaterThan(0);
          if (kept > 0) whole += 1;
          else absent += 1;
        }
    }
    expect(whole).toBeGreaterThan(CALLS);
    expect(absent).toBeGreaterThan(CALLS);
  });

  test("stands in one sync with those that wait beside it, or in the next: none is cut in two", async () => {
    const [lists, length] = [["a", "b", "c"], Math.ceil(ATOMIC_LIMIT_COMMITS * 0.6)];
    const seen = new Set<number>();
    for (let atCall = 1; atCall <= 40; atCall++) {
      const disk = new SimulatedDisk({ random: seededRandom(atCall) });
      const access = disk.begin({ kind: "death", atCall });
      const appendAll = async () => {
        const ledger = await open(access);
        const commitsOf = (list: string) => Array.from({ length }, (_, index) => commitOf(list, `${list}.${index}`));
        await Promise.all(lists.map((list) => ledger.append(commitsOf(list))));
      };
      await Promise.race([disk.death, untilStopped(appendAll)]);
      disk.kill();
      const counts = await countFacts(disk.begin());
      for (const list of lists) expect([0, length], `list ${list}, death at call ${atCall}`).toContain(counts.get(list) ?? 0);
      seen.add(counts.size);
    }
    expect(seen).toContain(1);
  });

  test("is refused whole when one of its commits is", async () => {
    const disk = new SimulatedDisk({ random: seededRandom(1) });
    await using ledger = await open(disk.begin());
    await ledger.append([commitOf("first", "taken")]);
    await expect(ledger.append([commitOf("second", "free"), commitOf("second", "taken")])).rejects.toMatchObject({
      code: "version_conflict",
    });
    expect(ledger.head("free")).toBeUndefined();
    expect(await countEntries(ledger)).toEqual(new Map([["first", 1]]));
  });

  test("that is longer than the limit is kept up to a whole number of limits", async () => {
    const seen = new Set<number>();
    for (let atCall = 1; atCall <= 40; atCall++) {
      const disk = new SimulatedDisk({ random: seededRandom(atCall) });
      const long = Array.from({ length: ATOMIC_LIMIT_COMMITS + 1 }, (_, index) => commitOf("long", `long.${index}`));
      const access = disk.begin({ kind: "death", atCall });
      await Promise.race([disk.death, untilStopped(async () => void (await (await open(access)).append(long)))]);
      disk.kill();
      seen.add((await countFacts(disk.begin())).get("long") ?? 0);
    }
    expect([...seen].sort((a, b) => a - b)).toEqual([0, ATOMIC_LIMIT_COMMITS, ATOMIC_LIMIT_COMMITS + 1]);
  });
});

function lengthOf(client: number, number: number): number {
  return 2 + client + number;
}

async function live(disk: Disk, told: Set<string>, random: () => number): Promise<void> {
  await untilStopped(async () => {
    const ledger = await open(disk);
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        for (let number = 0; number < LISTS; number++) {
          const list = `${client}.${number}`;
          const pad = "x".repeat(random() * 700);
          await ledger.append(Array.from({ length: lengthOf(client, number) }, (_, index) => commitOf(list, `${list}.${index}`, pad)));
          told.add(list);
        }
      }),
    );
    await ledger.close();
  });
}

/** What the disk did to it is the next one's to cope with. */
async function untilStopped(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
  }
}

async function countFacts(disk: Disk): Promise<Map<string, number>> {
  await using ledger = await open(disk);
  return await countEntries(ledger);
}

async function countEntries(ledger: Ledger): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const { facts } of ledger.changes({ after: 0 }))
    for (const { list } of facts) counts.set(String(list), (counts.get(String(list)) ?? 0) + 1);
  return counts;
}
