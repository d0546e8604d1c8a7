// Names that were met lately, up to a limit: what came before counts as not met. Who goes the same way twice forgets the same names.

/** Names kept: a few megabytes. */
export const RECENT_LIMIT = 65_536;

/** The names met last. */
export class RecentNames {
  readonly #names = new Set<string>();
  readonly #limit: number;

  constructor(limit = RECENT_LIMIT) {
    this.#limit = limit;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  add(name: string): void {
    this.#names.add(name);
    if (this.#names.size <= this.#limit) return;
    // A set gives its members in the order they came in.
    for (const oldest of this.#names) {
      this.#names.delete(oldest);
      return;
    }
  }
}
