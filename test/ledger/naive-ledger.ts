// What a ledger must say, in the simplest way that could be right: a list of all entries and, of each stream, those that are still read.

import type { Commit, DueQuery, Entry, FindQuery, Head, Receipt, StreamHead } from "../../src/ledger/ledger.ts";
import type { Ranked, RankedHead, RankQuery } from "../../src/ledger/rank.ts";

/** A stream as it is read. */
interface NaiveStream {
  readonly started: number;
  readonly startedAt: number;
  version: number;
  entries: Entry[];
  head: Head;
}

const NO_HEAD: Head = { open: true, keys: [], note: {} };

/** Is told of every commit in the order of the log. */
export class NaiveLedger {
  /** All that was ever appended. */
  readonly log: Entry[] = [];
  readonly #streams = new Map<string, NaiveStream>();

  get position(): number {
    return this.log.length;
  }

  /** Streams that there are or were. */
  get names(): ReadonlySet<string> {
    return new Set(this.log.map(({ run }) => run));
  }

  version(run: string): number {
    return this.#streams.get(run)?.version ?? 0;
  }

  /** The entry that an acknowledged commit must have become. */
  entryOf({ run, expected, facts, head, replaces }: Commit, { position, time }: Receipt): Entry {
    const { started = position, startedAt = time } = this.#streams.get(run) ?? {};
    const entry = { position, time, run, first: expected + 1, facts, ...(head === undefined ? {} : { head }) };
    return replaces === "before" || replaces === "all" ? { ...entry, replaces: { what: replaces, started, startedAt } } : entry;
  }

  take(entry: Entry): void {
    const { run, position, time, facts, head, replaces } = entry;
    this.log.push(entry);
    const stream = this.#streams.get(run) ?? { started: position, startedAt: time, version: 0, entries: [], head: NO_HEAD };
    if (replaces !== undefined) {
      stream.entries = [];
      stream.head = NO_HEAD;
    }
    stream.entries.push(entry);
    stream.version += facts.length;
    if (head !== undefined) stream.head = head;
    if (replaces?.what === "all") this.#streams.delete(run);
    else this.#streams.set(run, stream);
  }

  read(run: string, from = 1): readonly Entry[] {
    return (this.#streams.get(run)?.entries ?? []).filter(({ first, facts }) => first + facts.length > from);
  }

  head(run: string): StreamHead | undefined {
    const stream = this.#streams.get(run);
    const last = stream?.entries.at(-1);
    if (stream === undefined || last === undefined) return undefined;
    const { started, startedAt, version, head } = stream;
    return { ...head, run, version, started, position: last.position, startedAt, time: last.time };
  }

  find({ keys, open, after, newestFirst = false, limit = Number.POSITIVE_INFINITY }: FindQuery): readonly StreamHead[] {
    const found = this.#heads().filter(
      (head) =>
        keys.every((key) => head.keys.includes(key)) &&
        (open === undefined || head.open === open) &&
        (after === undefined || (newestFirst ? head.started < after : head.started > after)),
    );
    return found.sort((one, other) => (newestFirst ? other.started - one.started : one.started - other.started)).slice(0, limit);
  }

  due({ until, limit = Number.POSITIVE_INFINITY }: DueQuery): readonly StreamHead[] {
    const isDue = ({ open, due }: StreamHead): boolean => open && due !== undefined && due <= until;
    const order = (one: StreamHead, other: StreamHead): number => (one.due ?? 0) - (other.due ?? 0) || one.started - other.started;
    return this.#heads().filter(isDue).sort(order).slice(0, limit);
  }

  ranked(query: RankQuery): readonly RankedHead[] {
    return rankedIn(this.#heads(), query);
  }

  #heads(): StreamHead[] {
    return [...this.#streams.keys()].flatMap((run) => this.head(run) ?? []);
  }
}

/** What a list says, by looking at every stream. */
export function rankedIn(
  heads: readonly StreamHead[],
  { list, from, before, after, descending = false, limit }: RankQuery,
): readonly RankedHead[] {
  const all = heads.flatMap((head) => {
    const places = new Set(head.ranks?.filter((rank) => rank.list === list).map(({ place }) => place));
    return [...places].map((place) => ({ ...head, place }));
  });
  const order = (one: Ranked, other: Ranked): number =>
    (one.place < other.place ? -1 : one.place > other.place ? 1 : one.started - other.started) * (descending ? -1 : 1);
  return all
    .filter(({ place }) => (from === undefined || place >= from) && (before === undefined || place < before))
    .filter((each) => after === undefined || order(after, each) < 0)
    .sort(order)
    .slice(0, limit);
}
