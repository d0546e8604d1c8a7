// A store or a history by its name, as it was recorded: what can be told of it without its definition. Knows no schemas and no indexes.

import type { Page } from "../host/client.ts";
import type { AsOf } from "../ledger/moment.ts";
import type { RawFact } from "./fact.ts";
import { type Asked, factOf, factsOf, keyIn } from "./fact-reader.ts";
import { type GetOptions, whenOf } from "./handle.ts";
import { headsInTurns } from "./heads.ts";
import { factsKept, keyNoteOf, latestPlaceOf } from "./key-note.ts";
import { headKeys, streamOf } from "./names.ts";
import { nextOf, pageOf, type PageOptions } from "./page.ts";
import type { StoreName } from "./summary.ts";

/** A key of a store, or a part of a history, in summary. */
export interface KeySummary {
  /** Empty for a history that has no parts. */
  readonly key: string;
  /** How many facts there are of it: without those that were given up. */
  readonly facts: number;
  /** False for a key that was removed. */
  readonly isPresent: boolean;
  /** Of its latest fact; null where that was erased. */
  readonly id: string | null;
  readonly position: number;
  readonly time: number;
}

/** How large a store is. */
export interface StoreSize {
  /** Keys there ever were; of a history its parts. */
  readonly keys: number;
  /** Those that have a value. */
  readonly present: number;
  readonly facts: number;
  /** Place and time of its latest fact; null where there is none. */
  readonly latest: { readonly position: number; readonly time: number } | null;
  /** False when there are more keys than were counted: the rest is about those that were. */
  readonly isWhole: boolean;
}

/** Keys counted when nobody says how many. */
const COUNTED_KEYS = 10_000;

/** Reads of one store. All see what is durable. */
export class RecordedStore {
  readonly #store: StoreName;
  readonly #asked: () => Promise<Asked>;

  constructor(store: StoreName, asked: () => Promise<Asked>) {
    this.#store = store;
    this.#asked = asked;
  }

  /** The fact that counts for a key, a removal too; undefined for none. @throws InputError `bad_as_of`, `as_of_ahead`, `bad_valid_time` */
  async get(key: string, options: GetOptions = {}): Promise<RawFact | undefined> {
    return factOf(await this.#asked(), this.#stream(key), whenOf(options));
  }

  /** All facts of a key or a part, oldest first. @throws InputError `bad_limit`, `bad_cursor`, `bad_as_of`, `as_of_ahead` */
  async history(key: string, options: PageOptions & { readonly asOf?: AsOf } = {}): Promise<Page<RawFact>> {
    const { asOf } = options;
    const asked = await this.#asked();
    const part = pageOf(options, asked.ledger, ["facts", this.#stream(key), asOf]);
    const { limit, newestFirst, after } = part;
    const query = { newestFirst, limit: limit + 1, ...after, ...(asOf === undefined ? {} : { asOf }) };
    const facts = await factsOf(asked, this.#stream(key), query);
    const items = facts.slice(0, limit);
    return { items, cursor: nextOf(part, facts, items.at(-1)?.number) };
  }

  /** Keys there ever were, in the order in which they were first written. @throws InputError `bad_limit`, `bad_cursor` */
  async keys(options: PageOptions = {}): Promise<Page<KeySummary>> {
    const { ledger } = await this.#asked();
    const { kind, name } = this.#store;
    const part = pageOf(options, ledger, ["keys", kind, name]);
    const { limit, newestFirst, after } = part;
    const heads = ledger.find({ keys: [headKeys.all(kind, name)], newestFirst, limit: limit + 1, ...after });
    const items = heads.slice(0, limit).map((head) => {
      const note = keyNoteOf(head);
      const { id, isPresent } = note;
      return { key: keyIn(kind, name, head.run), facts: factsKept(note), isPresent, id, ...latestPlaceOf(head) };
    });
    return { items, cursor: nextOf(part, heads, heads[limit - 1]?.started) };
  }

  /** How large it is, counted by its keys up to so many. Costs a look at the head of each. */
  async size(keys = COUNTED_KEYS): Promise<StoreSize> {
    const { ledger } = await this.#asked();
    const { kind, name } = this.#store;
    const size = { keys: 0, present: 0, facts: 0, isWhole: true };
    let latest: StoreSize["latest"] = null;
    for await (const head of headsInTurns(ledger, headKeys.all(kind, name), { newestFirst: true })) {
      if (size.keys === keys) return { ...size, latest, isWhole: false };
      const at = latestPlaceOf(head);
      if (latest === null || at.position > latest.position) latest = at;
      size.keys += 1;
      const note = keyNoteOf(head);
      size.present += note.isPresent ? 1 : 0;
      size.facts += factsKept(note);
    }
    return { ...size, latest };
  }

  #stream(key: string): string {
    return streamOf(this.#store.kind, this.#store.name, key);
  }
}
