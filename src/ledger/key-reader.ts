// Finds keys by their slot: in memory, or on the disk under the master key. Gives out none.

import type { LedgerError } from "../errors.ts";
import { takeKey } from "./cipher.ts";
import { shortName } from "./folder.ts";
import { damagedSlot, keyWrong } from "./key-refusals.ts";
import { type LiveSlot, type Slot, unwrapKey } from "./key-slots.ts";
import { Lanes } from "./lanes.ts";
import type { KeySite } from "./ledger-key.ts";
import type { MasterKey } from "./master-key.ts";
import { readSlotAt, readSlotsAt, slotFileOf } from "./slot-files.ts";
import { Recent } from "./recent.ts";
import type { TreeKey } from "./tree-key.ts";

/** Keys kept in memory: about 2 MB. */
export const KEY_CACHE_LIMIT = 4_096;

/** Slots read at a time: the lines of a page, or of a change, may be of a thousand trees. */
const READ_AT_ONCE = 32;

/** The keys of a ledger as they can be read. */
export class KeyReader {
  readonly #site: KeySite;
  readonly #master: MasterKey;
  /** Keys that were used lately, by their slot, so that not every line costs a look at the disk. */
  readonly #cache = new Recent<number, TreeKey>(KEY_CACHE_LIMIT);
  /** Slots being read, so that many lines of one tree cost one look. */
  readonly #reading = new Map<number, Promise<TreeKey | "destroyed">>();
  readonly #reads = new Lanes(READ_AT_ONCE);
  /** Rises whenever keys are forgotten, so that none that was read before is kept after it. */
  #forgotten = 0;

  constructor(site: KeySite, master: MasterKey) {
    this.#site = site;
    this.#master = master;
  }

  /** Keys in memory. */
  get cachedKeys(): number {
    return this.#cache.size;
  }

  /** The key in a slot. @throws LedgerError `ledger_damaged`, `ledger_key_wrong` */
  async keyAt(slot: number): Promise<TreeKey | "destroyed"> {
    return this.#cache.get(slot) ?? this.#reading.get(slot) ?? this.#startReading(slot);
  }

  /**
   * Takes the keys of many slots into memory by one look at each file, for whoever goes through many trees: the first `KEY_CACHE_LIMIT` of them, since no more have room.
   * What cannot be read is left for `keyAt` to tell.
   */
  async warm(slots: readonly number[]): Promise<void> {
    const forgotten = this.#forgotten;
    const wanted = slots.filter((slot) => this.#cache.get(slot) === undefined).slice(0, KEY_CACHE_LIMIT);
    const found = await readSlotsAt(this.#site.disk, this.#site.folder, wanted);
    if (forgotten !== this.#forgotten) return;
    for (const slot of found) {
      const key = slot.kind === "live" && slot.masterId === this.#master.id ? this.#open(slot) : undefined;
      if (key !== undefined) this.#cache.set(key.slot, key);
    }
  }

  /** Takes in a key that was just given out. */
  add(key: TreeKey): void {
    this.#cache.set(key.slot, key);
  }

  /** Drops keys from memory. What is being read is given to those who asked before, and not kept. */
  forget(slots: readonly number[]): void {
    this.#forgotten += 1;
    for (const slot of slots) {
      this.#cache.delete(slot);
      this.#reading.delete(slot);
    }
  }

  /** What is said when a slot does not hold what it should. */
  damaged(slot: number, reason: string): LedgerError {
    return damagedSlot(shortName(slotFileOf(this.#site.folder, slot).path), slot, reason);
  }

  #startReading(slot: number): Promise<TreeKey | "destroyed"> {
    const reading = this.#reads
      .do(() => readSlotAt(this.#site.disk, this.#site.folder, slot))
      .then((found) => {
        const key = this.#keyIn(slot, found);
        // Nobody forgot it meanwhile.
        if (key !== "destroyed" && this.#reading.get(slot) === reading) this.#cache.set(key.slot, key);
        return key;
      })
      .finally(() => {
        if (this.#reading.get(slot) === reading) this.#reading.delete(slot);
      });
    this.#reading.set(slot, reading);
    return reading;
  }

  #keyIn(number: number, slot: Slot): TreeKey | "destroyed" {
    switch (slot.kind) {
      case "destroyed":
        return "destroyed";
      case "damaged":
        throw this.damaged(number, slot.reason);
      case "blank":
        throw this.damaged(number, "it was never given out");
      case "live": {
        if (slot.masterId !== this.#master.id) throw keyWrong(`slot ${number}`, "is under another master key");
        const key = this.#open(slot);
        if (key === undefined) throw this.damaged(number, "its key does not open");
        return key;
      }
    }
  }

  #open(slot: LiveSlot): TreeKey | undefined {
    const bytes = unwrapKey(this.#site.ledger, slot, this.#master);
    return bytes === undefined ? undefined : { slot: slot.number, mark: markText(slot.mark), key: takeKey(bytes) };
  }
}

/** A mark as it stands in a `TreeKey`. */
export function markText(mark: Buffer): string {
  return mark.toString("base64url");
}
