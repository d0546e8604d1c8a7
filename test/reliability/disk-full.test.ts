// R8: the disk is full while the ledger is made, appended to, given a blob, closed and opened again; or a file may not grow any more.
// What was acknowledged stays, the error names the cause, and with some space the ledger writes again.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRuntime, fileLedger, KindlingError, type Ledger, type LedgerPlace } from "../../src/index.ts";
import { keyedRunId } from "../../src/run/ids.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { figure } from "./figure.ts";
import { skipFor, whyNoMounts } from "./os/ability.ts";
import { factOf, idOf } from "./os/appended-fact.ts";
import { Acknowledgements, FLAWLESS, writesAgain } from "./os/acknowledgements.ts";
import { orders } from "./os/order-contract.ts";
import { smallDisk } from "./os/small-disk.ts";
import { speak } from "./os/spoken-process.ts";
import { IS_SOAK } from "./seed.ts";

const APPENDER = new URL("os/appender-process.ts", import.meta.url);
const DISK_MEGABYTES = 2;
/** Pages that are left when it begins: with none, the first write fails; with some, a later one. */
const PAGES = IS_SOAK ? Array.from({ length: 33 }, (_, pages) => pages) : [0, 1, 2, 3, 5, 8, 13, 30];

test("a full disk while appending, blobs among the facts: all that was acknowledged is there, and it goes on with some space", {
  timeout: 120_000,
}, async (context) => {
  skipFor(whyNoMounts(), "R8", context);
  let acks = 0;
  for (const pages of PAGES) {
    const disk = await smallDisk(DISK_MEGABYTES);
    const folder = join(disk.path, "ledger");
    const acknowledged = new Acknowledgements();
    const ledger = await fileLedger(folder).open({ access: "write" });
    disk.leavePages(pages);
    // From the first fact on or from shortly before the first large one: so that a log line is what fails, or a blob.
    const errors = await Promise.all([
      appendUntilRefused(ledger, "lines", 0, acknowledged),
      appendUntilRefused(ledger, "blobs", 48, acknowledged),
    ]);
    expect(errors.map(codeOf), `with ${pages} pages`).toContain("ledger_full");
    expect(errors.map(codeOf).filter((code) => code !== "ledger_full" && code !== "ledger_stopped")).toEqual([]);
    await expect(ledger.append([{ run: "later", expected: 0, facts: [factOf("later", 0)] }])).rejects.toMatchObject({
      code: "ledger_stopped",
      message: expect.stringContaining("is full"),
    });
    await ledger.close();
    disk.free();
    await writesAgain(folder, "space");
    expect(await acknowledged.judge(folder), `with ${pages} pages`).toEqual(FLAWLESS);
    acks += acknowledged.count;
  }
  figure("R8", { "full while": "appending", disks: PAGES.length, acks, lost: 0, doubled: 0 });
});

test("a full disk while a ledger is made, opened again or closed: a clear error or none, and nothing is lost", {
  timeout: 120_000,
}, async (context) => {
  skipFor(whyNoMounts(), "R8", context);
  const counts = { refused: 0, went: 0, lost: 0, doubled: 0 };
  for (const pages of PAGES) {
    const disk = await smallDisk(DISK_MEGABYTES);
    const folder = join(disk.path, "ledger");
    const acknowledged = new Acknowledgements();
    for (const life of ["making", "opening", "closing"]) {
      if (life !== "closing") disk.leavePages(pages);
      const error = await appendOnce(folder, life, acknowledged, () => disk.leavePages(pages));
      if (error === undefined) counts.went += 1;
      else counts.refused += 1;
      // The lock of a new ledger is a file of SQLite, which says this in its own words.
      if (error !== undefined) expect(String(error), `${life} with ${pages} pages`).toMatch(/is full|disk is full|has stopped/);
      disk.free();
      await writesAgain(folder, life);
      expect(await acknowledged.judge(folder), `${life} with ${pages} pages`).toEqual(FLAWLESS);
    }
  }
  expect(counts.refused, "disks that were too full").toBeGreaterThan(0);
  figure("R8", { "full while": "making, opening and closing", disks: PAGES.length, ...counts });
});

test("a file that may not grow any more ends the writing with its cause, and nothing acknowledged is lost", async () => {
  const folder = join(await temporaryFolder(), "ledger");
  const acknowledged = new Acknowledgements();
  const { code, lines, errors } = await speak(APPENDER, [folder, "limited", "8"], {
    under: ["bash", "-c", 'ulimit -f 300; exec "$@"', "limited"],
  }).ended;
  expect([code, errors.split("\n")[0]]).toEqual([3, expect.stringMatching(/ledger_stopped: .*EFBIG/)]);
  for (const line of lines) acknowledged.hear(line);
  const failed = lines.findIndex((line) => line.startsWith("stopped"));
  expect(lines.slice(failed).filter((line) => line.startsWith("ack"))).toEqual([]);
  await writesAgain(folder, "unlimited");
  expect(await acknowledged.judge(folder)).toEqual(FLAWLESS);
  expect(acknowledged.count).toBeGreaterThan(50);
  figure("R8", { "file limit": "300 kB", acks: acknowledged.count, lost: 0, doubled: 0 });
});

