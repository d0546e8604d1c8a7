// The keys of an encrypted ledger: one for every tree of runs, found by slot, given out, destroyed. Opens what the slot files hold; knows no lines.

import type { KeyObject } from "node:crypto";
import { KEY_BYTES, type Random, takeKey } from "./cipher.ts";
import { KeyReader, markText } from "./key-reader.ts";
import { wrapKey } from "./key-slots.ts";
import { createLedgerKey, type KeySite, type LedgerKey, openLedgerKey, repairLedgerKey } from "./ledger-key.ts";
import type { LedgerAccess } from "./ledger.ts";
import type { MasterKey } from "./master-key.ts";
import { damagedFile, readOnly } from "./refusals.ts";
import { makeKeyFolder, nextSlot, readSlots, settleKeyFolder, slotFileOf, slotFiles } from "./slot-files.ts";
import { SlotWriter } from "./slot-writer.ts";
import type { KeyReading, TreeKey } from "./tree-key.ts";

/** Trees whose new slot is remembered until the log names it. Beyond, the older half is forgotten; such a tree gets another slot if it is begun again. */
export const NEW_TREES_LIMIT = 4_096;

/** What a vault is opened with. */
export interface VaultOptions {
  readonly site: KeySite;
  readonly master: MasterKey;
  readonly random: Random;
  readonly access: LedgerAccess;
  /** The slot of a tree as far as the log names one. */
  readonly slotOf: (root: string) => number | undefined;
}

/** Makes the keys of a new ledger. What a ledger that was not finished left is replaced; keys of trees are not. */
export async function createVault(site: KeySite, master: MasterKey, random: Random): Promise<void> {
  await makeKeyFolder(site.disk, site.folder);
  if ((await slotFiles(site.disk, site.folder)).length > 0) throw damagedFile(site.folder, "holds keys of a ledger that is gone");
  await createLedgerKey(site, master, random);
}

/**
 * Opens the keys of a ledger. For writing, the caller holds its lock.
 * @throws LedgerError `ledger_key_wrong`, `ledger_damaged`
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { site, master, random, access } = options;
  if (access === "read") return new Vault(options, await openLedgerKey(site, master), undefined);
  const ledgerKey = await openLedgerKey(site, master);
  await settleKeyFolder(site.disk, site.folder);
  await repairLedgerKey(site, master, random);
  return new Vault(options, ledgerKey, new SlotWriter(site.disk, site.folder, await nextSlot(site.disk, site.folder)));
}

/** The keys of an open ledger. */
export class Vault {
  readonly #options: VaultOptions;
  readonly #ledgerKey: LedgerKey;
  readonly #writer: SlotWriter | undefined;
  readonly #keys: KeyReader;
  /** Trees whose slot is being given out, or was and is not in the log yet: asked for again, they get the same one. */
  readonly #newTrees = new Map<string, NewTree>();
  #sweepAt = NEW_TREES_LIMIT;

  constructor(options: VaultOptions, ledgerKey: LedgerKey, writer: SlotWriter | undefined) {
    this.#options = options;
    this.#ledgerKey = ledgerKey;
    this.#writer = writer;
    this.#keys = new KeyReader(options.site, options.master);
  }

  /** The key for what can be made again from the log. */
  get cacheKey(): KeyObject {
    return this.#ledgerKey.cache;
  }

  /** Keys in memory. */
  get cachedKeys(): number {
    return this.#keys.cachedKeys;
  }

