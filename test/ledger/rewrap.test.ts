// Changing the master key: every key is under the new one afterwards, whatever happened on the way, and nothing is under the old one.

import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { KindlingError } from "../../src/errors.ts";
import { type Disk, readUpTo } from "../../src/ledger/disk.ts";
import { keyFaults } from "../../src/ledger/key-faults.ts";
import { destroyedSlot, SLOT_BYTES, SLOTS_PER_FILE } from "../../src/ledger/key-slots.ts";
import { rewrapKeys, type Rewrapped } from "../../src/ledger/rewrap.ts";
import { createVault, type Vault } from "../../src/ledger/vault.ts";
import { everythingOn, FOLDER, master, MASTER, open, secretIn, secretOf, siteOn, SLOTS } from "./sample-vault.ts";
import { type Fault, SimulatedDisk } from "./simulated-disk.ts";

const NEW = master(2);
/** Slots of the sample, in two files, by the tree's name. */
const LIVE: Readonly<Record<string, number>> = { one: 0, three: 2, four: SLOTS_PER_FILE - 1, five: SLOTS_PER_FILE };
const DESTROYED = 1;

describe("changing the master key", () => {
  test("leaves every key what it is, under the new one alone", async () => {
    const { disk, life, secrets, blinded } = await sample();
    const before = await everythingOn(disk, life);
    expect(await change(life)).toEqual({ rewrapped: 4, damaged: [] });
    const after = await openNew(life);
    expect(await secretsIn(after)).toEqual(secrets);
    expect(await after.keyAt(DESTROYED)).toMatchObject({ kind: "destroyed" });
    expect(after.blindKey("key")).toBe(blinded);
    await expect(open(life)).rejects.toMatchObject({ code: "ledger_key_wrong" });
    expect(await keyFaults(siteOn(life), NEW)).toEqual([]);
    for (const id of [MASTER.id, NEW.id]) {
      const bytes = Buffer.from(id, "base64url");
      expect([before.includes(bytes), (await everythingOn(disk, life)).includes(bytes)]).toEqual(
        id === MASTER.id ? [true, false] : [false, true],
      );
    }
  });

  test("does nothing the second time", async () => {
    const { disk, life } = await sample();
    await change(life);
    const before = await everythingOn(disk, life);
    expect(await change(life)).toEqual({ rewrapped: 0, damaged: [] });
    expect((await everythingOn(disk, life)).equals(before)).toBe(true);
  });

  test("is refused, with nothing changed, to whoever has not the key the ledger is under", async () => {
    const { disk, life } = await sample();
    const before = await everythingOn(disk, life);
    await expect(rewrapKeys(siteOn(life), master(3), NEW, randomBytes)).rejects.toMatchObject({ code: "ledger_key_wrong" });
    expect((await everythingOn(disk, life)).equals(before)).toBe(true);
  });

  test("passes damaged slots by and names them", async () => {
    const { disk, life, secrets } = await sample();
    disk.flipBit(SLOTS, 2 * SLOT_BYTES * 8 + 700);
    expect(await change(life)).toEqual({ rewrapped: 3, damaged: [2] });
    const after = await openNew(life);
    await expect(after.keyAt(2)).rejects.toMatchObject({ code: "ledger_damaged", details: { slot: 2 } });
    expect(await secretIn(after, "one", 0)).toBe(secrets.one);
  });

  test("completes a destruction that a crash cut short, instead of passing its key on", async () => {
    const { disk, life } = await sample();
    const [wrapped = Buffer.alloc(0)] = copiesOfFirst(await everythingOn(disk, life));
    await (await life.open(SLOTS, "update")).write(destroyedSlot(0).subarray(0, 40), 0);
    expect(await change(life)).toEqual({ rewrapped: 3, damaged: [] });
    await expectNone(disk, life, [wrapped]);
    expect(await keyFaults(siteOn(life), NEW)).toEqual([]);
    expect(await (await openNew(life)).keyAt(0)).toMatchObject({ kind: "destroyed" });
  });

  test("heals a damaged copy of the ledger's own key", async () => {
    const { disk, life, blinded } = await sample();
    disk.flipBit(`${FOLDER}/ledger-1.slot`, 900);
    await change(life);
    expect(await keyFaults(siteOn(life), NEW)).toEqual([]);
    expect((await openNew(life)).blindKey("key")).toBe(blinded);
  });

  test("leaves none of the old file in the blocks it lay in", async () => {
    const { life } = await sample();
    const old = await life.open(SLOTS, "read");
    expect((await readUpTo(old, 0, SLOT_BYTES)).equals(Buffer.alloc(SLOT_BYTES))).toBe(false);
    await change(life);
    expect((await readUpTo(old, 0, await old.size())).equals(Buffer.alloc(SLOTS_PER_FILE * SLOT_BYTES))).toBe(true);
  });
});

describe("a change of the master key that is cut short", () => {
  const faults = ["death", "sync-fails", "disk-full"] as const;
  const cases = faults.flatMap((kind) => [false, true].map((isPowerCut) => ({ kind, isPowerCut })));

  test.for(cases)("by $kind (power cut: $isPowerCut) at any write or sync is finished by doing it again", async ({ kind, isPowerCut }) => {
    let atCall = 1;
    for (; await isCutShort({ kind, atCall }, isPowerCut); atCall++);
    // A change has two copies of the ledger's key and two files to replace, each by a write, a sync, a rename and a sync of the folder.
    expect(atCall).toBeGreaterThan(16);
  });

  test("by death is durable once it was finished, although what it began was not", async () => {
    for (let atCall = 1, outcome = "dead"; outcome === "dead"; atCall++) {
      const { disk, secrets } = await sample();
      outcome = await Promise.race([change(disk.begin({ kind: "death", atCall })).then(() => "done"), disk.death.then(() => "dead")]);
      await change(disk.begin());
      disk.cutPower();
      expect(await secretsIn(await openNew(disk.begin())), `death at call ${atCall}`).toEqual(secrets);
    }
  });
});

