// An encrypted ledger: nothing that was said stands readable in its folder, it opens with its key only, and what is erased is gone for everybody while the chain holds.

import { randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { fileLedger, type FileLedgerOptions } from "../../src/ledger/file.ts";
import type { Commit, Head, Ledger, LedgerPlace } from "../../src/ledger/ledger.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { seededRandom } from "./seeded-random.ts";
import { type Fault, SimulatedDisk } from "./simulated-disk.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const SECRET = "the-patient-is-called-Zwetschke";

let base: string;
let folder: string;
let key: string;

beforeEach(async () => {
  base = await temporaryFolder();
  folder = join(base, "ledger");
  key = join(base, "master.key");
  await writeFile(key, randomBytes(32).toString("hex"), { mode: 0o600 });
});

const place = (options: FileLedgerOptions = {}): LedgerPlace =>
  fileLedger(folder, { key: { file: key }, segmentBytes: 4_000, indexBytes: 1_000, ...options });

function head(status: string, note: string): Head {
  return { open: status === "open", keys: [`status:${status}`, `patient:${note}`], note: { note }, due: 5 };
}

function said(run: string, expected: number, text: string, tree = run): Commit {
  return { run, tree, expected, facts: [{ text, large: text.repeat(1_500) }], head: head("open", text) };
}

async function filled(): Promise<Ledger> {
  const ledger = await place().open({ access: "write" });
  for (let number = 0; number < 6; number++) {
    await ledger.append([said("mine", number, SECRET), said("mine/child", number, SECRET, "mine"), said("other", number, "other text")]);
  }
  await ledger.blobs.put(Buffer.from(`a plan for ${SECRET}`));
  await ledger.snapshots.put("mine", { version: 6, bytes: Buffer.from(SECRET) });
  return ledger;
}

async function bytesIn(path: string): Promise<Buffer> {
  const names = await readdir(path, { recursive: true, withFileTypes: true });
  return Buffer.concat(await Promise.all(names.filter((item) => item.isFile()).map((item) => readFile(join(item.parentPath, item.name)))));
}

describe("an encrypted ledger", () => {
  test("keeps nothing readable of what was said: not in lines, blobs, index or snapshots", async () => {
    await (await filled()).close();
    const bytes = await bytesIn(folder);
    expect(bytes.length).toBeGreaterThan(100_000);
    expect(bytes.includes(SECRET)).toBe(false);
    expect(bytes.includes(Buffer.from(SECRET).toString("base64"))).toBe(false);
    expect(bytes.includes("patient:")).toBe(false);
  });

  test("gives everything back to whoever opens it with the key, and is found whole without it", async () => {
    await (await filled()).close();
    for (const access of ["write", "read"] as const) {
      await using ledger = await place().open({ access });
      expect((await ledger.read("mine")).map(({ facts }) => facts[0]?.text)).toEqual(Array.from({ length: 6 }, () => SECRET));
      expect((await ledger.read("mine")).every(({ facts }) => facts[0]?.large === SECRET.repeat(1_500))).toBe(true);
      expect(ledger.find({ keys: [`patient:${SECRET}`] }).map(({ run }) => run)).toEqual(["mine", "mine/child"]);
      expect(Buffer.from((await ledger.snapshots.get("mine"))?.bytes ?? "").toString()).toBe(SECRET);
      expect((await ledger.verify()).faults).toEqual([]);
    }
    expect(await verifyFolder(folder)).toMatchObject({ ok: true, faults: [] });
  });

  test("does not open with another key or without one, and a plain one not with a key", async () => {
    await (await filled()).close();
    await expect(fileLedger(folder).open({ access: "write" })).rejects.toMatchObject({ code: "ledger_key_missing" });
    await expect(fileLedger(folder).open({ access: "read" })).rejects.toMatchObject({ code: "ledger_key_missing" });
    const wrong = join(base, "wrong.key");
    await writeFile(wrong, randomBytes(32).toString("hex"), { mode: 0o600 });
    await expect(place({ key: { file: wrong } }).open({ access: "write" })).rejects.toMatchObject({ code: "ledger_key_wrong" });
    const plain = fileLedger(join(base, "plain"));
    await (await plain.open({ access: "write" })).close();
    await expect(fileLedger(join(base, "plain"), { key: { file: key } }).open({ access: "write" })).rejects.toMatchObject({
      code: "ledger_not_encrypted",
    });
  });
});

describe("an erased tree", () => {
  test("cannot be read by anybody, in this process or a later one, while versions, positions and the chain hold", async () => {
    const ledger = await filled();
    const reader = await place().open({ access: "read" });
    expect(await reader.read("mine")).toHaveLength(6);
    await ledger.erase([{ tree: "mine", runs: ["mine", "mine/child"] }]);
    await reader.refresh();
    for (const each of [ledger, reader]) {
      const entries = await each.read("mine");
      expect(entries.flatMap(({ facts }) => facts)).toEqual(Array.from({ length: 8 }, () => ({ erased: true })));
      expect(each.find({ keys: [`patient:${SECRET}`] })).toEqual([]);
      expect(each.find({ keys: ["ledger:erased"] }).map(({ run, open }) => [run, open])).toEqual([
        ["mine", false],
        ["mine/child", false],
      ]);
      expect((await each.read("other")).map(({ facts }) => facts[0]?.text)).toContain("other text");
      expect(await each.snapshots.get("mine")).toBeUndefined();
    }
    await reader.close();
    await ledger.close();
    await using later = await place().open({ access: "write" });
    expect(JSON.stringify([await later.read("mine"), await later.read("mine/child"), later.find({ keys: [] })])).not.toContain(SECRET);
    expect((await later.verify()).faults).toEqual([]);
    expect(later.head("mine")).toMatchObject({ version: 8, open: false, note: { erased: true } });
  });

  test("leaves no copy of its keys or of what it was found by, even for one who has the master key and the old index", async () => {
    const ledger = await filled();
    const before = new Set(await readdir(join(folder, "index")));
    await ledger.erase([{ tree: "mine", runs: ["mine", "mine/child"] }]);
    await ledger.close();
    const after = (await readdir(join(folder, "index"))).filter((name) => name.endsWith(".table"));
    expect(after.filter((name) => before.has(name))).toEqual([]);
  });

  test("is refused by a ledger without keys, with the way out", async () => {
    await using plain = await fileLedger(join(base, "plain")).open({ access: "write" });
    await expect(plain.erase([{ tree: "one", runs: ["one"] }])).rejects.toMatchObject({
      code: "ledger_not_encrypted",
      fix: expect.stringContaining("key"),
    });
  });

  test("is whole or gone after a death at any call of the disk, and erasing is gone on with", async () => {
    const outcomes = { untouched: 0, gone: 0 };
    for (const isPowerCut of [false, true]) {
      for (let atCall = 1; ; atCall++) {
        const disk = new SimulatedDisk({ random: seededRandom(atCall) });
        await fill(disk.begin());
        disk.kill();
        const life = eraseOn(disk, { kind: "death", atCall });
        const isOver = await Promise.race([disk.death.then(() => false), life]);
        if (isPowerCut) disk.cutPower();
        else disk.kill();
        await using ledger = await onDisk(disk).open({ access: "write" });
        const facts = (await ledger.read("mine")).flatMap((entry) => entry.facts);
        const isGone = facts.every(({ erased }) => erased === true);
        const isUntouched = facts.length === 3 && facts.every(({ text }) => text === SECRET);
        expect(isGone || isUntouched, `death at call ${atCall}, power cut: ${isPowerCut}`).toBe(true);
        expect((await ledger.read("other")).map((entry) => entry.facts[0]?.text)).toEqual(["other", "other", "other"]);
        expect(ledger.find({ keys: ["ledger:erasing"] })).toEqual([]);
        expect((await ledger.verify()).faults).toEqual([]);
        outcomes[isGone ? "gone" : "untouched"] += 1;
        if (isOver) break;
      }
    }
    expect(outcomes.gone).toBeGreaterThan(5);
    expect(outcomes.untouched).toBeGreaterThan(5);
  }, 120_000);
});

function onDisk(disk: SimulatedDisk, access = disk.begin()): LedgerPlace {
  return fileLedger("/ledger", { disk: access, key: { file: key }, segmentBytes: 4_000, indexBytes: 1_000, pause: async () => undefined });
}

async function fill(access: ReturnType<SimulatedDisk["begin"]>): Promise<void> {
  const ledger = await fileLedger("/ledger", { disk: access, key: { file: key }, pause: async () => undefined }).open({ access: "write" });
  for (let number = 0; number < 3; number++) {
    await ledger.append([
      { run: "mine", expected: number, facts: [{ text: SECRET }], head: head("open", SECRET) },
      { run: "other", expected: number, facts: [{ text: "other" }], head: head("open", "other") },
    ]);
  }
  await ledger.close();
}

/** True when the process lived to the end. */
async function eraseOn(disk: SimulatedDisk, fault: Fault): Promise<boolean> {
  const ledger = await onDisk(disk, disk.begin(fault)).open({ access: "write" });
  await ledger.erase([{ tree: "mine", runs: ["mine"] }]);
  await ledger.close();
  return true;
}
