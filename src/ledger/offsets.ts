// Where commits lie in the log, by their positions. These ascend, mostly without gaps: what compactions removed leaves some.

import { bisect } from "./bisect.ts";
import type { Place } from "./index-layer.ts";

/** A list that grows at its end. */
export class Offsets {
  readonly #offsets: number[] = [];
  /** Stretches without a gap: the position of the first commit, and its index. */
  readonly #stretches: { readonly position: number; readonly index: number }[] = [];
  #last: number;

  /** @param base position of the commit before the first one */
  constructor(base: number) {
    this.#last = base;
  }

  /** Position of the last commit. */
  get last(): number {
    return this.#last;
  }

  get count(): number {
    return this.#offsets.length;
  }

  add({ position, offset }: Place): void {
    if (this.#stretches.length === 0 || position !== this.#last + 1) this.#stretches.push({ position, index: this.#offsets.length });
    this.#offsets.push(offset);
    this.#last = position;
  }

  /** The last commit at or before a position. */
  atOrBefore(position: number): Place | undefined {
    const at = bisect(this.#stretches.length, (index) => (this.#stretches[index]?.position ?? 0) > position) - 1;
    const stretch = this.#stretches[at];
    if (stretch === undefined) return undefined;
    const end = this.#stretches[at + 1]?.index ?? this.#offsets.length;
    const index = Math.min(stretch.index + position - stretch.position, end - 1);
    return { position: stretch.position + index - stretch.index, offset: this.#offsets[index] ?? 0 };
  }
}
