// A list whose members leave from anywhere at the same cost: what a line of those who wait is made of. An array or a set pays for all who have left.

/** A place in a chain. */
export interface Link<T> {
  readonly item: T;
  before: Link<T> | undefined;
  behind: Link<T> | undefined;
}

/** Members in the order in which they came. */
export class Chain<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#first?.item;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let link = this.#first; link !== undefined; link = link.behind) yield link.item;
  }

  /** Takes somebody in at the end. */
  push(item: T): Link<T> {
    const link: Link<T> = { item, before: this.#last, behind: undefined };
    if (this.#last === undefined) this.#first = link;
    else this.#last.behind = link;
    this.#last = link;
    this.#size += 1;
    return link;
  }

  /** Takes somebody out; a link is removed once. */
  remove({ before, behind }: Link<T>): void {
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    this.#size -= 1;
  }
}
