// What is taken out of a damaged ledger: all that checks out, nothing else, at the positions it had; and the damaged folder stays as it is.

import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Disk } from "../../src/ledger/disk.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import { encodeLine, readLine } from "../../src/ledger/frame.ts";
import type { Entry } from "../../src/ledger/ledger.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { LOST_STREAM, salvageFolder, type SalvageReport } from "../../src/ledger/salvage.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { contentOf, COPY, logOf, open, sampleLedger, SOURCE } from "./sample-ledger.ts";
import { seededRandom } from "./seeded-random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A log of commits of one fact each, three runs in turn, one commit in a group. */
async function plainLedger(commits = 12): Promise<{
  readonly simulated: SimulatedDisk;
  readonly disk: Disk;
  readonly lines: readonly { readonly from: number; readonly to: number }[];
}> {
  const simulated = new SimulatedDisk({ random: seededRandom(1) });
  const disk = simulated.begin();
  let now = 1_000;
  const ledger = await fileLedger(SOURCE, { disk, newId: () => "old" }).open({ access: "write", now: () => (now += 1) });
  for (let number = 0; number < commits; number++)
    await ledger.append([
      {
        run: `run-${number % 3}`,
        expected: Math.floor(number / 3),
        facts: [{ number }],
        head: { open: true, keys: ["all"], note: { number } },
      },
    ]);
  await ledger.close();
  const log = simulated.content(SEGMENT);
  const lines: { from: number; to: number }[] = [];
  for (let from = 0; from < log.length; from = log.indexOf("\n", from) + 1) lines.push({ from, to: log.indexOf("\n", from) + 1 });
  return { simulated, disk, lines };
}

const SEGMENT = `${SOURCE}/segments/000000000001-000000000000000.jsonl`;

