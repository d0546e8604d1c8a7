// A backup is a ledger of its own that verifies, holds what was acknowledged before it began, and takes over only what is new.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { backupFolder } from "../../src/ledger/backup.ts";
import { backupLedger } from "../../src/ledger/copies.ts";
import { exportLog } from "../../src/ledger/export-log.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { contentOf, COPY, grow, logOf, sampleLedger, SOURCE } from "./sample-ledger.ts";
import { seededRandom } from "./seeded-random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const WRITER = fileURLToPath(new URL("writer-process.ts", import.meta.url));

let folder: string;
let copy: string;

beforeEach(async () => {
  const place = await temporaryFolder();
  folder = join(place, "ledger");
  copy = join(place, "deep", "backup");
});

describe("a backup", () => {
  test("made while another process writes is whole, and holds every commit acknowledged before it began", async () => {
    const writer = spawn(process.execPath, [WRITER, folder, "busy", "16"], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void writer.kill("SIGKILL"));
    const acknowledged: string[] = [];
    const output = createInterface(writer.stdout).on("line", (line) => void (line.startsWith("ack ") && acknowledged.push(line.slice(4))));
    for (let round = 0; round < 4; round++) {
      while (acknowledged.length < 300 * (round + 1)) await once(output, "line");
      const before = [...acknowledged];
      const report = await backupLedger(folder, copy);
      expect(report.verified).toMatchObject({ ok: true, commits: report.position });
      const found = new Set(await idsIn(copy));
      expect(before.filter((id) => !found.has(id))).toEqual([]);
    }
    expect(writer.exitCode).toBe(null);
  });

  test("holds the log, the blobs and the card, and nothing that can be made anew", async () => {
    const { disk, simulated } = await sampleLedger(1);
    const report = await backupFolder(disk, SOURCE, COPY);
    expect(await disk.list(COPY)).toEqual(["blobs", "head.json", "ledger.json", "segments"]);
    expect(await logOf(simulated, disk, COPY)).toEqual(await logOf(simulated, disk, SOURCE));
    expect(await contentOf(disk, COPY)).toEqual(await contentOf(disk, SOURCE));
    expect(report.blobsCopied).toBe((await verifyFolder(SOURCE, disk)).blobs);
    expect(report.segments.copied).toBeGreaterThan(2);
    for (const name of ["ledger.json"]) expect(simulated.content(`${COPY}/${name}`)).toEqual(simulated.content(`${SOURCE}/${name}`));
  });

  test("into the folder of an earlier one copies only what is new, and the last segment", async () => {
    const { disk, simulated } = await sampleLedger(2);
    const first = await backupFolder(disk, SOURCE, COPY);
    expect(await backupFolder(disk, SOURCE, COPY)).toMatchObject({
      segments: { copied: 1, kept: first.segments.copied - 1 },
      blobsCopied: 0,
      chain: first.chain,
    });
    await grow(disk, 77, 10);
    const second = await backupFolder(disk, SOURCE, COPY);
    expect(second.segments.kept).toBe(first.segments.copied - 1);
    expect(second.position).toBeGreaterThan(first.position);
    expect(await logOf(simulated, disk, COPY)).toEqual(await logOf(simulated, disk, SOURCE));
  });

  test("leaves a write that is under way out", async () => {
    await filled(5);
    const segment = join(folder, "segments", (await readdir(join(folder, "segments")))[0] ?? "");
    await appendFile(segment, '["000001aa","1f');
    expect(await backupLedger(folder, copy)).toMatchObject({ position: 5, verified: { unfinishedBytes: 0 } });
  });

  test("takes keys along where there are some, and destroys in the copy what was destroyed", async () => {
    await filled(2);
    await mkdir(join(folder, "keys"));
    await writeFile(join(folder, "keys", "000000.slots"), "one key, two keys");
    await writeFile(join(folder, "keys", "000000.slots.tmp"), "draft");
    await backupLedger(folder, copy);
    const { ino } = await stat(join(copy, "keys", "000000.slots"));
    await writeFile(join(folder, "keys", "000000.slots"), "one key, ########");
    await backupLedger(folder, copy);
    expect(await readFile(join(copy, "keys", "000000.slots"), "utf8")).toBe("one key, ########");
    expect((await stat(join(copy, "keys", "000000.slots"))).ino).toBe(ino);
    expect(await readdir(join(copy, "keys"))).toEqual(["000000.slots"]);
  });
});

