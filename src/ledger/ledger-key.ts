// The ledger's own key: blinds the strings that streams are found by, and marks whose a slot is. It is wrapped like the key of a tree, so it outlives a change of the master key.
// It lies in two files, since without it every tree would be lost: keys/ledger-1.slot and keys/ledger-2.slot.

import { createHmac, type KeyObject } from "node:crypto";
import { join } from "node:path";
import type { LedgerError } from "../errors.ts";
import { deriveKey, KEY_BYTES, type Random, takeKey } from "./cipher.ts";
import { type Disk, readFile, replaceFile } from "./disk.ts";
import { LEDGER_SLOT, MARK_BYTES, readSlot, type Slot, unwrapKey, wrapKey } from "./key-slots.ts";
import type { MasterKey } from "./master-key.ts";
import { keyWrong } from "./key-refusals.ts";
import { damagedFile } from "./refusals.ts";

/** Where the keys of a ledger lie. */
export interface KeySite {
  readonly disk: Disk;
  /** The folder `keys`. */
  readonly folder: string;
  /** Id of the ledger. */
  readonly ledger: string;
}

/** What is made of the ledger's key. */
export interface LedgerKey {
  /** Seals what can be made again from the log: the index, snapshots. */
  readonly cache: KeyObject;
  /** The mark of a tree's slots. */
  markOf(root: string): Buffer;
  /** A string to find streams by, unreadable: 22 characters of base64url. Equal strings are equal blinded. */
  blind(key: string): string;
}

/** Makes a new key in a folder that has none, or the one of a ledger that was not finished. */
export async function createLedgerKey(site: KeySite, master: MasterKey, random: Random): Promise<void> {
  const key = random(KEY_BYTES);
  for (const path of copiesIn(site.folder)) await writeCopy(site, path, key, master, random);
}

/**
 * Opens the key.
 * @throws LedgerError `ledger_key_wrong`, also when one copy is under another master key: then changing it was cut short; `ledger_damaged` when no copy is whole
 */
export async function openLedgerKey(site: KeySite, master: MasterKey): Promise<LedgerKey> {
  const copies = await readCopies(site);
  for (const { path, slot } of copies) if (slot.kind === "live" && slot.masterId !== master.id) throw wrongMaster(path);
  return ledgerKeyOf(takeKey(firstWhole(site, copies, [master])));
}

/** Writes a copy again that is gone or damaged. */
export async function repairLedgerKey(site: KeySite, master: MasterKey, random: Random): Promise<void> {
  await replaceCopies(site, [master], master, random);
}

/** Wraps the key under another master key. Refused before anything is changed when it is under neither. */
export async function rewrapLedgerKey(site: KeySite, from: MasterKey, to: MasterKey, random: Random): Promise<void> {
  for (const { path, slot } of await readCopies(site)) {
    if (slot.kind === "live" && slot.masterId !== from.id && slot.masterId !== to.id) throw wrongMaster(path);
  }
  await replaceCopies(site, [to, from], to, random);
}

/** What is wrong with the copies, file by file. */
export async function ledgerKeyFaults(site: KeySite, master: MasterKey): Promise<readonly (readonly [string, string])[]> {
  return (await readCopies(site)).flatMap(({ path, slot }): readonly (readonly [string, string])[] =>
    openCopy(site, slot, [master]) === undefined ? [[path, problemOf(slot)]] : [],
  );
}

interface Copy {
  readonly path: string;
  readonly slot: Slot;
}

const NO_TREE = Buffer.alloc(MARK_BYTES);

function copiesIn(folder: string): readonly string[] {
  return [join(folder, "ledger-1.slot"), join(folder, "ledger-2.slot")];
}

async function readCopies({ disk, folder }: KeySite): Promise<readonly Copy[]> {
  const copies: Copy[] = [];
  for (const path of copiesIn(folder)) {
    const bytes = await readFile(disk, path);
    copies.push({ path, slot: bytes === undefined ? { kind: "blank" } : readSlot(bytes, LEDGER_SLOT) });
  }
  return copies;
}

async function replaceCopies(site: KeySite, masters: readonly MasterKey[], to: MasterKey, random: Random): Promise<void> {
  const copies = await readCopies(site);
  const key = firstWhole(site, copies, masters);
  for (const { path, slot } of copies) if (openCopy(site, slot, [to]) === undefined) await writeCopy(site, path, key, to, random);
  key.fill(0);
}

async function writeCopy(site: KeySite, path: string, key: Uint8Array, master: MasterKey, random: Random): Promise<void> {
  await replaceFile(site.disk, path, wrapKey({ ledger: site.ledger, number: LEDGER_SLOT, mark: NO_TREE }, key, master, random));
}

function firstWhole(site: KeySite, copies: readonly Copy[], masters: readonly MasterKey[]): Buffer {
  for (const { slot } of copies) {
    const key = openCopy(site, slot, masters);
    if (key !== undefined) return key;
  }
  const [first] = copies;
  throw damagedFile(
    site.folder,
    first === undefined ? "holds no key of the ledger" : `the ledger's own key is lost: ${problemOf(first.slot)}`,
  );
}

function openCopy({ ledger }: KeySite, slot: Slot, masters: readonly MasterKey[]): Buffer | undefined {
  if (slot.kind !== "live") return undefined;
  const master = masters.find(({ id }) => id === slot.masterId);
  return master === undefined ? undefined : unwrapKey(ledger, slot, master);
}

function problemOf(slot: Slot): string {
  switch (slot.kind) {
    case "blank":
      return "the file is missing or empty";
    case "damaged":
      return slot.reason;
    case "destroyed":
      return "it was destroyed";
    case "live":
      return "it does not open";
  }
}

function wrongMaster(path: string): LedgerError {
  return keyWrong(path, "is under another master key");
}

function ledgerKeyOf(key: KeyObject): LedgerKey {
  const marks = deriveKey(key, "kindling marks of trees");
  const names = deriveKey(key, "kindling keys of streams");
  const cache = deriveKey(key, "kindling cache");
  return {
    cache,
    markOf: (root) => createHmac("sha256", marks).update(root).digest(),
    blind: (name) => createHmac("sha256", names).update(name).digest().toString("base64url", 0, BLIND_BYTES),
  };
}

/** Half a hash: two of 2^32 different strings are alike by a chance of 1 in 2^65. */
const BLIND_BYTES = 16;
