// Follows the ledger once for everybody who waits: each change wakes those who wait for its run.

import type { Entry, Ledger } from "../ledger/ledger.ts";

/** Sees an entry of a run's tree; an error ends the waiting. */
export interface Watcher {
  readonly entry: (entry: Entry) => void;
  readonly ended: (error: unknown) => void;
}

/** Tells watchers of a root run about every commit in its tree, in order. */
export class Follower {
  readonly #ledger: Ledger;
  readonly #rootOf: (run: string) => string | undefined;
  readonly #watchers = new Map<string, Set<Watcher>>();
  #abort: AbortController | undefined;
  #end: { readonly error: unknown } | undefined;

  constructor(ledger: Ledger, rootOf: (run: string) => string | undefined) {
    this.#ledger = ledger;
    this.#rootOf = rootOf;
  }

  /** Begins to tell; the function given back ends it. */
  watch(root: string, watcher: Watcher): () => void {
    const watchers = this.#watchers.get(root) ?? new Set();
    this.#watchers.set(root, watchers.add(watcher));
    if (this.#end === undefined) this.#abort ??= this.#follow();
    else queueMicrotask(() => watcher.ended(this.#end?.error));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.#watchers.delete(root);
      if (this.#watchers.size === 0) this.#rest();
    };
  }

  /** Nothing more will come: those who wait now are told, and those who ask later. The error is the reason, when there is one. */
  close(error?: unknown): void {
    this.#end ??= { error };
    this.#rest();
    for (const watchers of [...this.#watchers.values()]) for (const watcher of [...watchers]) watcher.ended(error);
  }

  #rest(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }

  #follow(): AbortController {
    const abort = new AbortController();
    const run = async () => {
      for await (const entry of this.#ledger.changes({ after: this.#ledger.position, live: true, signal: abort.signal })) {
        const root = this.#rootOf(entry.run);
        for (const watcher of [...(this.#watchers.get(root ?? "") ?? [])]) watcher.entry(entry);
      }
    };
    // Aborted means that nobody waits any more; anything else that ends it is the end of the ledger.
    const isOver = (error?: unknown) => {
      if (!abort.signal.aborted) this.close(error);
    };
    run().then(() => isOver(), isOver);
    return abort;
  }
}
