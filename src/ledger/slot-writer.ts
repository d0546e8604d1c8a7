// Group commit of slots: every slot that is given out or destroyed while one write and sync runs goes into the next one, and is acknowledged after it. The first failure ends it
// for good, since nobody knows what the files hold then. Knows no keys.

import type { LedgerError } from "../errors.ts";
import type { Disk } from "./disk.ts";
import { destroyedSlot, SLOT_LIMIT } from "./key-slots.ts";
import { keysBusy, slotsUsedUp } from "./key-refusals.ts";
import { stopped, stoppedBefore } from "./refusals.ts";
import { writeSlots } from "./slot-files.ts";

/** Slots written in one go. */
export const SLOT_GROUP_LIMIT = 1_024;
/** Slots that may wait to be written. Beyond, more are refused (`ledger_busy`). */
export const SLOT_QUEUE_LIMIT = 65_536;

/** Gives out slots and destroys them. One for each ledger that is open for writing. */
export class SlotWriter {
  readonly #disk: Disk;
  readonly #folder: string;
  /** Never goes back: a slot is not given out twice, whatever became of it. */
  #next: number;
  #queue: Job[] = [];
  #running: Promise<void> | undefined;
  #failure: LedgerError | undefined;

  constructor(disk: Disk, folder: string, next: number) {
    this.#disk = disk;
    this.#folder = folder;
    this.#next = next;
  }

  /** Gives out the next slot, with the bytes that `make` makes for its number; resolves to the number when they are durable. */
  async allocate(make: (slot: number) => Buffer): Promise<number> {
    this.#requireRoom();
    const slot = this.#next;
    if (slot >= SLOT_LIMIT) throw slotsUsedUp(this.#folder, SLOT_LIMIT);
    this.#next += 1;
    await this.#enqueue(slot, make(slot));
    return slot;
  }

  /** Destroys what is in some slots; resolves when nothing of it is left. Also when it seems to be gone: what is read after a crash may not be durable. */
  async destroy(slots: readonly number[]): Promise<void> {
    this.#requireRoom();
    for (const slot of slots) this.#next = Math.max(this.#next, slot + 1);
    await Promise.all(slots.map((slot) => this.#enqueue(slot, destroyedSlot(slot))));
  }

  /** Resolves when nothing waits or is being written. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  #requireRoom(): void {
    if (this.#failure !== undefined) throw stoppedBefore(this.#folder, this.#failure);
    if (this.#queue.length >= SLOT_QUEUE_LIMIT) throw keysBusy(this.#folder, SLOT_QUEUE_LIMIT);
  }

  #enqueue(slot: number, bytes: Buffer): Promise<void> {
    const durable = Promise.withResolvers<void>();
    this.#queue.push({ slot, bytes, durable });
    this.#running ??= this.#run();
    return durable.promise;
  }

  async #run(): Promise<void> {
    // Lets all calls of the same turn join the first group.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#writeGroup(this.#queue.splice(0, SLOT_GROUP_LIMIT));
    this.#running = undefined;
  }

  async #writeGroup(group: readonly Job[]): Promise<void> {
    try {
      // Of two jobs on one slot the later one counts: a slot is destroyed after it was given out.
      await writeSlots(this.#disk, this.#folder, new Map(group.map(({ slot, bytes }) => [slot, bytes])));
    } catch (cause) {
      this.#fail(cause, group);
      return;
    }
    for (const { durable } of group) durable.resolve();
  }

  #fail(cause: unknown, group: readonly Job[]): void {
    this.#failure = stopped(this.#folder, cause);
    for (const { durable } of [...group, ...this.#queue]) durable.reject(this.#failure);
    this.#queue = [];
  }
}

interface Job {
  readonly slot: number;
  readonly bytes: Buffer;
  readonly durable: PromiseWithResolvers<void>;
}
