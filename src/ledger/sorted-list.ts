// A list that stays in order while elements come and go, in memory: an insertion, a removal and the beginning of a walk cost the logarithm of it, also with millions of elements.
// Knows no ledger.

import { bisect } from "./bisect.ts";

/** Elements in one chunk at most: moving half of them is cheaper than walking down a tree. */
const CHUNK = 512;

/** Two neighbours with fewer elements than this together become one. */
const FEW = CHUNK / 4;

/** Elements by an order in which no two are equal. It must not be changed while somebody walks over it. */
export class SortedList<T> {
  readonly #isBefore: (one: T, other: T) => boolean;
  /** In order, and none of them empty. */
  readonly #chunks: T[][] = [];
  #size = 0;

  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#size;
  }

  /** False when one that is equal is there already: that one stays. */
  add(element: T): boolean {
    const end = this.#chunks.length - 1;
    // Most of what comes, comes last.
    const isLast = !holdsFor(this.#chunks[end]?.at(-1), (last) => !this.#isBefore(last, element));
    const at = isLast ? end : this.#chunkOf(element);
    const chunk = this.#chunks[at];
    if (chunk === undefined) this.#chunks.push([element]);
    else {
      const place = isLast ? chunk.length : this.#placeIn(chunk, element);
      if (holdsFor(chunk[place], (found) => !this.#isBefore(element, found))) return false;
      chunk.splice(place, 0, element);
      if (chunk.length > CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(isLast ? CHUNK : CHUNK / 2));
    }
    this.#size += 1;
    return true;
  }

  /** False when it is not there. */
  delete(element: T): boolean {
    const at = this.#chunkOf(element);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return false;
    const place = this.#placeIn(chunk, element);
    const found = chunk[place];
    if (found === undefined || this.#isBefore(element, found)) return false;
    chunk.splice(place, 1);
    this.#size -= 1;
    const next = this.#chunks[at + 1];
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    else if (next !== undefined && chunk.length + next.length < FEW) this.#chunks.splice(at, 2, [...chunk, ...next]);
    return true;
  }

  /** In their order, from the first one on that is not left out; `isLeftOut` holds for some at the beginning, and for none behind them. */
  *up(isLeftOut: (element: T) => boolean): Generator<T, void, undefined> {
    const chunks = this.#chunks;
    const first = bisect(chunks.length, (at) => !holdsFor(chunks[at]?.at(-1), isLeftOut));
    for (let at = first; at < chunks.length; at++) {
      const chunk = chunks[at] ?? [];
      if (at > first) yield* chunk;
      else yield* chunk.slice(bisect(chunk.length, (place) => !holdsFor(chunk[place], isLeftOut)));
    }
  }

  /** In the other order, from the last one on that is not left out; `isLeftOut` holds for some at the end, and for none before them. */
  *down(isLeftOut: (element: T) => boolean): Generator<T, void, undefined> {
    const chunks = this.#chunks;
    const last = bisect(chunks.length, (at) => holdsFor(chunks[at]?.[0], isLeftOut)) - 1;
    for (let at = last; at >= 0; at--) {
      const chunk = chunks[at] ?? [];
      const to = at < last ? chunk.length : bisect(chunk.length, (place) => holdsFor(chunk[place], isLeftOut));
      yield* chunk.slice(0, to).reverse();
    }
  }

  /** The first chunk whose last element does not stand before this one: the only one that can hold it. */
  #chunkOf(element: T): number {
    return bisect(this.#chunks.length, (at) => !holdsFor(this.#chunks[at]?.at(-1), (last) => this.#isBefore(last, element)));
  }

  #placeIn(chunk: readonly T[], element: T): number {
    return bisect(chunk.length, (place) => !holdsFor(chunk[place], (each) => this.#isBefore(each, element)));
  }
}

function holdsFor<T>(element: T | undefined, test: (element: T) => boolean): boolean {
  return element !== undefined && test(element);
}
