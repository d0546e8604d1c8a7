// What an import makes of an export: the same ledger, the rest of one, or a refusal that names the line and leaves a good prefix.

import { hash } from "node:crypto";
import { fc } from "../fast-check.ts";
import { describe, expect, test } from "vitest";
import { LedgerError } from "../../src/errors.ts";
import type { Disk } from "../../src/ledger/disk.ts";
import { blobLine, endLine, headerLine } from "../../src/ledger/export-lines.ts";
import { HELD_BLOB_BYTES } from "../../src/ledger/export-reader.ts";
import { chainOf, encodeLine } from "../../src/ledger/frame.ts";
import { encodeHeader, LOG_START } from "../../src/ledger/segment.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { contentOf, COPY, exported, grow, imported, linesOf, logOf, open, sampleLedger, SOURCE } from "./sample-ledger.ts";
import { seededRandom } from "./seeded-random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

describe("an import into an empty place", () => {
  test("makes the same ledger, and its export is the same file, whatever the ledger and however the bytes come", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000_000),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 1, max: 100_000 }),
        async (seed, groups, chunkBytes) => {
          const { disk } = await sampleLedger(seed, groups);
          const file = await exported(disk, SOURCE);
          const report = await imported(disk, COPY, file, chunkBytes);
          const [source, copy] = [await verifyFolder(SOURCE, disk), await verifyFolder(COPY, disk)];
          // Seals are no part of a log: each writer makes its own.
          expect({ ...copy, seals: undefined }).toEqual({ ...source, seals: undefined });
          expect(copy.faults).toEqual([]);
          expect(report).toMatchObject({ chain: source.chain, commits: source.commits, position: source.commits });
          expect(await contentOf(disk, COPY)).toEqual(await contentOf(disk, SOURCE));
          expect(await exported(disk, COPY)).toEqual(file);
        },
      ),
      { numRuns: 20, seed: 4 },
    );
  });

  test("makes a ledger that goes on like any other", async () => {
    const { disk } = await sampleLedger(1);
    await imported(disk, COPY, await exported(disk, SOURCE));
    const { position } = await verifyAndCount(disk);
    await using copy = await open(disk, COPY);
    expect((await copy.append([{ run: "own", expected: 0, facts: [{ a: 1 }] }]))[0]?.position).toBe(position + 1);
    expect((await verifyFolder(COPY, disk)).faults).toEqual([]);
  });

  test("takes blobs that are too many to be held before their group", async () => {
    const disk = new SimulatedDisk({ random: () => 0.5 }).begin();
    const facts = Array.from({ length: 5 }, (_, index) => ({ large: String(index).repeat(HELD_BLOB_BYTES / 4) }));
    const source = await open(disk, SOURCE);
    await source.append([{ run: "large", expected: 0, facts }]);
    await source.close();
    await imported(disk, COPY, await exported(disk, SOURCE), 1_000_000);
    expect(await verifyFolder(COPY, disk)).toMatchObject({ ok: true, blobs: 5 });
  });

  test("refuses an export that does not begin at the start, and makes nothing", async () => {
    const { disk } = await sampleLedger(2);
    await expect(imported(disk, COPY, await exported(disk, SOURCE, { from: 5 }))).rejects.toMatchObject({
      code: "import_gap",
      fix: expect.stringContaining("Export from 1 on"),
    });
    expect(await disk.inspect(COPY)).toBeUndefined();
  });
});

describe("an import into a copy of the same ledger", () => {
  test("adds what is new and nothing else, so one ledger can follow another", async () => {
    const { simulated, disk } = await sampleLedger(3);
    for (let round = 1; round <= 5; round++) {
      const { commits: known } = round === 1 ? { commits: 0 } : await verifyFolder(COPY, disk);
      const whole = round % 2 === 1;
      const report = await imported(disk, COPY, await exported(disk, SOURCE, { from: whole ? 1 : known + 1 }));
      expect(report.position - report.commits).toBe(known);
      expect(await logOf(simulated, disk, COPY)).toEqual(await logOf(simulated, disk, SOURCE));
      expect(await imported(disk, COPY, await exported(disk, SOURCE))).toMatchObject({ commits: 0, chain: report.chain });
      await grow(disk, 100 + round, 3);
    }
    expect((await verifyFolder(COPY, disk)).faults).toEqual([]);
  });

  test("refuses a gap, another ledger, and one that was written to since, and changes nothing", async () => {
    const { simulated, disk } = await sampleLedger(4);
    await imported(disk, COPY, await exported(disk, SOURCE, { to: 3 }));
    const { position: end } = await verifyAndCount(disk);
    const before = await logOf(simulated, disk, COPY);
    await expect(imported(disk, COPY, await exported(disk, SOURCE, { from: end + 4 }))).rejects.toMatchObject({
      code: "import_gap",
      fix: expect.stringContaining(`Export from ${end + 1} on`),
    });
    await (await open(disk, "/other")).close();
    await expect(imported(disk, COPY, await exported(disk, "/other"))).rejects.toMatchObject({ code: "import_other_ledger" });
    expect(await logOf(simulated, disk, COPY)).toEqual(before);

    await using copy = await open(disk, COPY);
    await copy.append([{ run: "own", expected: 0, facts: [{ a: 1 }] }]);
    await expect(imported(disk, COPY, await exported(disk, SOURCE))).rejects.toMatchObject({ code: "ledger_locked" });
    await copy.close();
    const diverged = await logOf(simulated, disk, COPY);
    for (const from of [1, end + 1])
      await expect(imported(disk, COPY, await exported(disk, SOURCE, { from }))).rejects.toMatchObject({ code: "import_diverged" });
    expect(await logOf(simulated, disk, COPY)).toEqual(diverged);
  });
});

