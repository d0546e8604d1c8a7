// Which boundaries may give up their details, and what keeps the others from it. Changes nothing.

import { BLOB_LIMIT_BYTES, type Ledger } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import type { BoundaryAt, BoundaryRecord, BoundaryStatus } from "./boundary.ts";
import { effectNotes } from "./effects.ts";
import { ORDER_LIMIT_BYTES } from "./fact-writer.ts";
import { closersOf, holdersOf } from "./hold.ts";
import { SHOWN_LIMIT } from "./keeping.ts";
import { keyNoteOf } from "./key-note.ts";
import { placeOf, streamOf } from "./names.ts";
import type { Written } from "./value.ts";

/** A boundary whose details go. */
export interface ReadyBoundary extends BoundaryAt {
  /** Facts whose values go. */
  readonly facts: number;
  /** Ids of those that stay: each is the latest of its key, or another boundary holds it. */
  readonly stays: readonly string[];
  /** The other boundaries that hold some of them, as receipts name boundaries: they go with the last of these. Left out where there are none. */
  readonly heldBy?: readonly string[];
}

/** A boundary whose details stay. */
export interface BlockedBoundary extends BoundaryAt {
  /** `open`: it was not closed. `not_settled`: nothing proves its result yet. `referenced`: facts outside of it rest on its details, and `redirect` was not said. */
  readonly reason: "open" | "not_settled" | "referenced";
  /** The first 10 ids of what refers to it. */
  readonly by: readonly string[];
}

/** What would go. */
export interface BoundaryPlan {
  /** SHA-256 over all that would go. */
  readonly hash: string;
  /** At most 200, fewer of those with many facts: what is over that is for the next plan. */
  readonly ready: readonly ReadyBoundary[];
  /** The first 1,000 of those that were looked at. */
  readonly blocked: readonly BlockedBoundary[];
}

/** What goes, with the records that say so. */
export type PlannedBoundaries = BoundaryPlan & { readonly going: readonly Written<BoundaryRecord>[] };

/** Boundaries that are done in one go: their beginning is one change, */
const READY_MOST = 200;
/** in which their records stand again, with what they are found by. What is large of them stands beside the log. */
const READY_BYTES = ORDER_LIMIT_BYTES * 0.75;
const REFERENCES_SHOWN = 10;

/** A plan while boundaries are looked at, one by one. */
export class BoundaryDraft {
  readonly #ledger: Ledger;
  readonly #redirect: boolean;
  readonly #going: Written<BoundaryRecord>[] = [];
  readonly #ready: ReadyBoundary[] = [];
  readonly #blocked: BlockedBoundary[] = [];
  /** Those before it in the plan hold nothing any more when it is its turn. */
  readonly #released = new Set<string>();
  #bytes = 0;
  #isFull = false;

  /** @param redirect lets references from outside lead to the boundary */
  constructor(ledger: Ledger, redirect: boolean) {
    this.#ledger = ledger;
    this.#redirect = redirect;
  }

  /** True when nothing more of such boundaries would come into it. */
  isDoneWith(status: BoundaryStatus): boolean {
    return status === "settled" || status === "compacting" ? this.#isFull : this.#blocked.length === SHOWN_LIMIT;
  }

  async look(record: Written<BoundaryRecord>): Promise<void> {
    const { subject, period, status, inputs } = record.value;
    if (status === "compacted" || this.isDoneWith(status)) return;
    const by = status === "settled" && !this.#redirect ? await referencesTo(this.#ledger, record) : [];
    const reason = status === "open" ? "open" : status === "closed" ? "not_settled" : by.length > 0 ? "referenced" : undefined;
    if (reason !== undefined) {
      if (this.#blocked.length < SHOWN_LIMIT) this.#blocked.push({ subject, period, reason, by });
      return;
    }
    this.#bytes += Math.min(Buffer.byteLength(JSON.stringify(record.value)), BLOB_LIMIT_BYTES) + RECORD_BYTES;
    this.#isFull = this.#going.length > 0 && this.#bytes > READY_BYTES;
    if (this.#isFull) return;
    this.#released.add(streamOf("store", record.store, record.key));
    const heldBy = new Set<string>();
    const stays = inputs.filter((id) => {
      const others = holdersBut(this.#ledger, id, this.#released);
      for (const other of others) heldBy.add(other);
      return others.length > 0 || isLatest(this.#ledger, id);
    });
    const held = heldBy.size === 0 ? {} : { heldBy: [...heldBy] };
    this.#ready.push({ subject, period, facts: inputs.length - stays.length, stays, ...held });
    this.#going.push(record);
    this.#isFull = this.#going.length === READY_MOST;
  }

  end(): PlannedBoundaries {
    const hash = sha256(`boundaries ${[...this.#going.map(({ id }) => id), ...this.#ready.flatMap(({ stays }) => stays)].join("\n")}`);
    return { hash, ready: this.#ready, blocked: this.#blocked, going: this.#going };
  }
}

/** What the log says of a record besides its value. */
const RECORD_BYTES = 1024;

function holdersBut(ledger: Ledger, id: string, released: ReadonlySet<string>): readonly string[] {
  const place = placeOf(id);
  if (place === undefined) return [];
  const holders = holdersOf(ledger, streamOf(place.kind, place.store, place.key), place.number);
  return holders.filter((boundary) => !released.has(boundary));
}

function isLatest(ledger: Ledger, id: string): boolean {
  const place = placeOf(id);
  return place !== undefined && keyNoteOf(ledger.head(streamOf(place.kind, place.store, place.key))).number === place.number;
}

/** Facts that rest on the details of a boundary and are neither among them nor records of a boundary that closed them: such a one holds what it rests on itself, or has given it up. */
async function referencesTo(ledger: Ledger, { store, value: { inputs } }: Written<BoundaryRecord>): Promise<readonly string[]> {
  const details = new Set(inputs);
  const streams = new Set(inputs.flatMap((id) => placeOf(id) ?? []).map(({ kind, store: of, key }) => streamOf(kind, of, key)));
  const found = new Set<string>();
  for (const stream of streams) {
    const closers = new Set(closersOf(ledger, stream));
    for await (const { cause, effect } of effectNotes(ledger, stream)) {
      const place = placeOf(effect);
      const isRecord = place !== undefined && (place.store === store || closers.has(streamOf(place.kind, place.store, place.key)));
      if (details.has(cause) && !details.has(effect) && !isRecord) found.add(effect);
    }
  }
  return [...found].slice(0, REFERENCES_SHOWN);
}