  /** The key to seal the lines of a tree with: the one the log knows, or the one in the given slot. Refused when that slot is another tree's: erasing one would erase both. */
  async keyFor(root: string, slot: number | undefined = this.#options.slotOf(root)): Promise<KeyReading> {
    if (slot === undefined) return { kind: "none" };
    const reading = await this.keyAt(slot);
    if (reading.kind === "live" && reading.key.mark !== this.#markOf(root)) throw this.#keys.damaged(slot, `it is not that of ${root}`);
    return reading;
  }

  /**
   * The key to open a line or blob with, by the slot that is named there.
   * @throws LedgerError `ledger_damaged` when the slot cannot be read, `ledger_key_wrong` when it is under another master key
   */
  async keyAt(slot: number): Promise<Exclude<KeyReading, { kind: "none" }>> {
    const found = await this.#keys.keyAt(slot);
    return found === "destroyed" ? { kind: "destroyed", slot } : { kind: "live", key: found };
  }

  /** Reads the keys of many slots at once, so that `keyAt` need not look for each: for whoever goes through the log. */
  async warm(slots: readonly number[]): Promise<void> {
    await this.#keys.warm(slots);
  }

  /** Gives each tree a key of its own; resolves when they are durable. A tree whose new slot the log does not name yet keeps that one. */
  async allocate(roots: readonly string[]): Promise<readonly TreeKey[]> {
    const writer = this.#requireWriter();
    this.#forgetKnownTrees();
    return Promise.all(roots.map((root) => this.#newTrees.get(root)?.key ?? this.#allocateOne(writer, root)));
  }

  /** Destroys keys; resolves when they are gone from the disk. Nothing sealed with them can be read again by anybody. */
  async destroy(slots: readonly number[]): Promise<void> {
    const writer = this.#requireWriter();
    const { disk, folder } = this.#options.site;
    for (const path of new Set(slots.map((slot) => slotFileOf(folder, slot).path)))
      if ((await disk.inspect(path)) === undefined) throw damagedFile(path, "is missing");
    try {
      await writer.destroy(slots);
    } finally {
      // Also when it failed: the disk may have done it.
      this.forget(slots);
    }
  }

  /** Drops keys from memory: for a reader, too, that learns that the writer destroyed them. */
  forget(slots: readonly number[]): void {
    this.#keys.forget(slots);
    const gone = new Set(slots);
    for (const [root, { slot }] of this.#newTrees) if (slot !== undefined && gone.has(slot)) this.#newTrees.delete(root);
  }

  /**
   * All slots that were given to some trees and are not destroyed, also those that no line names since a crash came between; and all whose destruction a crash cut short, whoever's
   * they were. Reads every slot file.
   */
  async slotsOf(roots: readonly string[]): Promise<readonly number[]> {
    const { disk, folder } = this.#options.site;
    const marks = new Set(roots.map((root) => this.#markOf(root)));
    const found: number[] = [];
    for (const file of await slotFiles(disk, folder)) {
      for (const slot of await readSlots(disk, file)) {
        const isTheirs = slot.kind === "live" && marks.has(markText(slot.mark));
        if (isTheirs || (slot.kind === "destroyed" && !slot.whole)) found.push(slot.number);
      }
    }
    return found;
  }

  /** A string to find streams by, unreadable to those without the key; equal strings stay equal. */
  blindKey(key: string): string {
    return this.#ledgerKey.blind(key);
  }

  /** Resolves when nothing waits to be written. */
  async idle(): Promise<void> {
    await this.#writer?.idle();
  }

  #allocateOne(writer: SlotWriter, root: string): Promise<TreeKey> {
    const tree: NewTree = { key: this.#writeNew(writer, root), slot: undefined };
    this.#newTrees.set(root, tree);
    tree.key.then(
      ({ slot }) => {
        tree.slot = slot;
      },
      () => this.#newTrees.delete(root),
    );
    return tree.key;
  }

  async #writeNew(writer: SlotWriter, root: string): Promise<TreeKey> {
    const { site, master, random } = this.#options;
    const mark = this.#ledgerKey.markOf(root);
    const bytes = random(KEY_BYTES);
    const slot = await writer.allocate((number) => wrapKey({ ledger: site.ledger, number, mark }, bytes, master, random));
    const key: TreeKey = { slot, mark: markText(mark), key: takeKey(bytes) };
    this.#keys.add(key);
    return key;
  }

  /** Only when there are many, so that the cost does not grow with the number of starts that come together. */
  #forgetKnownTrees(): void {
    if (this.#newTrees.size < this.#sweepAt) return;
    for (const root of this.#newTrees.keys()) if (this.#options.slotOf(root) !== undefined) this.#newTrees.delete(root);
    for (const [root, { slot }] of this.#newTrees) {
      if (this.#newTrees.size <= NEW_TREES_LIMIT / 2) break;
      if (slot !== undefined) this.#newTrees.delete(root);
    }
    this.#sweepAt = Math.max(NEW_TREES_LIMIT, 2 * this.#newTrees.size);
  }

  #markOf(root: string): string {
    return markText(this.#ledgerKey.markOf(root));
  }

  #requireWriter(): SlotWriter {
    if (this.#writer === undefined) throw readOnly(this.#options.site.folder);
    return this.#writer;
  }
}

interface NewTree {
  readonly key: Promise<TreeKey>;
  /** Known once it is durable. */
  slot: number | undefined;
}
