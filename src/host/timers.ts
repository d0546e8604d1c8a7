// The timers of a host in one heap with one timer of the clock: many cost an entry each and no more.

import type { Clock, Timer } from "./clock.ts";

interface Entry {
  readonly at: number;
  /** Of several for the same time, the one that was set first comes first. */
  readonly order: number;
  readonly key: string;
  readonly fire: () => void;
}

/** Fires callbacks at or after their time, earliest first; setting a key again replaces it. */
export class Timers {
  readonly #clock: Clock;
  readonly #heap: Entry[] = [];
  readonly #current = new Map<string, Entry>();
  #armed: { readonly at: number; readonly timer: Timer } | undefined;
  #closed = false;
  #order = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(key: string, at: number, fire: () => void): void {
    if (this.#closed || this.#current.get(key)?.at === at) return;
    const entry = { at, order: (this.#order += 1), key, fire };
    this.#current.set(key, entry);
    push(this.#heap, entry);
    this.#arm();
  }

  /** How many have not fired. */
  get size(): number {
    return this.#current.size;
  }

  has(key: string, at: number): boolean {
    return this.#current.get(key)?.at === at;
  }

  /** Fires none of the rest. */
  close(): void {
    this.#closed = true;
    this.#armed?.timer.cancel();
  }

  #arm(): void {
    const next = this.#heap[0];
    if (next === undefined || this.#closed || (this.#armed !== undefined && this.#armed.at <= next.at)) return;
    this.#armed?.timer.cancel();
    this.#armed = { at: next.at, timer: this.#clock.at(next.at, () => this.#fireDue(next.at)) };
  }

  /** @param at the time that has come, whatever the clock shows now: it may have been set back */
  #fireDue(at: number): void {
    this.#armed = undefined;
    const now = Math.max(at, this.#clock.now());
    for (let entry = this.#heap[0]; entry !== undefined && entry.at <= now; entry = this.#heap[0]) {
      pop(this.#heap);
      // A replaced entry stays in the heap until its time; it is no longer the key's own and does nothing.
      if (this.#current.get(entry.key) !== entry) continue;
      this.#current.delete(entry.key);
      entry.fire();
    }
    this.#arm();
  }
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.push(entry) - 1;
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || isBefore(parent, entry)) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const right = heap[left + 1];
    const first = heap[left];
    const isRight = right !== undefined && first !== undefined && isBefore(right, first);
    const child = isRight ? right : first;
    if (child === undefined || isBefore(last, child)) break;
    heap[index] = child;
    index = isRight ? left + 1 : left;
  }
  heap[index] = last;
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at;
}
