// Keeps a process open to everything else in it while one question follows another: most are answered from memory, and a loop of them would let no timer and no disk come to its turn.

import { setImmediate as nextTurn } from "node:timers/promises";

/** So long may questions hold everything else up, in milliseconds. */
const HELD_MOST_MS = 10;

/** One for a runtime. */
export class FairTurn {
  /** When the first question came since everything else had its turn. */
  #since: number | undefined;

  /** Resolves at once where everything else had its turn lately. */
  async take(): Promise<void> {
    if (this.#since === undefined) {
      this.#since = performance.now();
      setImmediate(() => {
        this.#since = undefined;
      });
    } else if (performance.now() - this.#since > HELD_MOST_MS) await nextTurn();
  }
}
