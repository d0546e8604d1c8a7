// The runs in memory. One that waits or has ended leaves as soon as nothing of it is on its way and nobody holds it; the ledger brings it back.

import type { ActiveRun } from "./active-run.ts";

/** Reads a run from the ledger; one that shall only end needs nothing that its calls need. */
export type LoadRun = (id: string, isEnding: boolean) => Promise<ActiveRun>;

/** The runs in memory, by id. */
export class Residents {
  readonly #load: LoadRun;
  readonly #runs = new Map<string, ActiveRun>();
  readonly #loading = new Map<string, Promise<ActiveRun>>();

  constructor(load: LoadRun) {
    this.#load = load;
  }

  get size(): number {
    return this.#runs.size;
  }

  all(): readonly ActiveRun[] {
    return [...this.#runs.values()];
  }

  get(id: string): ActiveRun | undefined {
    return this.#runs.get(id);
  }

  add(run: ActiveRun): void {
    this.#runs.set(run.id, run);
  }

  remove(id: string): void {
    this.#runs.delete(id);
  }

  /** Lets a run leave when nothing holds it back. */
  letGo(id: string): void {
    const run = this.#runs.get(id);
    if (run !== undefined && run.isIdle && run.state.status !== "running") this.#runs.delete(id);
  }

  /** Does something with a run, which is loaded when it is not in memory, stays there meanwhile, and goes on by itself afterwards. */
  async use<T>(id: string, work: (run: ActiveRun) => T | Promise<T>, isEnding = false): Promise<T> {
    const run = await this.#hold(id, isEnding);
    try {
      return await work(run);
    } finally {
      run.release();
      run.advance();
    }
  }

  async #hold(id: string, isEnding: boolean): Promise<ActiveRun> {
    for (;;) {
      // Also when it is there by now: who asked first is answered first. An outcome that a child told before an update must not come after it.
      const loading = this.#loading.get(id) ?? (this.#runs.has(id) ? undefined : this.#loaded(id, isEnding));
      const run = loading === undefined ? this.#runs.get(id) : await loading;
      // Others who waited for the same loading may have let it go again: G1, there is never a second one of a run.
      if (run === undefined || this.#runs.get(id) !== run) continue;
      run.hold();
      return run;
    }
  }

  #loaded(id: string, isEnding: boolean): Promise<ActiveRun> {
    const loading = this.#load(id, isEnding);
    this.#loading.set(id, loading);
    // Said first, so it comes before those who wait go on, and nobody comes in between.
    const over = () => void this.#loading.delete(id);
    loading.then(over, over);
    return loading;
  }
}
