// What only the file ledger does: its folder, its recovery, and what it says when the disk or the folder is not as it should be.

import { appendFile, chmod, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { fileLedger } from "../../src/ledger/file.ts";
import { BLOB_LIMIT_BYTES, type Commit, type Ledger } from "../../src/ledger/ledger.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const SEGMENT = "segments/000000000001-000000000000000.jsonl";

let folder: string;
let segment: string;

beforeEach(async () => {
  folder = join(await temporaryFolder(), "deep", "ledger");
  segment = join(folder, SEGMENT);
});

describe("the folder", () => {
  test("a new ledger is a private folder with a card, a header and nothing appended", async () => {
    await (await open()).close();
    expect((await readdir(folder)).sort()).toEqual(["blobs", "index", "ledger.json", "quarantine", "segments", "snapshots", "writer.lock"]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const file of ["ledger.json", "writer.lock", SEGMENT]) expect((await stat(join(folder, file))).mode & 0o777, file).toBe(0o600);
    expect(JSON.parse(await readFile(join(folder, "ledger.json"), "utf8"))).toMatchObject({ format: "kindling-ledger", version: 1 });
  });

  test("every line of the log is JSON that ends with the commit", async () => {
    await using ledger = await open();
    await ledger.append([commit("one", 0), commit("two", 0)]);
    const lines = (await readFile(segment, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(lines.slice(1)).toMatchObject([{ 6: { run: "one", first: 1 } }, { 6: { run: "two", first: 1 } }]);
  });

  test("a relative folder is taken from the working directory of the call", () => {
    expect(fileLedger("some/ledger").location).toBe(join(process.cwd(), "some", "ledger"));
  });

  test("reading makes nothing", async () => {
    await expect(fileLedger(folder).open({ access: "read" })).rejects.toMatchObject({
      code: "ledger_missing",
      fix: expect.stringContaining("writing creates it"),
    });
    await expect(stat(folder)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("a folder others can write to is refused", async () => {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o777);
    await expect(open()).rejects.toMatchObject({ code: "ledger_unsafe", fix: `Run: chmod go-w ${folder}` });
  });

  test("a ledger of a newer format is refused", async () => {
    await filled();
    const card = join(folder, "ledger.json");
    await writeFile(card, (await readFile(card, "utf8")).replace('"version":1', '"version":2'));
    await expect(open()).rejects.toMatchObject({ code: "ledger_too_new" });
  });

  test("a missing card over a log with commits is damage, not a new ledger", async () => {
    await filled();
    await rm(join(folder, "ledger.json"));
    await expect(open()).rejects.toMatchObject({ code: "ledger_damaged", message: expect.stringContaining("ledger.json") });
  });

  test("a folder that a crash left half made is made again", async () => {
    await (await open()).close();
    await rm(join(folder, "ledger.json"));
    await using ledger = await open();
    expect(ledger.position).toBe(0);
  });

  test("an operating system that says no is quoted", async () => {
    await writeFile(join(await temporaryFolder(), "file"), "");
    await expect(fileLedger("/proc/version/ledger").open({ access: "write" })).rejects.toMatchObject({
      code: "ledger_unusable",
      name: "LedgerError",
    });
  });
});

describe("recovery", () => {
  test("a torn tail is set aside, and everything before it survives", async () => {
    await filled();
    await appendFile(segment, '["00000076","5009112f","0000');
    await using ledger = await open();
    expect(ledger.position).toBe(3);
    const [name] = await readdir(join(folder, "quarantine"));
    expect(await readFile(join(folder, "quarantine", name ?? ""), "utf8")).toBe('["00000076","5009112f","0000');
    await ledger.append([commit("one", 1)]);
    expect((await ledger.verify()).ok).toBe(true);
  });

  test("whole lines of a group that never ended are set aside, too: nobody was told of them", async () => {
    await using ledger = await open();
    await ledger.append([commit("one", 0)]);
    await Promise.all([ledger.append([commit("two", 0)]), ledger.append([commit("three", 0)])]);
    const bytes = await readFile(segment);
    await ledger.close();
    await rm(join(folder, "head.json"));
    await truncate(segment, bytes.lastIndexOf("\n", bytes.length - 2) + 1);
    await using reopened = await open();
    expect(reopened.position).toBe(1);
    expect(reopened.head("two")).toBeUndefined();
  });

  test("a reader passes over a torn tail and leaves it where it is", async () => {
    await filled();
    await appendFile(segment, '["0000');
    const before = await readFile(segment);
    await using reader = await fileLedger(folder).open({ access: "read" });
    expect(reader.position).toBe(3);
    expect(await readFile(segment)).toEqual(before);
  });

  test("damage in the middle is refused by writer and reader, with the place and the way out, and nothing is changed", async () => {
    await filled();
    const before = await corrupt(2);
    for (const access of ["write", "read"] as const) {
      await expect(fileLedger(folder).open({ access })).rejects.toMatchObject({
        code: "ledger_damaged",
        details: { file: SEGMENT, lastGood: 1, nextGood: 3 },
        fix: expect.stringContaining("kindling verify"),
      });
    }
    expect(await readFile(segment)).toEqual(before);
    expect(await readdir(join(folder, "quarantine"))).toEqual([]);
  });

  test("a log that was cleanly closed and then cut short is damaged: the witness knows", async () => {
    await filled();
    await truncate(segment, (await stat(segment)).size - 1);
    await expect(open()).rejects.toMatchObject({ code: "ledger_damaged", message: expect.stringContaining("were durable once") });
  });

  test("cut at any byte after a clean close, a log is refused", async () => {
    await filled();
    for (let size = (await stat(segment)).size - 1; size >= 0; size -= 7) {
      await truncate(segment, size);
      await expect(open(), `${size} bytes`).rejects.toMatchObject({ code: "ledger_damaged" });
    }
  });

  test("a log put back to an older state is damaged: the witness knows", async () => {
    await filled();
    const older = await readFile(segment);
    await using ledger = await open();
    await ledger.append([commit("one", 1)]);
    await ledger.close();
    await writeFile(segment, older);
    await expect(open()).rejects.toMatchObject({ code: "ledger_damaged" });
  });

  test("the segment of another ledger is refused", async () => {
    await filled();
    const other = join(await temporaryFolder(), "other");
    await (await fileLedger(other).open({ access: "write" })).close();
    await writeFile(segment, await readFile(join(other, SEGMENT)));
    await expect(open()).rejects.toMatchObject({ code: "ledger_damaged", message: expect.stringContaining("another ledger") });
  });
});

describe("verify", () => {
  test("finds damage that keeps the ledger from opening, and what is behind it", async () => {
    await filled();
    await corrupt(2);
    const report = await verifyFolder(folder);
    expect(report).toMatchObject({
      ok: false,
      commits: 2,
      faults: [{ file: SEGMENT, message: expect.stringContaining("behind commit 1") }],
    });
  });

  test("finds any flipped bit of a cleanly closed log", async () => {
    await filled();
    const bytes = await readFile(segment);
    for (let bit = 0; bit < bytes.length * 8; bit += 11) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await writeFile(segment, flipped);
      expect((await verifyFolder(folder)).ok, `bit ${bit}`).toBe(false);
    }
  });

  test("finds a blob that was changed and one that is missing", async () => {
    await using ledger = await open();
    await ledger.append([{ run: "one", expected: 0, facts: [{ a: "a".repeat(BLOB_LIMIT_BYTES), b: "b".repeat(BLOB_LIMIT_BYTES) }] }]);
    const [first, second] = await Promise.all(
      (await readdir(join(folder, "blobs"))).map(async (shelf) =>
        join(folder, "blobs", shelf, (await readdir(join(folder, "blobs", shelf)))[0] ?? ""),
      ),
    );
    await writeFile(first ?? "", "something else");
    await rm(second ?? "");
    expect((await ledger.verify()).faults).toMatchObject([
      { message: expect.stringContaining("not what the name says") },
      { position: 1, message: expect.stringContaining("missing") },
    ]);
    await expect(ledger.read("one")).rejects.toMatchObject({ code: "ledger_damaged" });
  });

  test("counts a torn tail as unfinished and not as a fault", async () => {
    await filled();
    await appendFile(segment, '["0000');
    expect(await verifyFolder(folder)).toMatchObject({ ok: true, commits: 3, unfinishedBytes: 6 });
  });

  test("says that there is no ledger", async () => {
    await expect(verifyFolder(folder)).rejects.toMatchObject({ code: "ledger_missing" });
  });
});

function open(): Promise<Ledger> {
  return fileLedger(folder).open({ access: "write", now: () => 1_000 });
}

/** Three commits, each in its own sync group, and a clean close. */
async function filled(): Promise<void> {
  const ledger = await open();
  for (const run of ["one", "two", "three"]) await ledger.append([commit(run, 0)]);
  await ledger.close();
}

/** Flips a bit in the body of the n-th commit. */
async function corrupt(position: number): Promise<Buffer> {
  const bytes = await readFile(segment);
  const at = bytes.indexOf(`"${String(position).padStart(12, "0")}"`) + 100;
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  await writeFile(segment, bytes);
  return bytes;
}

function commit(run: string, expected: number): Commit {
  return { run, expected, facts: [{ kind: "noted", number: expected + 1 }] };
}
