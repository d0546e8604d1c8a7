// R19: whoever changes what a compaction kept, and makes all checksums beside it right, is found out by verify.

import { hash } from "node:crypto";
import { copyFile, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { fileLedger, type FileLedgerOptions } from "../../src/ledger/file.ts";
import { ledgerFolder } from "../../src/ledger/folder.ts";
import { encodeLine, readLine } from "../../src/ledger/frame.ts";
import { keptPath } from "../../src/ledger/kept-file.ts";
import { LogFile } from "../../src/ledger/log-file.ts";
import { type LogStart, readStart, writeStart } from "../../src/ledger/log-start.ts";
import { pointBeforeSegment } from "../../src/ledger/open-log.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { PlayedLedger } from "./played-ledger.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let place: string;
let start: LogStart;

beforeEach(async () => {
  place = join(await temporaryFolder(), "ledger");
  start = await compacted(place);
});

/** A compacted ledger that is closed; where it begins. */
async function compacted(folder: string, options: FileLedgerOptions = {}): Promise<LogStart> {
  const played = new PlayedLedger(folder, { newId: () => hash("sha256", folder, "hex").slice(0, 8), ...options });
  for (let round = 1; round <= 14; round++) await played.round(round);
  await played.compact();
  for (let round = 15; round <= 20; round++) await played.round(round);
  await played.close();
  const found = await readStart(realDisk, ledgerFolder(folder));
  if (found === undefined) throw new Error("nothing was removed");
  return found;
}

/** Writes the kept file anew, of the pairs of mark and line that are given, with everything right that speaks of it. */
async function rewrite(change: (pairs: readonly string[]) => readonly string[]): Promise<void> {
  const path = keptPath(ledgerFolder(place), start);
  const [header = "", ...lines] = (await readFile(path, "utf8")).split(/(?<=\n)/);
  const pairs = lines.flatMap((line, index) => (index % 2 === 0 ? [line + (lines[index + 1] ?? "")] : []));
  expect(pairs.length).toBeGreaterThan(10);
  const changed = change(pairs);
  await replaceKept(Buffer.from([header, ...changed].join("")), changed.length);
}

async function replaceKept(bytes: Buffer, lines: number): Promise<void> {
  await writeFile(keptPath(ledgerFolder(place), start), bytes);
  const kept = { lines, bytes: bytes.length, sha256: hash("sha256", bytes, "hex") };
  await writeStart(realDisk, ledgerFolder(place), { ...start, kept });
}

async function faults(): Promise<readonly string[]> {
  return (await verifyFolder(place)).faults.map(({ file, message }) => `${file} ${message}`);
}

function altered(pair: string): string {
  const [mark = "", text = ""] = pair.split(/(?<=\n)/);
  const reading = readLine(Buffer.from(text));
  if (reading.kind !== "line") throw new Error("the line is whole before it is altered");
  return mark + encodeLine(reading.line, reading.line.body.replace("noted", "dented")).toString();
}

describe("verify tells of a kept file", () => {
  test("nothing while it is what was kept", async () => {
    expect(await faults()).toEqual([]);
    await rewrite((pairs) => pairs);
    expect(await faults()).toEqual([]);
  });

  test.for<readonly [string, (pairs: readonly string[]) => readonly string[]]>([
    ["without its first line", (pairs) => pairs.slice(1)],
    ["without its last line", (pairs) => pairs.slice(0, -1)],
    ["without lines in the middle", (pairs) => pairs.toSpliced(4, 3)],
    ["without any line", () => []],
    ["with a line twice", (pairs) => pairs.toSpliced(4, 0, pairs[4] ?? "")],
    ["with two lines exchanged", (pairs) => pairs.toSpliced(4, 2, pairs[5] ?? "", pairs[4] ?? "")],
    [
      "with lines exchanged under their marks",
      (pairs) => pairs.toSpliced(4, 2, exchanged(pairs[4], pairs[5]), exchanged(pairs[5], pairs[4])),
    ],
    ["with an altered line whose checksum is right", (pairs) => pairs.toSpliced(4, 1, altered(pairs[4] ?? ""))],
    [
      "with an address that is another one",
      (pairs) =>
        pairs.toSpliced(
          4,
          1,
          (pairs[4] ?? "").replace(/\d(?="\n)/, (digit) => String((Number(digit) + 1) % 10)),
        ),
    ],
  ])("%s", async ([, change]) => {
    await rewrite(change);
    expect(await faults()).not.toEqual([]);
  });

  test("of another ledger with the same history", async () => {
    const other = `${place}-2`;
    await compacted(other);
    const bytes = await readFile(keptPath(ledgerFolder(other), start));
    await replaceKept(bytes, start.kept.lines);
    expect(await faults()).not.toEqual([]);
  });
});

// What a compaction kept is recorded in the log, and in an encrypted one verify does not read the record.
test.fails("verify tells of a kept file of an encrypted ledger without a run that had ended", async () => {
  const key = join(place, "..", "master.key");
  await writeFile(key, "0f".repeat(32), { mode: 0o600 });
  place = `${place}-encrypted`;
  start = await compacted(place, { key: { file: key } });
  await rewrite((pairs) => pairs.filter((pair) => !pair.includes(`"run":"cut-3"`)));
  await using ledger = await fileLedger(place, { key: { file: key } }).open({ access: "read" });
  expect((await ledger.verify()).faults).not.toEqual([]);
});

describe("verify tells of a beginning", () => {
  test("that is at a later segment than the compaction said", async () => {
    const folder = ledgerFolder(place);
    const log = await LogFile.open(realDisk, folder, "read");
    const [, second] = log?.segments ?? [];
    if (log === undefined || second === undefined) throw new Error("there are several segments");
    const later = { ...(await pointBeforeSegment(log, second)), kept: start.kept };
    await log.close();
    await rename(keptPath(folder, start), keptPath(folder, later));
    await writeStart(realDisk, folder, later);
    expect(await faults()).toContain("start.json is not what the log says of the compaction that moved its beginning");
  });

  test("with a chain, a position or a group that is another one", async () => {
    const folder = ledgerFolder(place);
    for (const change of [{ chain: "A".repeat(43) }, { group: start.group + 1 }]) {
      await writeStart(realDisk, folder, { ...start, ...change });
      expect(await faults(), Object.keys(change).join()).not.toEqual([]);
    }
    const moved = { ...start, position: start.position + 1 };
    await copyFile(keptPath(folder, start), keptPath(folder, moved));
    await writeStart(realDisk, folder, moved);
    expect(await faults()).not.toEqual([]);
  });
});

/** The mark of one pair with the line of another. */
function exchanged(one = "", other = ""): string {
  return one.slice(0, one.indexOf("\n") + 1) + other.slice(other.indexOf("\n") + 1);
}
