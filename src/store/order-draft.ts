// What an order of changes comes to, fact by fact, before any of it is recorded. Pure: how keys stand is asked for.

import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Commit } from "../ledger/ledger.ts";
import type { FactOrder } from "./change.ts";
import { type FactContent, type FactRef, hashOf, recordedFact } from "./fact.ts";
import { effectsStream, factId, streamOf } from "./names.ts";

/** How a key stands, with what is on its way to the disk. */
export interface Tip {
  version: number;
  id: string | null;
  isPresent: boolean;
  /** Orders on their way that have it. */
  uses: number;
}

/** What is known of a fact before it has its place in the ledger. */
export type UnplacedRef = Omit<FactRef, "position" | "time" | "validFrom"> & { readonly validFrom?: number };

/** Facts of one order, each on top of those before it. */
export class OrderDraft {
  readonly tips = new Map<string, Tip>();
  readonly commits: Commit[] = [];
  /** By stream: which fact has which cause, so that a cause is asked what followed from it. */
  readonly #effects = new Map<string, JsonObject[]>();
  readonly #look: (stream: string) => Tip;

  constructor(look: (stream: string) => Tip) {
    this.#look = look;
  }

  add(order: FactOrder): UnplacedRef {
    const { kind, store, key, value, version, causes, validFrom, producer } = order;
    const stream = streamOf(kind, store, key);
    const tip = this.tips.get(stream) ?? this.#look(stream);
    assertExpected(order, tip);
    const act = value === undefined ? "removed" : "written";
    const content: FactContent = {
      act,
      version,
      previous: tip.id,
      causes,
      ...(value === undefined ? {} : { value }),
      ...(validFrom === undefined ? {} : { validFrom }),
      ...(producer === undefined ? {} : { producer }),
    };
    const place = { kind, store, key, number: tip.version + 1 };
    const hash = hashOf(place, content);
    const id = factId(place, hash);
    const head = { open: false, keys: order.headKeys, note: { id, present: act === "written" } };
    this.commits.push({ run: stream, expected: tip.version, facts: [recordedFact(id, hash, content)], head });
    this.tips.set(stream, { version: place.number, id, isPresent: act === "written", uses: 0 });
    for (const cause of causes) this.#note(cause, id);
    const at = validFrom === undefined ? {} : { validFrom };
    return { id, store, key, number: place.number, act, hash, previous: tip.id, causes, producer, version, ...at };
  }

  /** What is noted with the causes: to be recorded behind all facts. */
  effects(): readonly Commit[] {
    return [...this.#effects].map(([stream, facts]) => {
      const { version } = this.#look(stream);
      this.tips.set(stream, { version: version + facts.length, id: null, isPresent: false, uses: 0 });
      return { run: stream, expected: version, facts, head: { open: false, keys: ["store-effects"], note: {} } };
    });
  }

  #note(cause: string, effect: string): void {
    const stream = effectsStream(cause);
    const noted = this.#effects.get(stream) ?? [];
    noted.push({ type: "store.effect", cause, effect });
    this.#effects.set(stream, noted);
  }
}

function assertExpected({ store, key, expect }: FactOrder, { id, isPresent }: Tip): void {
  if (expect === undefined) return;
  if (expect === "absent" ? !isPresent : expect === id) return;
  const now = isPresent ? `is ${id}` : id === null ? "was never written" : `was removed by ${id}`;
  const wanted = expect === "absent" ? "to have no value" : `to be ${expect}`;
  throw new InputError("write_conflict", `${store}: ${JSON.stringify(key)} was expected ${wanted}, and ${now}`, {
    fix: "Read it again, decide again, and expect what you read.",
    details: { store, key, expected: expect, current: id, present: isPresent },
  });
}