test("a backup of an encrypted ledger opens with its key; what is erased is erased in it when it is made again", async () => {
  const key = join(folder, "..", "master.key");
  await writeFile(key, randomBytes(32).toString("hex"), { mode: 0o600 });
  const options = { key: { file: key }, segmentBytes: 4_000 };
  await using ledger = await fileLedger(folder, options).open({ access: "write" });
  for (let number = 0; number < 6; number++)
    for (const run of ["mine", "other"])
      await ledger.append([{ run, expected: number, facts: [{ text: `${run} ${number}`.repeat(5_000) }] }]);
  const factsIn = async (place: string, run: string): Promise<readonly JsonObject[]> => {
    await using copied = await fileLedger(place, options).open({ access: "read" });
    return (await copied.read(run)).flatMap(({ facts }) => facts);
  };
  expect((await backupLedger(folder, copy)).segments.copied).toBeGreaterThan(1);
  for (const run of ["mine", "other"]) expect(await factsIn(copy, run)).toEqual(await factsIn(folder, run));
  await expect(fileLedger(copy).open({ access: "read" })).rejects.toMatchObject({ name: "LedgerError" });
  await ledger.erase([{ tree: "mine", runs: ["mine"] }]);
  await backupLedger(folder, copy);
  const erased = await factsIn(copy, "mine");
  expect(erased.length).toBeGreaterThan(5);
  expect(erased.filter(({ erased: isGone }) => isGone !== true)).toEqual([]);
  expect((await factsIn(copy, "other"))[5]).toEqual({ text: "other 5".repeat(5_000) });
  await expect(exportLog(realDisk, folder, () => undefined)).rejects.toMatchObject({ code: "ledger_sealed" });
});

test("cursors go along", async () => {
  await append(folder, 4);
  await using ledger = await fileLedger(folder).open({ access: "write" });
  await ledger.cursors.put("mailer", 3);
  await backupLedger(folder, copy);
  await using copied = await fileLedger(copy).open({ access: "read" });
  expect(await copied.cursors.get("mailer")).toBe(3);
  expect(await copied.cursors.get("other")).toBeUndefined();
});

