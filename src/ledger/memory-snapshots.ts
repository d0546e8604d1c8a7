// Snapshots in memory: for ledgers that are there.

import type { Snapshot, Snapshots } from "./ledger.ts";

/** Keeps the latest snapshot of each stream. */
export class MemorySnapshots implements Snapshots {
  readonly #snapshots = new Map<string, Snapshot>();

  get(run: string): Snapshot | undefined {
    return this.#snapshots.get(run);
  }

  put(run: string, snapshot: Snapshot): void {
    this.#snapshots.set(run, snapshot);
  }
}
