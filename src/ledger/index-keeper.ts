// Brings what a writer has in memory into tables, beside its other work and in small steps, so that opening costs the youngest part of the log only.

import type { IndexFolder } from "./index-folder.ts";
import type { LogView } from "./log-view.ts";
import type { Witness } from "./witness.ts";

/** Bytes of log after which the index is brought up to date: about as much is read on opening. */
export const INDEX_BYTES = 4 * 1024 * 1024;

/** A closing writer leaves this part of that to be read by the next one. */
const LEFT_PART = 1 / 16;

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
  #work: Promise<void> | undefined;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Begins to bring the index up to date when enough is new; a failed write is told. */
  consider(onFailure: (cause: unknown) => void): void {
    if (this.#work !== undefined || this.#parts.view.unkeptBytes < this.#parts.everyBytes) return;
    this.#work = this.#keep()
      .catch(onFailure)
      .finally(() => {
        this.#work = undefined;
      });
  }

  /** The same, waited for: while the log is read for the first time. */
  async keepUp(): Promise<void> {
    if (this.#parts.view.unkeptBytes >= this.#parts.everyBytes) await this.#keep();
  }

  /** Ends the work under way. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    await this.#work;
  }

  /** The same, and brings the index up to date when much is new. */
  async close(): Promise<void> {
    await this.stop();
    if (this.#parts.view.unkeptBytes >= this.#parts.everyBytes * LEFT_PART) await this.#keep();
  }

  async #keep(): Promise<void> {
    const { folder, view, pause, witness } = this.#parts;
    const { layer, below, point } = view.freeze();
    // Tables must not reach beyond what the log is known to hold.
    await witness.reach(point);
    const slices = { pause, isOver: () => this.#isClosing };
    const index = await folder.flush(layer, below, point, slices);
    view.settle(index);
    const merged = await folder.merge(index, point, slices);
    if (merged === index) return;
    view.settle(merged);
    await folder.drop(index, merged);
  }
}
