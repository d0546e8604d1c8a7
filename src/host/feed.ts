// A feed of the log: what somebody picks of its commits, in their order, as fast as it is taken. Nothing is read ahead but one batch of the log, and nothing is forgotten: a
// consumer says how far it is done, under a name, and goes on from there.

import { InputError } from "../errors.ts";
import { assertWithin } from "../ledger/cursor.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import { keepAlive } from "./keep-alive.ts";
import type { CallOptions } from "./requests.ts";

/** From where on; from the oldest commit on when nothing is said. */
export interface FeedQuery extends CallOptions {
  /**
   * Goes on behind what was committed under this name, which is kept with the ledger: 1 to 64 lower case letters, digits, dots, dashes and underscores.
   * One consumer at a time is meant to use it. That is not watched over: two would each see changes, and the last commit would stand.
   */
  readonly cursor?: string;
  /** Only what stands behind this position, or what comes from now on (`"end"`), whatever the cursor says. */
  readonly after?: number | "end";
  /** Waits for further changes, until the signal aborts or the runtime closes, instead of ending at the last one. The process goes on as long as it waits. */
  readonly live?: boolean;
}

/**
 * The changes, one after the other, as fast as they are taken. Iterated once more it goes on behind the last one given.
 *
 * At least once: whoever commits after having done the work sees a change again when it died in between, and never misses one.
 */
export interface Feed<T> extends AsyncIterable<T> {
  /** Up to here everything was looked at: the last change given, or what was passed over since. */
  readonly position: number;
  /**
   * Everything up to a position is done, by default up to `position`: kept durably under the cursor's name.
   * @throws InputError `no_cursor` (the query names none), `not_read_yet` (a position beyond `position`, or none while nothing was read)
   */
  commit(position?: number): Promise<void>;
}

/** What a feed is read from. */
export interface FeedSource {
  readonly ledger: Ledger;
  /** @throws RunError `host_closed` */
  readonly assertOpen: () => void;
}

/** What a feed is made of. */
export interface FeedParts<T> {
  readonly query: FeedQuery;
  /** What is wrong with the rest of the query is thrown when the first change is asked for. */
  readonly check: () => void;
  /** What is given of a commit; undefined for nothing. */
  readonly pick: (entry: Entry) => T | undefined | Promise<T | undefined>;
}

/** Made once for each question. */
export class LogFeed<T> implements Feed<T> {
  readonly #ledger: Ledger;
  readonly #assertOpen: () => void;
  readonly #parts: FeedParts<T>;
  #position: number | undefined;

  constructor({ ledger, assertOpen }: FeedSource, parts: FeedParts<T>) {
    this.#ledger = ledger;
    this.#assertOpen = assertOpen;
    this.#parts = parts;
  }

  get position(): number {
    return this.#position ?? this.#ledger.oldest - 1;
  }

  async commit(given?: number): Promise<void> {
    const { cursor } = this.#parts.query;
    if (cursor === undefined)
      throw new InputError("no_cursor", "changes without a cursor have nothing to commit to", {
        fix: 'Name one: changes({ cursor: "mail" }).',
      });
    if (given === undefined && this.#position === undefined)
      throw new InputError("not_read_yet", `nothing was read of ${JSON.stringify(cursor)} yet, so nothing can be done`, {
        fix: "Commit when a change was taken: before, the mark would go back to the beginning.",
      });
    const position = given ?? this.position;
    if (!Number.isInteger(position) || position < 0 || position > this.position)
      throw new InputError("not_read_yet", `changes were read up to ${this.position}, so ${position} cannot be done`, {
        fix: "Commit the position of a change that was given.",
        details: { position, read: this.position },
      });
    await this.#ledger.cursors.put(cursor, position);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    const ledger = this.#ledger;
    const { live = false, signal } = this.#parts.query;
    this.#assertOpen();
    await ledger.refresh();
    this.#position ??= await this.#start(ledger);
    let letGo = live ? keepAlive() : undefined;
    try {
      for await (const entry of ledger.changes({ after: this.#position, live, ...(signal === undefined ? {} : { signal }) })) {
        const picked = this.#parts.pick(entry);
        // Most are known at once, and a log is long.
        const change = picked instanceof Promise ? await picked : picked;
        this.#position = entry.position;
        if (change === undefined) continue;
        // Who has taken a change is not waiting.
        letGo?.();
        yield change;
        letGo = live ? keepAlive() : undefined;
      }
    } finally {
      letGo?.();
    }
  }

  async #start(ledger: Ledger): Promise<number> {
    const { cursor, after } = this.#parts.query;
    this.#parts.check();
    if (after === "end") return ledger.position;
    if (after === undefined) return (cursor === undefined ? undefined : await ledger.cursors.get(cursor)) ?? ledger.oldest - 1;
    if (!Number.isInteger(after))
      throw new InputError("bad_position", `${after} is no position`, { fix: 'Pass a whole number from 0 on, or "end".' });
    assertWithin(after, { oldest: ledger.oldest, newest: ledger.position }, "what was asked for");
    return after;
  }
}
