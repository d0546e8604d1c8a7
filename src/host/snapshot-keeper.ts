// Keeps snapshots of long runs, so that bringing one back costs what has happened since and not its whole history (R7). They are made of durable facts alone.

import type { Ledger } from "../ledger/ledger.ts";
import type { RunState } from "../run/state.ts";
import { SNAPSHOT_FACTS } from "./snapshot.ts";
import { findRun, snapshotOf } from "./found-run.ts";

/** True when a snapshot is due: after so many facts, then whenever there are twice as many, and at rest whenever so many have come since the last. */
export function isSnapshotDue(version: number, kept: number, isAtRest: boolean): boolean {
  return version - kept >= SNAPSHOT_FACTS && (isAtRest || version >= 2 * kept);
}

/** Makes the snapshots of a host, one after the other: each takes memory while it is made. */
export class SnapshotKeeper {
  readonly #ledger: Ledger;
  readonly #wanted = new Map<string, RunState["plan"]>();
  #working: Promise<void> | undefined;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Keeps a snapshot of what is durable of a run; resolves when nothing more is to be kept. */
  keep({ id, plan }: Pick<RunState, "id" | "plan">): Promise<void> {
    this.#wanted.set(id, plan);
    this.#working ??= this.#work();
    return this.#working;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    try {
      for (const [id, plan] of this.#wanted) {
        this.#wanted.delete(id);
        // Read back, and not taken from the run in memory: that one is ahead of what is durable, and knows things that only its process needs.
        const found = await findRun(this.#ledger, id, plan);
        const snapshot = found.isSame ? snapshotOf(found, found.fold()) : undefined;
        if (snapshot !== undefined) await this.#ledger.snapshots.put(id, snapshot);
      }
    } finally {
      this.#working = undefined;
    }
  }
}