describe("a salvage", () => {
  test("of a whole ledger gives the same commits with their times and heads, and loses nothing", async () => {
    for (const seed of [1, 2, 3]) {
      const { simulated, disk } = await sampleLedger(seed);
      const before = await logOf(simulated, disk, SOURCE);
      const report = await salvageFolder(disk, SOURCE, COPY);
      expect(report).toMatchObject({
        lost: [],
        cutRuns: [],
        unfinishedBytes: 0,
        from: { chain: (await verifyFolder(SOURCE, disk)).chain },
      });
      expect(await contentOf(disk, COPY)).toEqual(await contentOf(disk, SOURCE));
      expect(await verifyFolder(COPY, disk)).toMatchObject({ faults: [], blobs: (await verifyFolder(SOURCE, disk)).blobs });
      expect(report.to.ledger).not.toBe(report.from.ledger);
      expect(await logOf(simulated, disk, SOURCE)).toEqual(before);
    }
  });

  test("cuts a run at the first fact that is lost, lists it, and keeps the others and all positions", async () => {
    const { simulated, disk, lines } = await plainLedger();
    // The fifth commit: the second fact of run-1.
    const { from = 0, to = 0 } = lines[5] ?? {};
    simulated.flipBit(SEGMENT, (from + 150) * 8);
    const report = await salvageFolder(disk, SOURCE, COPY);
    expect(report).toMatchObject({
      from: { folder: SOURCE, ledger: "old" },
      kept: { commits: 9, facts: 9, runs: 3 },
      lost: [{ file: "segments/000000000001-000000000000000.jsonl", offset: from, bytes: to - from, positions: { first: 5, last: 5 } }],
      cutRuns: [{ run: "run-1", kept: 1, leftOut: 2, position: 8 }],
    });
    const { entries } = await contentOf(disk, COPY);
    const old = await plainEntries();
    expect(entries.filter(({ run }) => run === LOST_STREAM).map(({ position }) => position)).toEqual([5, 8, 11]);
    for (const entry of entries.filter(({ run }) => run !== LOST_STREAM)) expect(entry).toEqual(old.get(entry.position));
    expect((await verifyFolder(COPY, disk)).faults).toEqual([]);
  });

  test("tells in salvage.json what it tells, and makes a ledger that goes on", async () => {
    const { simulated, disk, lines } = await plainLedger();
    simulated.flipBit(SEGMENT, ((lines[3]?.from ?? 0) + 5) * 8);
    const report = await salvageFolder(disk, SOURCE, COPY);
    expect(JSON.parse(simulated.content(`${COPY}/salvage.json`).toString("utf8"))).toMatchObject(
      JSON.parse(JSON.stringify(report)) as object,
    );
    const ledger = await open(disk, COPY);
    expect((await ledger.append([{ run: "run-1", expected: ledger.head("run-1")?.version ?? 0, facts: [{ a: 1 }] }]))[0]?.position).toBe(
      13,
    );
    await ledger.close();
    // Salvaged again, what was lost is still lost and nothing more is.
    const again = await salvageFolder(disk, COPY, "/again");
    expect(again).toMatchObject({ lost: [], cutRuns: [], kept: { commits: report.kept.commits + 1 } });
  });

  test("leaves a group out when one of its lines is bad, and takes the groups around it", async () => {
    const simulated = new SimulatedDisk({ random: seededRandom(2) });
    const disk = simulated.begin();
    const ledger = await open(disk, SOURCE);
    for (let group = 0; group < 3; group++)
      await Promise.all([0, 1, 2].map((part) => ledger.append([{ run: `run-${group}-${part}`, expected: 0, facts: [{ part }] }])));
    await ledger.close();
    const log = simulated.content(SEGMENT);
    for (const bad of [3, 4, 5]) {
      const from = log.indexOf(`"00000000000${bad + 1}"`);
      simulated.flipBit(SEGMENT, (from + 90) * 8);
      const report = await salvageFolder(disk, SOURCE, `${COPY}-${bad}`);
      expect(report, `line ${bad}`).toMatchObject({ kept: { commits: 6 }, lost: [{ positions: { first: 4, last: 6 } }] });
      simulated.flipBit(SEGMENT, (from + 90) * 8);
    }
  });

  test("does not take a line that somebody changed, checksum and all, and takes those around it", async () => {
    const { simulated, disk, lines } = await plainLedger();
    const { from = 0, to = 0 } = lines[5] ?? {};
    const reading = readLine(simulated.content(SEGMENT).subarray(from, to));
    if (reading.kind !== "line") throw new Error("the log is not what it should be");
    const forged = encodeLine(reading.line, reading.line.body.replace('"number":4', '"number":9'));
    const file = await disk.open(SEGMENT, "update");
    await file.write(forged, from);
    expect(await salvageFolder(disk, SOURCE, COPY)).toMatchObject({
      kept: { commits: 9 },
      lost: [{ positions: { first: 5, last: 5 }, reason: expect.stringContaining("chain") }],
      cutRuns: [{ run: "run-1", kept: 1, leftOut: 2 }],
    });
  });

  test("gets over a header that is no JSON although its checksum is right", async () => {
    const { simulated, disk } = await plainLedger();
    const file = await disk.open(SEGMENT, "update");
    await file.write(encodeLine({ position: 0, group: 0, ends: true, chain: "A".repeat(43) }, '{"segment":none}'), 0);
    expect(simulated.content(SEGMENT).toString("latin1", 0, 140)).toContain("none");
    expect(await salvageFolder(disk, SOURCE, COPY)).toMatchObject({
      kept: { commits: 12 },
      lost: [{ offset: 0, reason: expect.stringContaining("does not belong") }],
      cutRuns: [],
    });
  });

  test("gets over a segment that is missing, one that was cut, and a header that is gone", async () => {
    const { simulated, disk } = await sampleLedger(5, 30);
    const { entries } = await contentOf(disk, SOURCE);
    const segments = (await disk.list(`${SOURCE}/segments`)).filter((name) => name.endsWith(".jsonl"));
    const firstOf = (index: number): number => Number(segments[index]?.slice(0, 12));
    expect(segments.length).toBeGreaterThan(6);
    await disk.remove(`${SOURCE}/segments/${segments[1]}`);
    simulated.flipBit(`${SOURCE}/segments/${segments[3]}`, 8 * 20);
    const cut = await disk.open(`${SOURCE}/segments/${segments[5]}`, "update");
    await cut.truncate((await cut.size()) - 40);
    await disk.remove(`${SOURCE}/ledger.json`);
    const report = await salvageFolder(disk, SOURCE, COPY);
    expect(report.lost.map(({ positions }) => positions)).toEqual([
      { first: firstOf(1), last: firstOf(2) - 1 },
      // Of the header no commit is lost.
      undefined,
      { first: expect.any(Number), last: firstOf(6) - 1 },
    ]);
    await expectPrefixes(disk, report, entries);
  });

  test("tells what was durable once and is not there, and what nobody was told of", async () => {
    const { disk, lines } = await plainLedger();
    const file = await disk.open(SEGMENT, "update");
    await file.write(Buffer.from('["000000'), lines.at(-1)?.to ?? 0);
    expect(await salvageFolder(disk, SOURCE, `${COPY}-1`)).toMatchObject({ lost: [], unfinishedBytes: 8, kept: { commits: 12 } });
    await file.truncate((lines[10]?.to ?? 0) + 20);
    expect(await salvageFolder(disk, SOURCE, `${COPY}-2`)).toMatchObject({
      lost: [{ positions: { first: 11, last: 12 } }],
      unfinishedBytes: 0,
      kept: { commits: 10 },
    });
  });

  test("cuts a run where a blob is gone", async () => {
    const simulated = new SimulatedDisk({ random: seededRandom(3) });
    const disk = simulated.begin();
    const ledger = await open(disk, SOURCE);
    for (let number = 0; number < 3; number++)
      await ledger.append([{ run: "large", expected: number, facts: [{ text: String(number).repeat(40_000) }] }]);
    await ledger.close();
    const [, , body = ""] = simulated.content(SEGMENT).toString("utf8").trimEnd().split("\n");
    const [, blob = ""] = /"blobs":\{"text":"([0-9a-f]+)"/.exec(body) ?? [];
    simulated.flipBit(`${SOURCE}/blobs/${blob.slice(0, 2)}/${blob}`, 9);
    expect(await salvageFolder(disk, SOURCE, COPY)).toMatchObject({
      lost: [{ file: expect.stringContaining("blobs"), positions: { first: 2, last: 2 } }],
      cutRuns: [{ run: "large", kept: 1, leftOut: 2, position: 2 }],
    });
    expect((await verifyFolder(COPY, disk)).faults).toEqual([]);
  });
});

test("whatever bits are flipped, a salvage gives prefixes of the runs and a ledger that verifies, and every bad commit is told", {
  timeout: 120_000,
}, async () => {
  let lost = 0;
  for (let seed = 1; seed <= 25; seed++) {
    const random = seededRandom(seed);
    const { simulated, disk } = await sampleLedger(seed, 20);
    const { entries } = await contentOf(disk, SOURCE);
    const segments = (await disk.list(`${SOURCE}/segments`)).filter((name) => name.endsWith(".jsonl"));
    for (let flip = 0; flip < 1 + (seed % 5); flip++) {
      const path = `${SOURCE}/segments/${segments[Math.floor(random() * segments.length)]}`;
      simulated.flipBit(path, Math.floor(random() * simulated.content(path).length * 8));
    }
    const report = await salvageFolder(disk, SOURCE, COPY);
    await expectPrefixes(disk, report, entries);
    lost += report.lost.length;
    expect(report.lost.length).toBeLessThanOrEqual(1 + (seed % 5));
  }
  expect(lost).toBeGreaterThan(25);
});

describe("a salvage is refused", () => {
  test("into a folder that holds something, of a place without a ledger, and of an encrypted one", async () => {
    const { disk } = await plainLedger();
    await disk.makeFolder(COPY);
    await disk.makeFolder(`${COPY}/letters`);
    for (const place of [COPY, SOURCE])
      await expect(salvageFolder(disk, SOURCE, place)).rejects.toMatchObject({ code: "salvage_folder_unfit" });
    await expect(salvageFolder(disk, "/nowhere", "/there")).rejects.toMatchObject({ code: "ledger_missing" });
    expect(await disk.inspect("/there")).toBeUndefined();
    await disk.makeFolder(`${SOURCE}/keys`);
    await (await disk.open(`${SOURCE}/keys/000000.slots`, "create")).close();
    await expect(salvageFolder(disk, SOURCE, "/there")).rejects.toMatchObject({ code: "ledger_sealed" });
  });
});

test("a log whose lines are sealed is not salvaged when its keys are gone, and its card with them", async () => {
  const place = await temporaryFolder();
  const [folder, key] = [join(place, "ledger"), join(place, "master.key")];
  await writeFile(key, randomBytes(32).toString("hex"), { mode: 0o600 });
  const ledger = await fileLedger(folder, { key: { file: key } }).open({ access: "write" });
  await ledger.append([{ run: "one", expected: 0, facts: [{ secret: true }] }]);
  await ledger.close();
  await rm(join(folder, "keys"), { recursive: true });
  await rm(join(folder, "ledger.json"));
  await expect(salvageFolder(realDisk, folder, join(place, "new"))).rejects.toMatchObject({ code: "ledger_sealed" });
});

/** The commits of a plain ledger by position. A damaged one cannot be opened, so the same is made again. */
async function plainEntries(): Promise<ReadonlyMap<number, Entry>> {
  const { disk } = await plainLedger();
  return new Map((await contentOf(disk, SOURCE)).entries.map((entry) => [entry.position, entry]));
}

/** Every run is a prefix of what it was, at its old positions, and every position that is not there was told. */
async function expectPrefixes(disk: Disk, report: SalvageReport, old: readonly Entry[]): Promise<void> {
  expect((await verifyFolder(COPY, disk)).faults).toEqual([]);
  const { entries } = await contentOf(disk, COPY);
  const kept = entries.filter(({ run }) => run !== LOST_STREAM);
  const cut = new Map(report.cutRuns.map((run) => [run.run, run]));
  const isTold = (position: number): boolean =>
    report.lost.some(({ positions }) => positions !== undefined && positions.first <= position && position <= positions.last);
  expect(kept.length).toBe(report.kept.commits);
  for (const run of new Set(old.map((entry) => entry.run))) {
    const before = old.filter((entry) => entry.run === run);
    const after = kept.filter((entry) => entry.run === run);
    expect(after).toEqual(before.slice(0, after.length));
    const missed = before.slice(after.length);
    if (missed.length > 0) expect(missed.some(({ position }) => isTold(position)) || cut.has(run)).toBe(true);
    for (const { position } of missed)
      expect(isTold(position) || position >= (cut.get(run)?.position ?? Number.MAX_SAFE_INTEGER)).toBe(true);
  }
}
