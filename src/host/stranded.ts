// Runs that this process cannot carry on, and why: whoever waits for one is told.

import type { RunError } from "../errors.ts";

/** As many are remembered, the latest ones; whoever waits for an older one goes on waiting for a process that can carry it on. */
const STRANDED_LIMIT = 10_000;

/** Reasons by root run. */
export class Stranded {
  readonly #errors = new Map<string, RunError>();

  add(root: string, error: RunError): void {
    this.#errors.delete(root);
    this.#errors.set(root, error);
    const [oldest] = this.#errors.keys();
    if (this.#errors.size > STRANDED_LIMIT && oldest !== undefined) this.#errors.delete(oldest);
  }

  get(root: string): RunError | undefined {
    return this.#errors.get(root);
  }

  remove(root: string): void {
    this.#errors.delete(root);
  }
}
