// Telling a caller's clients that a run has changed, however they listen. One reader of the ledger for each run somebody listens to; what is told is only that
// there is something new: clients read the timeline for what it is. Knows no transport.

import type { RunView } from "../src/index.ts";
import type { Log } from "./log.ts";
import { runOfTimeline } from "./timeline-uri.ts";
import type { VisibleRuns } from "./visible-runs.ts";

/** Addresses one caller listens to at once. */
const SUBSCRIPTIONS_LIMIT = 256;
/** What comes within so long is told at once. */
const PAUSE_MS = 50;

/** Ends listening; doing it again changes nothing. */
export type End = () => void;

interface Watched {
  readonly listeners: Set<() => void>;
  readonly stop: AbortController;
  due: NodeJS.Timeout | undefined;
}

/** What one caller listens to. */
export class Subscriptions {
  readonly #kindling: VisibleRuns;
  readonly #log: Log;
  readonly #watched = new Map<string, Watched>();
  #count = 0;

  constructor(kindling: VisibleRuns, log: Log) {
    this.#kindling = kindling;
    this.#log = log;
  }

  /** How many there are. */
  get size(): number {
    return this.#count;
  }

  /**
   * Calls back when what is at an address has changed; undefined when there are too many already. Nothing is ever told of an address where nothing changes,
   * nor of a run that is not there for this caller: both look alike.
   */
  async subscribe(uri: string, tell: () => void): Promise<End | undefined> {
    if (this.#count >= SUBSCRIPTIONS_LIMIT) return undefined;
    this.#count += 1;
    const run = await this.#runAt(uri);
    const leave = run === undefined ? undefined : this.#join(run, tell);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#count -= 1;
      leave?.();
    };
  }

  async #runAt(uri: string): Promise<RunView | undefined> {
    const id = runOfTimeline(uri);
    try {
      return id === undefined ? undefined : await this.#kindling.get(id);
    } catch (error) {
      // It cannot be read, so there is nothing to tell of it.
      this.#log(`${uri}: ${String(error)}`);
      return undefined;
    }
  }

  #join(run: RunView, tell: () => void): End {
    const watched = this.#watched.get(run.id) ?? this.#watch(run);
    // Each is one of its own, even where the same is called for several.
    const listener = () => tell();
    watched.listeners.add(listener);
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size > 0) return;
      watched.stop.abort();
      clearTimeout(watched.due);
      if (this.#watched.get(run.id) === watched) this.#watched.delete(run.id);
    };
  }

  #watch(run: RunView): Watched {
    const watched: Watched = { listeners: new Set(), stop: new AbortController(), due: undefined };
    this.#watched.set(run.id, watched);
    void this.#follow(run, watched);
    return watched;
  }

  async #follow({ id, position }: RunView, watched: Watched): Promise<void> {
    try {
      for await (const _ of this.#kindling.changes(id, { after: position, signal: watched.stop.signal }))
        watched.due ??= setTimeout(() => {
          watched.due = undefined;
          for (const listener of watched.listeners) listener();
        }, PAUSE_MS);
    } catch (error) {
      if (!watched.stop.signal.aborted) this.#log(`${id} is watched no more: ${String(error)}`);
    } finally {
      if (this.#watched.get(id) === watched) this.#watched.delete(id);
    }
  }
}
