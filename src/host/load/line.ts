// A line of those who wait for a place, fair between root runs: places go round the runs that wait, and within a run in the order in which its calls became ready. It
// knows no limits.

import { Chain, type Link } from "./chain.ts";

/** Those of one root run. */
interface Part<T> {
  readonly root: string;
  readonly members: Chain<T>;
  turn: Link<Part<T>> | undefined;
}

/** Everything costs the same however many wait, and nothing is kept of those who have left. */
export class Line<T> {
  readonly #parts = new Map<string, Part<T>>();
  /** The runs in the order of their turns: whoever had one goes to the end. */
  readonly #turns = new Chain<Part<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Whose turn it is; the same one until it leaves. */
  get first(): T | undefined {
    return this.#turns.first?.members.first;
  }

  /** How many wait, by root run, in the order of their turns. */
  *waiting(): Generator<readonly [root: string, size: number]> {
    for (const { root, members } of this.#turns) yield [root, members.size];
  }

  /** Everybody, run by run. */
  *[Symbol.iterator](): Generator<T> {
    for (const { members } of this.#turns) yield* members;
  }

  /** Joins the end of its run's part. The function given back leaves; it may be called again. */
  join(root: string, item: T): () => void {
    const part = this.#partOf(root);
    const link = part.members.push(item);
    this.#size += 1;
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      part.members.remove(link);
      this.#size -= 1;
      if (part.members.size === 0) this.#dissolve(part);
    };
  }

  /** The first one has its turn: its run goes to the end of the ring. To be called before it leaves. */
  passOn(): void {
    const part = this.#turns.first;
    if (part?.turn === undefined) return;
    this.#turns.remove(part.turn);
    part.turn = this.#turns.push(part);
  }

  #partOf(root: string): Part<T> {
    const known = this.#parts.get(root);
    if (known !== undefined) return known;
    const part: Part<T> = { root, members: new Chain(), turn: undefined };
    this.#parts.set(root, part);
    part.turn = this.#turns.push(part);
    return part;
  }

  #dissolve(part: Part<T>): void {
    this.#parts.delete(part.root);
    if (part.turn !== undefined) this.#turns.remove(part.turn);
    part.turn = undefined;
  }
}