test("runs on a full disk: callers are told why, and every run that was acknowledged goes on once there is space", async (context) => {
  skipFor(whyNoMounts(), "R8", context);
  const disk = await smallDisk(DISK_MEGABYTES);
  const ledger = fileLedger(join(disk.path, "ledger"));
  const contracts = [orders("data:text/plain,done")];
  const started = new Set<string>();
  const full = await createRuntime({ contracts, ledger });
  const waiting = await full.start("order", { id: "first" });
  await waiting.settled();
  const result = waiting.result();
  disk.leavePages(6);
  const refusal = await startUntilRefused((id) => full.start("order", { id }, { idempotencyKey: id }), started);
  expect(refusal).toMatchObject({ code: "ledger_full", fix: expect.stringContaining("Free some space") });
  await expect(result).rejects.toMatchObject({ code: "ledger_full" });
  await full.close();
  disk.free();
  await using kindling = await createRuntime({ contracts, ledger });
  for (const id of ["first", ...started]) {
    await kindling.deliver({ event: "order.paid", correlation: { id }, payload: id });
    const [run] = (await kindling.list({ limit: 1_000 })).items.filter((item) => item.correlation["id"] === id);
    expect(await (await kindling.run(run?.id ?? "")).result({ signal: AbortSignal.timeout(20_000) })).toEqual({ text: `${id} done` });
  }
  expect((await kindling.verify()).faults).toEqual([]);
  figure("R8", { "full while": "runs are carried", starts: started.size + 1, lost: 0 });
});

test("on a disk that is full, what is under way is still answered and ended from the room that was held ready, and nothing new begins", async (context) => {
  skipFor(whyNoMounts(), "R8", context);
  const disk = await smallDisk(8);
  const folder = join(disk.path, "ledger");
  const ledger = fileLedger(folder, { ballastBytes: 1024 * 1024 });
  await growLog(ledger, 1024 * 1024);
  expect((await stat(join(folder, "ballast"))).size).toBe(1024 * 1024);
  const contracts = [orders("data:text/plain,done")];
  const waiting = Array.from({ length: 20 }, (_, number) => `order-${number}`);
  {
    await using before = await createRuntime({ contracts, ledger });
    for (const id of waiting) await (await before.start("order", { id }, { idempotencyKey: id })).settled();
  }
  disk.leavePages(0);
  await using kindling = await createRuntime({ contracts, ledger });
  await expect(kindling.start("order", { id: "new" })).rejects.toMatchObject({
    code: "ledger_low",
    fix: expect.stringContaining("Free some space"),
  });
  let ended = 0;
  for (const id of waiting) {
    await kindling.deliver({ event: "order.paid", correlation: { id }, payload: id });
    const { id: run } = await kindling.run(keyedRunId("order", id));
    expect(await (await kindling.run(run)).result({ signal: AbortSignal.timeout(20_000) })).toEqual({ text: `${id} done` });
    ended += 1;
  }
  disk.free();
  expect((await kindling.verify()).faults).toEqual([]);
  await kindling.close();
  await using later = await createRuntime({ contracts, ledger });
  expect((await later.start("order", { id: "new" })).created).toBe(true);
  figure("R8", { "full while": "reopened", "runs under way": waiting.length, ended, lost: 0 });
});

/** Appends until a ledger is so long, and its room was looked at since. */
async function growLog(place: LedgerPlace, bytes: number): Promise<void> {
  let now = 1_000;
  await using ledger = await place.open({ access: "write", now: () => (now += 2_000) });
  for (let number = 0; number * 16_000 < bytes + 64_000; number++)
    await ledger.append([{ run: "long", expected: number, facts: [{ text: "x".repeat(16_000) }] }]);
}

/** Appends facts one after the other until the ledger refuses, and gives its error. */
async function appendUntilRefused(ledger: Ledger, run: string, first: number, acknowledged: Acknowledgements): Promise<unknown> {
  for (let number = first; ; number++) {
    try {
      await ledger.append([{ run, expected: number - first, facts: [factOf(run, number)] }]);
      acknowledged.hear(`ack ${idOf(run, number)}`);
    } catch (error) {
      return error;
    }
  }
}

/** Opens a ledger, appends one fact and closes it, with the disk as it is and, from its last third on, as `beforeClosing` leaves it. Gives the first error. */
async function appendOnce(folder: string, run: string, acknowledged: Acknowledgements, beforeClosing: () => void): Promise<unknown> {
  try {
    const ledger = await fileLedger(folder).open({ access: "write" });
    try {
      await ledger.append([{ run, expected: 0, facts: [factOf(run, 0)] }]);
      acknowledged.hear(`ack ${idOf(run, 0)}`);
      if (run === "closing") beforeClosing();
    } finally {
      await ledger.close();
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

async function startUntilRefused(start: (id: string) => Promise<unknown>, started: Set<string>): Promise<unknown> {
  for (let number = 0; ; number++) {
    try {
      await start(`order-${number}`);
      started.add(`order-${number}`);
    } catch (error) {
      return error;
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof KindlingError ? error.code : String(error);
}
