// Brings what a writer has in memory into tables, beside its other work and in small steps, so that opening costs the youngest part of the log only.

import { Turns } from "../turns.ts";
import type { IndexFolder, IndexPoint } from "./index-folder.ts";
import type { LogView } from "./log-view.ts";
import type { StoredIndex } from "./stored-index.ts";
import type { Witness } from "./witness.ts";

/** Bytes of log after which the index is brought up to date: about as much is read on opening. */
export const INDEX_BYTES = 8 * 1024 * 1024;

/** A closing writer leaves this part of that to be read by the next one. */
const LEFT_PART = 1 / 512;

/** A writer that is so many times ahead of its index waits for it: what a crash leaves to be read stays bounded. */
const AHEAD_TIMES = 2;

export interface KeeperParts {
  readonly folder: IndexFolder;
  readonly view: LogView;
  /** Lets everything else that waits run first. */
  readonly pause: () => Promise<void>;
  readonly witness: Witness;
  /** Bytes of log after which there is something to do. */
  readonly everyBytes: number;
}

/** Keeps the index of a writer. */
export class IndexKeeper {
  readonly #parts: KeeperParts;
  #isClosing = false;
  #keeping: Promise<void> | undefined;
  #merging: Promise<void> | undefined;
  /** The same, once this keeper has written some. */
  #point: IndexPoint | undefined;
  /** Tables change by one hand at a time. */
  readonly #turns = new Turns();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Begins to bring the index up to date when enough is new; a failed write is told. A writer far ahead is to wait for what this gives. */
  consider(onFailure: (cause: unknown) => void): Promise<void> | undefined {
    const { view, everyBytes } = this.#parts;
    if (view.unkeptBytes >= everyBytes) this.#keeping ??= this.#keep(onFailure);
    return view.unkeptBytes >= AHEAD_TIMES * everyBytes ? this.#keeping : undefined;
  }

  /** Brings the tables up to an address at least. */
  async reach(address: number): Promise<void> {
    await this.#keeping;
    if (this.#reached.offset < address) await this.#flush();
  }

  /** The same, waited for: while the log is read for the first time, and there is more of it than a crash leaves. What a crash leaves is kept beside later work. */
  async keepUp(): Promise<void> {
    const { view, everyBytes } = this.#parts;
    if (view.unkeptBytes < 2 * AHEAD_TIMES * everyBytes) return;
    await this.#flush();
    await this.#merge(false);
  }

  /** Brings everything into one new table, so that nothing is left of what was there before and is not any more. */
  async remake(): Promise<void> {
    await this.#keeping;
    await this.#merging;
    await this.#flush();
    await this.#merge(true);
  }

  /** Ends the work under way. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    await this.#keeping;
    await this.#merging;
  }

  /** The same, and brings the index up to date when much is new. */
  async close(): Promise<void> {
    await this.stop();
    const { view, everyBytes } = this.#parts;
    if (view.unkeptBytes >= everyBytes * LEFT_PART) await this.#flush();
  }

  /** How far the tables reach. */
  get #reached(): IndexPoint {
    return this.#point ?? this.#parts.view.keptPoint;
  }

  async #keep(onFailure: (cause: unknown) => void): Promise<void> {
    try {
      await this.#flush();
      // Merging takes long, and what is new meanwhile must not wait for it.
      this.#merging ??= this.#merge(false)
        .catch(onFailure)
        .finally(() => {
          this.#merging = undefined;
        });
    } catch (cause) {
      onFailure(cause);
    } finally {
      this.#keeping = undefined;
    }
  }

  /** Writes what is new as a further table. */
  #flush(): Promise<void> {
    return this.#turns.do(async () => {
      const { folder, view, pause, witness } = this.#parts;
      const { layer, below, point } = view.freeze();
      // Tables must not reach beyond what the log is known to hold.
      await witness.reach(point);
      const index = await folder.flush(layer, below, point, pause);
      this.#point = point;
      view.settle(index);
    });
  }

  /** Merges tables for as long as that is worth it, or all of them into one. */
  async #merge(isAll: boolean): Promise<void> {
    const { folder, view, pause } = this.#parts;
    const slices = { pause, isOver: () => this.#isClosing && !isAll };
    for (;;) {
      const merge = await folder.merge(view.stored, slices, isAll);
      if (merge === undefined) return;
      await this.#turns.do(() => this.#install((now, point) => folder.replace(now, point, merge)));
      if (isAll) return;
    }
  }

  async #install(replace: (now: StoredIndex, point: IndexPoint) => Promise<StoredIndex>): Promise<void> {
    const { folder, view } = this.#parts;
    const old = view.stored;
    const index = await replace(old, this.#reached);
    view.settle(index);
    await folder.drop(old, index);
  }
}