describe("an export that is not what was written", () => {
  test("is refused for every byte that was flipped, with the line, and leaves a good prefix of the log", { timeout: 120_000 }, async () => {
    const { simulated, disk } = await sampleLedger(8, 3);
    const file = await exported(disk, SOURCE);
    const log = await logOf(simulated, disk, SOURCE);
    const steps = seededRandom(1);
    let refused = 0;
    const frame = new Set(linesOf(file).flatMap((_, line, all) => ends(all, line)));
    for (let at = 0; at < file.length; at++) {
      if (!frame.has(at) && steps() > 150 / file.length) continue;
      const bent = Buffer.from(file);
      bent[at] = (bent[at] ?? 0) ^ (1 << Math.floor(steps() * 8));
      const { code, prefix, faults } = await refusalOf(bent);
      expect(code, `byte ${at}`).toMatch(/^import_(damaged|cut|no_export)$/);
      expect(log.subarray(0, prefix.length), `byte ${at}`).toEqual(prefix);
      expect(faults, `byte ${at}`).toEqual([]);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(150);
  });

  test("is refused wherever it is cut, and the whole file completes it", { timeout: 120_000 }, async () => {
    const { simulated, disk } = await sampleLedger(9, 3);
    const file = await exported(disk, SOURCE);
    const log = await logOf(simulated, disk, SOURCE);
    for (let length = 0; length < file.length; length += 1_501) {
      const place = new SimulatedDisk({ random: () => 0.5 });
      const { code, prefix } = await refusalOf(file.subarray(0, length), place);
      expect(code, `cut at ${length}`).toBe(length < (linesOf(file)[0]?.length ?? 0) ? "import_no_export" : "import_cut");
      expect(log.subarray(0, prefix.length)).toEqual(prefix);
      const again = place.begin();
      await imported(again, COPY, file);
      expect(await logOf(place, again, COPY)).toEqual(log);
    }
  });

  test("is refused without a blob, with lines taken out or in another order, and with something behind its end", async () => {
    const { disk } = await sampleLedger(1);
    const lines = linesOf(await exported(disk, SOURCE));
    const blob = lines.findIndex((line) => line.toString("utf8", 0, 7) === '["blob"');
    expect(await refusalOf(Buffer.concat(lines.toSpliced(blob, 1)))).toMatchObject({
      code: "import_blob_missing",
      fix: expect.stringContaining("earlier position"),
    });
    const log = lines.findIndex((line, index) => index > 2 && line.toString("utf8", 0, 7) !== '["blob"');
    expect(await refusalOf(Buffer.concat(lines.toSpliced(log, 1)))).toMatchObject({ code: "import_damaged" });
    expect(
      await refusalOf(Buffer.concat(lines.with(log, lines[log + 1] ?? Buffer.of()).with(log + 1, lines[log] ?? Buffer.of()))),
    ).toMatchObject({ code: "import_damaged" });
    expect(await refusalOf(Buffer.concat([...lines, Buffer.from("{}\n")]))).toMatchObject({
      code: "import_damaged",
      message: expect.stringContaining(`line ${lines.length + 1}`),
    });
    expect(await refusalOf(Buffer.concat([...lines.slice(0, 1), ...lines.slice(2)]))).toMatchObject({
      code: "import_damaged",
      message: expect.stringContaining("does not lead from commit 0"),
    });
    for (const text of ["", "hello\n", '{"kindling":"export"}\n', "x".repeat(5_000)])
      expect(await refusalOf(Buffer.from(text))).toMatchObject({ code: "import_no_export" });
    const later = { kindling: "export", version: 2, more: true };
    expect(await refusalOf(Buffer.from(`${JSON.stringify(later)}\n`))).toMatchObject({
      code: "import_no_export",
      fix: "Update Kindling to read it.",
    });
  });

  test("is refused when it ends right, yet a blob is not what its name says", async () => {
    const { disk } = await sampleLedger(1);
    const lines = linesOf(await exported(disk, SOURCE));
    const blob = lines.findIndex((line) => line.toString("utf8", 0, 7) === '["blob"');
    const name = lines[blob]?.toString("utf8", 9, 73) ?? "";
    const forged = lines.with(blob, blobLine(name, Buffer.from('"forged"'))).slice(0, -1);
    const end = JSON.parse(lines.at(-1)?.toString("utf8") ?? "") as Parameters<typeof endLine>[0];
    const sha256 = hash("sha256", Buffer.concat(forged), "hex");
    expect(await refusalOf(Buffer.concat([...forged, endLine({ ...end, sha256 })]))).toMatchObject({
      code: "import_damaged",
      message: expect.stringContaining(`line ${blob + 1}: the blob`),
    });
  });
});

test("an export whose lines are right, yet whose facts do not follow each other, is refused before anything of the group is written", async () => {
  const { bytes: segment, end } = encodeHeader("forged", LOG_START);
  const body = '{"run":"a","first":2,"time":1,"facts":[{"b":1}]}';
  const chain = chainOf(end.chain, body);
  const line = encodeLine({ position: 1, group: 1, ends: true, chain }, body);
  const parts = [headerLine({ ledger: "forged", created: 1, start: LOG_START }), segment, line];
  const last = endLine({ end: 1, lines: 2, blobs: 0, chain, sha256: hash("sha256", Buffer.concat(parts), "hex") });
  expect(await refusalOf(Buffer.concat([...parts, last]))).toMatchObject({
    code: "import_damaged",
    message: expect.stringContaining("line 3: a has 0 facts, and fact 2 follows"),
    prefix: segment,
  });
});

test("an import killed at any write or sync, with or without a power cut, leaves a prefix that a second one completes", {
  timeout: 120_000,
}, async () => {
  const { simulated, disk } = await sampleLedger(11, 5);
  const file = await exported(disk, SOURCE);
  const log = await logOf(simulated, disk, SOURCE);
  let deaths = 0;
  for (const isPowerCut of [false, true]) {
    for (let atCall = 1; ; atCall++) {
      const place = new SimulatedDisk({ random: seededRandom(atCall), shortWrites: 0.2 });
      const life = place.begin({ kind: "death", atCall });
      const outcome = await Promise.race([imported(life, COPY, file).then(() => "done"), place.death.then(() => "died")]);
      if (outcome === "done") break;
      deaths += 1;
      if (isPowerCut) place.cutPower();
      const again = place.begin();
      expect(await imported(again, COPY, file), `call ${atCall}`).toMatchObject({ folder: COPY });
      expect(await logOf(place, again, COPY), `call ${atCall}`).toEqual(log);
      expect((await verifyFolder(COPY, again)).faults, `call ${atCall}`).toEqual([]);
    }
  }
  expect(deaths).toBeGreaterThan(100);
});

/** The first and the last byte of a line, and the newline. */
function ends(lines: readonly Buffer[], line: number): readonly number[] {
  const from = lines.slice(0, line).reduce((sum, { length }) => sum + length, 0);
  const to = from + (lines[line]?.length ?? 0);
  return [from, to - 2, to - 1];
}

async function verifyAndCount(disk: Disk): Promise<{ readonly position: number }> {
  const { faults, commits } = await verifyFolder(COPY, disk);
  expect(faults).toEqual([]);
  return { position: commits };
}

/** What an import of some bytes into an empty place is refused with, and what is there then. */
async function refusalOf(
  bytes: Buffer,
  place = new SimulatedDisk({ random: () => 0.5 }),
): Promise<{
  readonly code: string;
  readonly message: string;
  readonly fix: string | undefined;
  readonly prefix: Buffer;
  readonly faults: readonly unknown[];
}> {
  const disk = place.begin();
  const refused: unknown = await imported(disk, COPY, bytes).then(
    () => "imported",
    (error: unknown) => error,
  );
  if (!(refused instanceof LedgerError)) throw new Error(`it was not refused as it should be: ${String(refused)}`, { cause: refused });
  const { code, message, fix } = refused;
  const isThere = (await disk.inspect(`${COPY}/ledger.json`)) !== undefined;
  return { code, message, fix, prefix: await logOf(place, disk, COPY), faults: isThere ? (await verifyFolder(COPY, disk)).faults : [] };
}
