// What several lists of a sorted map have in common: the ends of their keys that stand behind every one of some prefixes. Leaps from one candidate to the next.

import type { Cursor, Direction } from "./cursor.ts";
import type { Tables } from "./tables.ts";

/** Sorts behind everything that a key may end with. */
const LAST = "~";

/** Key ends that stand behind all prefixes, in order, from one on; downwards, those before it. There must be a prefix. */
export function* intersection(tables: Tables, prefixes: readonly string[], from: string, direction: Direction): Generator<string> {
  const walks = prefixes.map((prefix) => new Walk(tables.cursor(direction), prefix, direction));
  for (const walk of walks) walk.seek(from);
  for (;;) {
    let target = walks[0]?.rest;
    for (let index = 1; index < walks.length && target !== undefined; index++) {
      const rest: string | undefined = walks[index]?.reach(target);
      if (rest === target) continue;
      target = rest;
      index = -1;
    }
    if (target === undefined) return;
    walks[0]?.reach(target);
    yield target;
    walks[0]?.pass();
  }
}

/** A walk over the keys behind one prefix. */
class Walk {
  readonly #cursor: Cursor;
  readonly #prefix: string;
  readonly #isUp: boolean;

  constructor(cursor: Cursor, prefix: string, direction: Direction) {
    this.#cursor = cursor;
    this.#prefix = prefix;
    this.#isUp = direction === "up";
  }

  /** The end of the key it stands at. */
  get rest(): string | undefined {
    const { key } = this.#cursor;
    return key?.startsWith(this.#prefix) === true ? key.slice(this.#prefix.length) : undefined;
  }

  seek(rest: string): void {
    this.#cursor.seek(this.#prefix + rest);
    this.#skipGone();
  }

  /** Goes on to this end, or to the first one behind it. */
  reach(rest: string): string | undefined {
    const now = this.rest;
    if (now === undefined || now === rest || (this.#isUp ? now > rest : now < rest)) return now;
    this.seek(this.#isUp ? rest : rest + LAST);
    return this.rest;
  }

  pass(): void {
    this.#cursor.next();
    this.#skipGone();
  }

  #skipGone(): void {
    while (this.#cursor.key?.startsWith(this.#prefix) === true && this.#cursor.value === undefined) this.#cursor.next();
  }
}