describe("a backup is refused", () => {
  test("where the folder holds something else, or the ledger itself", async () => {
    await filled(2);
    for (const place of [folder, join(folder, "backup"), join(folder, "..")]) {
      await expect(backupLedger(folder, place)).rejects.toMatchObject({ code: "backup_folder_unfit" });
    }
    await mkdir(copy, { recursive: true });
    await writeFile(join(copy, "letters.txt"), "dear");
    await expect(backupLedger(folder, copy)).rejects.toMatchObject({
      code: "backup_folder_unfit",
      message: expect.stringContaining("letters.txt"),
    });
    expect(await readdir(copy)).toEqual(["letters.txt"]);
  });

  test("where another ledger is, or one that knows more, or something else, and changes nothing", async () => {
    await filled(4);
    await backupLedger(folder, copy);
    const other = join(copy, "..", "other");
    await (await fileLedger(other).open({ access: "write" })).close();
    await expect(backupLedger(other, copy)).rejects.toMatchObject({
      code: "backup_unlike",
      message: expect.stringContaining("is of ledger"),
    });

    const back = join(copy, "..", "back");
    await backupLedger(copy, back);
    await append(folder, 3);
    await backupLedger(folder, copy);
    const kept = await idsIn(copy);
    // The ledger as it was last week.
    await expect(backupLedger(back, copy)).rejects.toMatchObject({
      code: "backup_unlike",
      message: expect.stringContaining("it reaches to commit 7, and the ledger to 4"),
    });
    await append(back, 5);
    await expect(backupLedger(back, copy)).rejects.toMatchObject({
      code: "backup_unlike",
      message: expect.stringContaining("its commits are others"),
    });
    expect(await idsIn(copy)).toEqual(kept);
    expect((await verifyFolder(copy)).faults).toEqual([]);
  });

  test("of a damaged ledger, and leaves the earlier one as it was", async () => {
    const { disk, simulated } = await sampleLedger(3);
    await backupFolder(disk, SOURCE, COPY);
    const before = await logOf(simulated, disk, COPY);
    await grow(disk, 5, 4);
    const segments = (await disk.list(`${SOURCE}/segments`)).filter((name) => name.endsWith(".jsonl"));
    simulated.flipBit(`${SOURCE}/segments/${segments.at(-1)}`, 8 * 200);
    await expect(backupFolder(disk, SOURCE, COPY)).rejects.toMatchObject({ code: "ledger_damaged" });
    expect((await verifyFolder(COPY, disk)).faults).toEqual([]);
    expect((await logOf(simulated, disk, COPY)).subarray(0, before.length)).toEqual(before);
    await expect(backupFolder(disk, "/nowhere", "/there")).rejects.toMatchObject({ code: "ledger_missing" });
    expect(await disk.inspect("/there")).toBeUndefined();
  });

  test("of a ledger in which a segment ends with a bad line, though another one follows", async () => {
    const { disk, simulated } = await sampleLedger(6);
    const first = `${SOURCE}/segments/000000000001-000000000000000.jsonl`;
    simulated.flipBit(first, 8 * (simulated.content(first).length - 20));
    await expect(backupFolder(disk, SOURCE, COPY)).rejects.toMatchObject({
      code: "ledger_damaged",
      message: expect.stringContaining("another segment follows"),
    });
    expect(await disk.inspect(`${COPY}/ledger.json`)).toBeUndefined();
  });

  test("when what was copied before has been damaged since", async () => {
    const { disk, simulated } = await sampleLedger(4);
    await backupFolder(disk, SOURCE, COPY);
    simulated.flipBit(`${COPY}/segments/000000000001-000000000000000.jsonl`, 8 * 500);
    await expect(backupFolder(disk, SOURCE, COPY)).rejects.toMatchObject({
      code: "backup_not_whole",
      message: expect.stringContaining("segments/000000000001"),
    });
  });
});

test("a backup killed at any write or sync is no ledger or a whole one, and a second one completes it", { timeout: 120_000 }, async () => {
  let deaths = 0;
  for (const isPowerCut of [false, true]) {
    for (let atCall = 1; ; atCall += 3) {
      const simulated = new SimulatedDisk({ random: seededRandom(atCall) });
      const disk = simulated.begin();
      await grow(disk, 12, 5);
      const life = simulated.begin({ kind: "death", atCall });
      const outcome = await Promise.race([backupFolder(life, SOURCE, COPY).then(() => "done"), simulated.death.then(() => "died")]);
      if (outcome === "done") break;
      deaths += 1;
      if (isPowerCut) simulated.cutPower();
      const again = simulated.begin();
      if ((await again.inspect(`${COPY}/ledger.json`)) !== undefined)
        expect((await verifyFolder(COPY, again)).faults, `call ${atCall}`).toEqual([]);
      expect((await backupFolder(again, SOURCE, COPY)).verified.ok, `call ${atCall}`).toBe(true);
      expect(await logOf(simulated, again, COPY)).toEqual(await logOf(simulated, again, SOURCE));
    }
  }
  expect(deaths).toBeGreaterThan(10);
});

async function filled(commits: number): Promise<void> {
  await append(folder, commits);
}

async function append(place: string, commits: number): Promise<void> {
  await using ledger: Ledger = await fileLedger(place).open({ access: "write" });
  for (let number = 0; number < commits; number++) {
    const expected = ledger.head("run")?.version ?? 0;
    await ledger.append([{ run: "run", expected, facts: [{ id: `run.${expected}` }] }]);
  }
}

async function idsIn(place: string): Promise<readonly string[]> {
  await using reader = await fileLedger(place).open({ access: "read" });
  const ids: string[] = [];
  for await (const entry of reader.changes({ after: 0 })) ids.push(...entry.facts.map(({ id }) => String(id)));
  return ids;
}
