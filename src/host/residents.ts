// The runs in memory. One that waits or has ended leaves as soon as nothing of it is on its way and nobody holds it; the ledger brings it back.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { ActiveRun } from "./active-run.ts";
import { givenBy, type GivenOutputs, RecentOutputs } from "./recent-outputs.ts";

/** Reads a run from the ledger; one that shall only end needs nothing that its calls need. */
export type LoadRun = (id: string, isEnding: boolean) => Promise<ActiveRun>;

/** How often is looked whether a run has left that must; each look waits for what is on its way to the disk. */
const SHUT_LOOKS = 100;

/** The runs in memory, by id. */
export class Residents {
  readonly #load: LoadRun;
  readonly #runs = new Map<string, ActiveRun>();
  readonly #loading = new Map<string, Promise<ActiveRun>>();
  readonly #outputs = new RecentOutputs();
  /** Roots of which nobody gets a run any more, and what whoever wants one is told. */
  readonly #shut = new Map<string, (root: string) => Error>();

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

  /** What a run gave that is in memory or was a moment ago. It may be ahead of the ledger. */
  outputsOf(id: string): GivenOutputs | undefined {
    const run = this.#runs.get(id);
    return run === undefined ? this.#outputs.of(id) : givenBy(run.state);
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
    if (run === undefined || !run.isIdle || run.state.status === "running") return;
    this.#runs.delete(id);
    this.#outputs.note(run.state);
  }

  /** From now on nobody gets a run of this tree. Resolves when nobody has one; with false when somebody keeps one, or has shut it: then the tree is as it was. */
  async shut(root: string, refusal: (root: string) => Error): Promise<boolean> {
    if (this.#shut.has(root)) return false;
    this.#shut.set(root, refusal);
    for (let look = 0; look < SHUT_LOOKS; look++) {
      const left = this.all().filter(({ state }) => state.root === root);
      if (left.length === 0) {
        this.#outputs.forget(root);
        return true;
      }
      await Promise.all(left.map((run) => run.durable()));
      await nextTurn();
      for (const { id } of left) this.letGo(id);
    }
    this.#shut.delete(root);
    return false;
  }

  /** Resolves when those who began to read before are told, too. */
  async reopen(root: string): Promise<void> {
    await Promise.allSettled(this.#loading.values());
    this.#shut.delete(root);
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
      const refusal = this.#shut.get(run.state.root);
      if (refusal !== undefined) {
        this.letGo(id);
        throw refusal(run.state.root);
      }
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