/** Cuts a change short, looks at what is left, and changes again. False when the change was done before the fault came. */
async function isCutShort(fault: Fault, isPowerCut: boolean): Promise<boolean> {
  const { disk, secrets, blinded } = await sample();
  const outcome = await Promise.race([change(disk.begin(fault)).then(() => "done", refusal), disk.death.then(() => "dead")]);
  if (isPowerCut) disk.cutPower();
  else disk.kill();
  const life = disk.begin();
  expect(outcome).not.toMatch(/^ledger_(?:damaged|key_wrong)$/);
  await expectHalfway(life, secrets);
  // Somebody erases a tree before the change is finished: no copy of its key may be left, in a draft for one.
  const wrapped = copiesOfFirst(await everythingOn(disk, life));
  const vault = await openEither(life);
  await vault.destroy([0]);
  await expectNone(disk, life, wrapped);
  const [again] = await vault.allocate(["six"]);
  disk.cutPower();
  const last = disk.begin();
  expect(await change(last)).toMatchObject({ damaged: [] });
  const after = await openNew(last);
  expect(await secretsIn(after)).toEqual({ ...secrets, one: "destroyed" });
  expect(await secretIn(after, "six", again?.slot ?? -1)).toBe(secretOf(again));
  expect(after.blindKey("key")).toBe(blinded);
  const all = await everythingOn(disk, last);
  expect(all.includes(Buffer.from(MASTER.id, "base64url"))).toBe(false);
  await expectNone(disk, last, wrapped);
  return outcome !== "done";
}

/** The key of the first slot, as it lies wrapped in any file. */
function copiesOfFirst(content: Buffer): readonly Buffer[] {
  const slots = content.toString("latin1").matchAll(/KKS1[^]{4}\0\0\0\0[^]{52}([^]{60})/g);
  return [...slots].map(([, wrapped = ""]) => Buffer.from(wrapped, "latin1"));
}

async function expectNone(disk: SimulatedDisk, life: Disk, copies: readonly Buffer[]): Promise<void> {
  const all = await everythingOn(disk, life);
  expect(copies.length).toBeGreaterThan(0);
  for (const copy of copies) expect(all.includes(copy)).toBe(false);
}

/** With either master key the ledger is refused as a whole, or each key is right or, with the new one, refused: none is another or damaged. */
async function expectHalfway(life: Disk, secrets: Readonly<Record<string, string>>): Promise<void> {
  let opened = 0;
  for (const key of [MASTER, NEW]) {
    const vault = await open(life, { master: key, access: "read" }).catch(refusal);
    if (typeof vault === "string") expect(vault).toBe("ledger_key_wrong");
    else {
      opened += 1;
      // The old key opens all or nothing: a tree begun with it halfway would be left behind.
      const refused = key === NEW ? ["ledger_key_wrong"] : [];
      for (const [root, slot] of Object.entries(LIVE))
        expect([...refused, secrets[root]]).toContain(await secretIn(vault, root, slot).catch(refusal));
      expect(await vault.keyAt(DESTROYED)).toMatchObject({ kind: "destroyed" });
    }
  }
  expect(opened).toBeLessThan(2);
}

async function sample(): Promise<{
  readonly disk: SimulatedDisk;
  readonly life: Disk;
  readonly secrets: Readonly<Record<string, string>>;
  readonly blinded: string;
}> {
  const disk = new SimulatedDisk({ random: () => 0.3 });
  const life = disk.begin();
  await createVault(siteOn(life), MASTER, randomBytes);
  await life.syncFolder("/");
  const vault = await open(life);
  await vault.allocate(["one", "two", "three"]);
  await vault.destroy([DESTROYED, SLOTS_PER_FILE - 2]);
  await vault.allocate(["four", "five"]);
  return { disk, life, secrets: await secretsIn(vault), blinded: vault.blindKey("key") };
}

function change(life: Disk): Promise<Rewrapped> {
  return rewrapKeys(siteOn(life), MASTER, NEW, randomBytes);
}

function openNew(life: Disk): Promise<Vault> {
  return open(life, { master: NEW });
}

/** The vault with whichever master key opens it; when the change was cut short between the two copies of the ledger's key, neither does, and the change is done first. */
async function openEither(life: Disk): Promise<Vault> {
  for (const key of [MASTER, NEW]) {
    const vault = await open(life, { master: key }).catch(refusal);
    if (typeof vault !== "string") return vault;
  }
  await change(life);
  return openNew(life);
}

async function secretsIn(vault: Vault): Promise<Readonly<Record<string, string>>> {
  const secrets = Object.entries(LIVE).map(async ([root, slot]) => [root, await secretIn(vault, root, slot)] as const);
  return Object.fromEntries(await Promise.all(secrets));
}

function refusal(error: unknown): string {
  if (error instanceof KindlingError) return error.code;
  if (error instanceof Error && "code" in error) return String(error.code);
  throw error;
}
