// What several lists of a sorted map have in common: the ends of their keys that stand behind every one of some prefixes. Leaps from one candidate to the next, so that
// the shortest list sets the pace: in the others, neither what lies between nor what is gone there is looked at.

import type { Cursor, Direction } from "./cursor.ts";
import type { Tables } from "./tables.ts";

/** Sorts behind everything that a key may end with. */
const LAST = "~";

/** Key ends that stand behind all prefixes, in order, from one on; downwards, those before it. There must be a prefix. */
export function* intersection(tables: Tables, prefixes: readonly string[], from: string, direction: Direction): Generator<string> {
  const walks = prefixes.map((prefix) => new Walk(tables.cursor(direction), prefix, direction));
  const [first] = walks;
  if (first === undefined) return;
  first.seek(from);
  for (;;) {
    let target = first.rest;
    // Round and round, until all stand at the same end or one has no more.
    for (let agreed = 1, index = 1; target !== undefined && agreed < walks.length; index = (index + 1) % walks.length) {
      const rest: string | undefined = walks[index]?.reach(target);
      agreed = rest === target ? agreed + 1 : 1;
      target = rest;
    }
    if (target === undefined) return;
    if (walks.every(({ isThere }) => isThere)) yield target;
    first.reach(target);
    first.pass();
  }
}

/** A walk over the keys behind one prefix, those that are gone included. */
class Walk {
  readonly #cursor: Cursor;
  readonly #prefix: string;
  readonly #isUp: boolean;
  #isSought = false;

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

  /** False at a key that is gone. */
  get isThere(): boolean {
    return this.#cursor.value !== undefined;
  }

  seek(rest: string): void {
    this.#cursor.seek(this.#prefix + rest);
    this.#isSought = true;
  }

  /** Goes on to this end, or to the first one behind it. */
  reach(rest: string): string | undefined {
    const now = this.rest;
    const isThereAlready = this.#isSought && (now === undefined || now === rest || (this.#isUp ? now > rest : now < rest));
    if (!isThereAlready) this.seek(this.#isUp ? rest : rest + LAST);
    return this.rest;
  }

  pass(): void {
    this.#cursor.next();
  }
}
