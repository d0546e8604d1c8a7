// Changing the master key of a whole ledger: at any moment it opens with one of the two keys or says what to do, nothing is lost, and the old key opens nothing afterwards.

import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Disk } from "../../src/ledger/disk.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import { ledgerFolder, readCard } from "../../src/ledger/folder.ts";
import { lookAtKeys } from "../../src/ledger/key-check.ts";
import { changeMasterKey } from "../../src/ledger/key-rotation.ts";
import { readMasterKey } from "../../src/ledger/key-source.ts";
import { checkKeys, rotateKeys } from "../../src/ledger/keys.ts";
import type { LedgerPlace } from "../../src/ledger/ledger.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { seededRandom } from "./seeded-random.ts";
import { type Fault, SimulatedDisk } from "./simulated-disk.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let base: string;
let folder: string;
let old: { readonly file: string };
let fresh: { readonly file: string };

beforeEach(async () => {
  base = await temporaryFolder();
  folder = join(base, "ledger");
  old = await keyIn("old.key");
  fresh = await keyIn("new.key");
});

async function keyIn(name: string): Promise<{ readonly file: string }> {
  const file = join(base, name);
  await writeFile(file, randomBytes(32).toString("hex"), { mode: 0o600 });
  return { file };
}

async function fill(place: LedgerPlace): Promise<void> {
  await using ledger = await place.open({ access: "write" });
  for (const run of ["one", "two", "gone"]) await ledger.append([{ run, expected: 0, facts: [{ said: run }] }]);
  await ledger.erase([{ tree: "gone", runs: ["gone"] }]);
}

async function saidIn(place: LedgerPlace): Promise<readonly unknown[]> {
  await using ledger = await place.open({ access: "read" });
  const entries = [...(await ledger.read("one")), ...(await ledger.read("two")), ...(await ledger.read("gone"))];
  return entries.flatMap(({ facts }) => facts.map((fact) => fact.said ?? fact.erased));
}

const SAID = ["one", "two", true, true, true];

describe("changing the master key", () => {
  test("leaves everything readable with the new key and nothing with the old one; what was erased stays so", async () => {
    await fill(fileLedger(folder, { key: old }));
    expect(await checkKeys(folder, old)).toMatchObject({ ok: true, isChanging: false, destroyed: 1 });
    const rotated = await rotateKeys(folder, old, fresh);
    expect(rotated).toMatchObject({ folder, key: (await readMasterKey(fresh)).id, damaged: [] });
    expect(rotated.rewrapped).toBeGreaterThan(1);
    expect(await saidIn(fileLedger(folder, { key: fresh }))).toEqual(SAID);
    await expect(saidIn(fileLedger(folder, { key: old }))).rejects.toMatchObject({ code: "ledger_key_wrong" });
    await expect(checkKeys(folder, old)).rejects.toMatchObject({ code: "ledger_key_wrong" });
    expect(await checkKeys(folder, fresh)).toMatchObject({ ok: true, isChanging: false, faults: [], live: rotated.rewrapped });
    expect(await rotateKeys(folder, old, fresh)).toMatchObject({ rewrapped: 0 });
  });

  test("is refused beside a writer, with a wrong key, with the same key twice, for a plain ledger, and changes nothing then", async () => {
    const place = fileLedger(folder, { key: old });
    await fill(place);
    const third = await keyIn("third.key");
    await expect(rotateKeys(folder, third, fresh)).rejects.toMatchObject({ code: "ledger_key_wrong" });
    await expect(rotateKeys(folder, old, old)).rejects.toMatchObject({ code: "same_key" });
    await expect(rotateKeys(folder, old, { env: "NO_SUCH_KEY" })).rejects.toMatchObject({ code: "ledger_key_missing" });
    await expect(rotateKeys(join(base, "nowhere"), old, fresh)).rejects.toMatchObject({ code: "ledger_missing" });
    const writer = await place.open({ access: "write" });
    await expect(rotateKeys(folder, old, fresh)).rejects.toMatchObject({ code: "ledger_locked", details: { pid: process.pid } });
    await writer.close();
    const plain = join(base, "plain");
    await (await fileLedger(plain).open({ access: "write" })).close();
    await expect(rotateKeys(plain, old, fresh)).rejects.toMatchObject({ code: "ledger_not_encrypted" });
    await expect(checkKeys(plain, old)).rejects.toMatchObject({ code: "ledger_not_encrypted" });
    expect(await saidIn(place)).toEqual(SAID);
    expect((await readCard(realDisk, ledgerFolder(folder)))?.keys).toEqual([(await readMasterKey(old)).id]);
  });

  test("opens with one of the keys or says what to do after a death at any call of the disk, and is completed by doing it again", async () => {
    const [from, to, third] = await Promise.all([readMasterKey(old), readMasterKey(fresh), readMasterKey(await keyIn("third.key"))]);
    const outcomes = { old: 0, between: 0, fresh: 0 };
    for (const isPowerCut of [false, true]) {
      for (let atCall = 1; ; atCall++) {
        const disk = new SimulatedDisk({ random: seededRandom(atCall) });
        const on = (key: { readonly file: string }, access: Disk): LedgerPlace =>
          fileLedger("/ledger", { disk: access, key, pause: async () => undefined });
        await fill(on(old, disk.begin()));
        disk.kill();
        const fault: Fault = { kind: "death", atCall };
        const life = changeMasterKey(disk.begin(fault), "/ledger", from, to, randomBytes).then(() => true);
        const isOver = await Promise.race([disk.death.then(() => false), life]);
        if (isPowerCut) disk.cutPower();
        else disk.kill();
        const where = `death at call ${atCall}, power cut: ${isPowerCut}`;
        // One process after the other; whatever comes now is the next one.
        const next = disk.begin();
        const opened = [];
        for (const key of [old, fresh]) opened.push(await saidIn(on(key, next)).catch((error: unknown) => error));
        for (const each of opened) if (!Array.isArray(each)) expect(each, where).toMatchObject({ code: "ledger_key_wrong" });
        for (const each of opened) if (Array.isArray(each)) expect(each, where).toEqual(SAID);
        const ids = (await readCard(next, ledgerFolder("/ledger")))?.keys ?? [];
        if (ids.length > 1) {
          // A third key would leave behind what is under one of the two.
          await expect(changeMasterKey(next, "/ledger", to, third, randomBytes), where).rejects.toMatchObject({
            code: "ledger_key_wrong",
          });
          expect(await lookAtKeys(next, "/ledger", to), where).toMatchObject({ ok: false, isChanging: true });
        } else expect(Array.isArray(opened[ids[0] === to.id ? 1 : 0]), where).toBe(true);
        outcomes[ids.length > 1 ? "between" : ids[0] === to.id ? "fresh" : "old"] += 1;
        expect(await changeMasterKey(next, "/ledger", from, to, randomBytes), where).toMatchObject({ damaged: [] });
        expect(await lookAtKeys(next, "/ledger", to), where).toMatchObject({ ok: true, faults: [] });
        expect(await saidIn(on(fresh, next)), where).toEqual(SAID);
        if (isOver) break;
      }
    }
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(1);
    expect(outcomes.between).toBeGreaterThan(10);
  }, 120_000);
});
