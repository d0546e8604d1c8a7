// Snapshots in memory: for ledgers that are there.

import type { Snapshot, Snapshots } from "./ledger.ts";

/** Keeps the latest snapshot of each stream. */
export class MemorySnapshots implements Snapshots {
  readonly #snapshots = new Map<string, Snapshot>();

  async get(run: string): Promise<Snapshot | undefined> {
    return this.#snapshots.get(run);
  }

  async put(run: string, snapshot: Snapshot): Promise<void> {
    this.#snapshots.set(run, snapshot);
  }
}
