// Follows the ledger once for everybody who waits: each change wakes those who wait for its run. Who only wants to look again is woken by the host, where
// there is one: then nothing is read back from the disk for it.

import { LedgerError } from "../errors.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import { keepAlive } from "./keep-alive.ts";

/** Is told of every commit in a run's tree; an error ends the waiting. */
export interface Looker {
  readonly changed: () => void;
  readonly ended: (error: unknown) => void;
}

/** Sees every entry of a run's tree, in order. */
export interface Watcher {
  readonly entry: (entry: Entry) => void;
  /** Some entries will never be seen: they left the disk. Whoever needs them all leaves this out, and is ended. */
  readonly missed?: () => void;
  readonly ended: (error: unknown) => void;
}

/** By whom changes are made. */
export interface FollowedBy {
  /** A host in this process calls `nudge` for every commit. */
  readonly isNudged: boolean;
  /** Other processes hand to this one what runs wait for: it stays for as long as somebody waits. */
  readonly isHandedTo: boolean;
}

/** Tells those who wait for a root run about every commit in its tree. */
export class Follower {
  readonly #ledger: Ledger;
  readonly #rootOf: (run: string) => string | undefined;
  readonly #by: FollowedBy;
  readonly #watchers = new Map<string, Set<Watcher>>();
  readonly #lookers = new Map<string, Set<Looker>>();
  #abort: AbortController | undefined;
  #letGo: (() => void) | undefined;
  #end: { readonly error: unknown } | undefined;

  constructor(ledger: Ledger, rootOf: (run: string) => string | undefined, by: FollowedBy) {
    this.#ledger = ledger;
    this.#rootOf = rootOf;
    this.#by = by;
  }

  /** Begins to tell; the function given back ends it. */
  watch(root: string, watcher: Watcher): () => void {
    const leave = this.#join(this.#watchers, root, watcher);
    if (this.#end === undefined) this.#abort ??= this.#follow();
    else queueMicrotask(() => watcher.ended(this.#end?.error));
    return () => {
      leave();
      if (this.#watchers.size === 0) this.#rest();
    };
  }

  /** Begins to say that something has changed; the function given back ends it. */
  look(root: string, looker: Looker): () => void {
    if (!this.#by.isNudged) return this.watch(root, { entry: looker.changed, missed: looker.changed, ended: looker.ended });
    if (this.#end !== undefined) queueMicrotask(() => looker.ended(this.#end?.error));
    return this.#join(this.#lookers, root, looker);
  }

  /** A commit in the tree of a root run is durable. */
  nudge(root: string): void {
    for (const looker of this.#lookers.get(root) ?? []) looker.changed();
  }

  /** Nothing more will come: those who wait now are told, and those who ask later. The error is the reason, when there is one. */
  close(error?: unknown): void {
    this.#end ??= { error };
    this.#rest();
    this.#stay();
    const waiting = [...this.#watchers.values(), ...this.#lookers.values()].flatMap((each): readonly Pick<Looker, "ended">[] => [...each]);
    for (const each of waiting) each.ended(error);
  }

  /** Adds somebody who waits; the function given back takes him out again. */
  #join<T>(waiting: Map<string, Set<T>>, root: string, who: T): () => void {
    const leave = join(waiting, root, who);
    this.#stay();
    return () => {
      leave();
      this.#stay();
    };
  }

  /** Keeps the process alive while somebody waits, and no longer. */
  #stay(): void {
    const isWaitedFor = this.#end === undefined && this.#watchers.size + this.#lookers.size > 0;
    if (isWaitedFor && this.#by.isHandedTo) this.#letGo ??= keepAlive();
    else {
      this.#letGo?.();
      this.#letGo = undefined;
    }
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
        for (const watcher of this.#watchers.get(root ?? "") ?? []) watcher.entry(entry);
      }
    };
    // Aborted means that nobody waits any more; anything else that ends it is the end of the ledger.
    const isOver = (error?: unknown) => {
      if (abort.signal.aborted) return;
      if (error instanceof LedgerError && error.code === "cursor_too_old") this.#goOnBehind(error);
      else this.close(error);
    };
    run().then(() => isOver(), isOver);
    return abort;
  }

  /** A compaction has overtaken this process: it goes on with what there is. */
  #goOnBehind(error: LedgerError): void {
    this.#abort = undefined;
    for (const each of [...this.#watchers.values()].flatMap((all) => [...all])) {
      if (each.missed === undefined) each.ended(error);
      else each.missed();
    }
    if (this.#watchers.size > 0) this.#abort ??= this.#follow();
  }
}

/** Adds somebody who waits for a root; the function given back takes him out again. */
function join<T>(waiting: Map<string, Set<T>>, root: string, who: T): () => void {
  const all = waiting.get(root) ?? new Set();
  waiting.set(root, all.add(who));
  return () => {
    all.delete(who);
    if (all.size === 0) waiting.delete(root);
  };
}
