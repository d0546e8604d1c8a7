// Reading a log in order and, if asked, waiting for more. Shared by all ledgers; knows no files and no timers.

import { assertWithin } from "./cursor.ts";
import type { ChangesOptions, Entry } from "./ledger.ts";

/** Entries fetched at a time. */
const BATCH_ENTRIES = 256;

/** Wakes everyone who waits. */
export class Bell {
  #next = Promise.withResolvers<void>();

  /** The next ring. Take it before looking whether there is something to wait for, and nothing is missed. */
  get next(): Promise<void> {
    return this.#next.promise;
  }

  ring(): void {
    const rung = this.#next;
    this.#next = Promise.withResolvers();
    rung.resolve();
  }
}

/** A log that can be followed. */
export interface FollowedLog {
  readonly bell: Bell;
  position(): number;
  /** Position of the oldest commit from which on none is missing. */
  oldest(): number;
  isClosed(): boolean;
  /** Up to so many entries behind a position. */
  entries(after: number, limit: number): Promise<readonly Entry[]>;
  /** Looks for what others have appended. */
  refresh(): Promise<void>;
  /** Begins to ring the bell when something may have changed; the result ends it. */
  watch(): () => void;
}

/** All entries after a position; with `live` until the signal aborts or the ledger closes. @throws LedgerError `cursor_too_old` when some of them were removed */
export async function* follow(log: FollowedLog, { after, live = false, signal }: ChangesOptions): AsyncGenerator<Entry, void, undefined> {
  const isOver = (): boolean => log.isClosed() || signal?.aborted === true;
  const wake = (): void => log.bell.ring();
  const stopWatching = live ? log.watch() : undefined;
  signal?.addEventListener("abort", wake);
  try {
    let done = Math.max(0, after);
    // Without `live`, what is appended while the caller reads is not waited for.
    const last = log.position();
    while (!isOver()) {
      const next = log.bell.next;
      if (live) await log.refresh();
      if (isOver()) return;
      const oldest = log.oldest();
      if (done < oldest - 1) assertWithin(done, { oldest, newest: log.position() }, "what is asked for");
      const end = live ? log.position() : last;
      if (done < end) {
        for (const entry of await log.entries(done, Math.min(BATCH_ENTRIES, end - done))) {
          if (isOver()) return;
          yield entry;
          done = entry.position;
        }
      } else if (live) {
        await next;
      } else {
        return;
      }
    }
  } finally {
    signal?.removeEventListener("abort", wake);
    stopWatching?.();
  }
}
