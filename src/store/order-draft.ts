// What an order of changes comes to, fact by fact, before any of it is recorded. Pure: how keys stand is asked for.

import { BugError, InputError, RunError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Commit } from "../ledger/ledger.ts";
import type { FactOrder } from "./change.ts";
import { EFFECTS_HEAD } from "./effects.ts";
import { type FactContent, type FactRef, hashOf, recordedFact } from "./fact.ts";
import type { ForeignFact } from "./exported-fact.ts";
import { assertFollows, begunLater } from "./follow-fact.ts";
import { type KeyNote, keyNote } from "./key-note.ts";
import { effectsStream, factId, NAMES_KEY, nameStream, streamOf } from "./names.ts";

/** How a stream stands, with what is on its way to the disk; what is said of a key only that of one tells. */
export interface Tip extends KeyNote {
  readonly version: number;
  /** Orders on their way that have it. */
  uses: number;
}

/** How a stream that is no key's stands. */
export function plainTip(version: number): Tip {
  return { version, number: 0, id: null, isPresent: false, valueVersion: 1, cut: undefined, erased: 0, uses: 0 };
}

/** What is known of a fact before it has its place in the ledger. */
export type UnplacedRef = Omit<FactRef, "position" | "time" | "validFrom"> & { readonly validFrom?: number };

/** Facts of one order, each on top of those before it. */
export class OrderDraft {
  readonly tips = new Map<string, Tip>();
  readonly commits: Commit[] = [];
  /** By stream: which fact has which cause, so that a cause is asked what followed from it. */
  readonly #effects = new Map<string, JsonObject[]>();
  readonly #stores = new Map<string, JsonObject>();
  readonly #look: (stream: string) => Tip;

  constructor(look: (stream: string) => Tip) {
    this.#look = look;
  }

  add(order: FactOrder): UnplacedRef {
    const { kind, store, key, value, version, causes, validFrom, producer, derivation } = order;
    const stream = streamOf(kind, store, key);
    const before = this.tips.get(stream) ?? this.#look(stream);
    assertExpected(order, before);
    assertNotNewer(order, before);
    const tip = order.foreign === undefined ? before : this.#follow(stream, order.foreign, before);
    const act = order.foreign?.act ?? (value === undefined ? "removed" : "written");
    const content: FactContent = {
      act,
      version,
      previous: tip.id,
      causes,
      ...(value === undefined ? {} : { value }),
      ...(validFrom === undefined ? {} : { validFrom }),
      ...(producer === undefined ? {} : { producer }),
      ...(derivation === undefined ? {} : { derivation }),
    };
    const place = { kind, store, key, number: tip.number + 1 };
    const hash = order.foreign?.givenUp === undefined ? hashOf(place, content) : order.foreign.hash;
    const id = factId(place, hash);
    if (order.foreign !== undefined && order.foreign.id !== id)
      throw new BugError(`${order.foreign.id} of another ledger was to be recorded as ${id}`);
    const { cut, erased } = tip;
    const isPresent = act === "written";
    const note = keyNote({ id, isPresent, valueVersion: version, cut, erased });
    const head = { open: false, keys: order.headKeys, ranks: order.ranks, note };
    this.commits.push({ run: stream, expected: tip.version, facts: [{ ...recordedFact(id, hash, content), ...besideOf(order) }], head });
    this.tips.set(stream, { version: tip.version + 1, number: place.number, id, isPresent, valueVersion: version, cut, erased, uses: 0 });
    for (const cause of causes) this.#note(cause, id);
    this.#stores.set(nameStream(kind, store), { kind, store });
    const at = validFrom === undefined ? {} : { validFrom };
    return { id, store, key, number: place.number, act, hash, previous: tip.id, causes, producer, derivation, version, ...at };
  }

  /** How a key stands for a fact of another ledger that is to follow; one whose beginning is gone there begins with that here. */
  #follow(stream: string, foreign: ForeignFact, tip: Tip): Tip {
    const begun = begunLater(stream, foreign, tip);
    if (begun === undefined) {
      assertFollows(foreign, tip);
      return tip;
    }
    this.commits.push(begun.commit);
    return begun.tip;
  }

  /** What is noted of the facts: to be recorded behind all of them. */
  notes(): readonly Commit[] {
    return [...this.#names(), ...this.#effectsOfCauses()];
  }

  /** Names of stores that have no facts yet. */
  #names(): readonly Commit[] {
    return [...this.#stores].flatMap(([stream, note]) => {
      if (this.#look(stream).version > 0) return [];
      this.tips.set(stream, plainTip(1));
      return [{ run: stream, expected: 0, facts: [{ type: "store.named", ...note }], head: { open: false, keys: [NAMES_KEY], note } }];
    });
  }

  #effectsOfCauses(): readonly Commit[] {
    return [...this.#effects].map(([stream, facts]) => {
      const { version } = this.#look(stream);
      this.tips.set(stream, plainTip(version + facts.length));
      return { run: stream, expected: version, facts, head: EFFECTS_HEAD };
    });
  }

  #note(cause: string, effect: string): void {
    const stream = effectsStream(cause);
    const noted = this.#effects.get(stream) ?? [];
    noted.push({ type: "store.effect", cause, effect });
    this.#effects.set(stream, noted);
  }
}

/** What stands with a fact that was recorded elsewhere, besides what it says. */
function besideOf({ foreign }: FactOrder): JsonObject {
  if (foreign === undefined) return {};
  const { origin, givenUp } = foreign;
  return { origin: { ...origin }, ...(givenUp === undefined ? {} : { givenUp }) };
}

function assertExpected({ kind, store, key, expect }: FactOrder, { id, isPresent }: Tip): void {
  if (expect === undefined) return;
  if (expect === "absent" ? !isPresent : expect === id) return;
  const [wanted, now] =
    kind === "history"
      ? [expect === "absent" ? "to have no events" : `to end with ${expect}`, id === null ? "has none" : `ends with ${id}`]
      : [
          expect === "absent" ? "to have no value" : `to be ${expect}`,
          isPresent ? `is ${id}` : id === null ? "was never written" : `was removed by ${id}`,
        ];
  throw new InputError("write_conflict", `${store}${key === "" ? "" : `: ${JSON.stringify(key)}`} was expected ${wanted}, and ${now}`, {
    fix: "Read it again, decide again, and expect what you read.",
    details: { store, key, expected: expect, current: id, present: isPresent },
  });
}

/**
 * Who cannot read a value does not know what would be lost with it: he replaces it only by naming it. Events replace nothing, a removal says the same in all versions, and what is derived
 * or comes from another ledger follows from what stands elsewhere.
 */
function assertNotNewer(order: FactOrder, { id, isPresent, valueVersion }: Tip): void {
  const { kind, store, key, value, version, expect, derivation, foreign } = order;
  if (kind === "history" || value === undefined || derivation !== undefined || foreign !== undefined) return;
  if (!isPresent || valueVersion <= version || expect === id) return;
  throw new RunError(
    "value_too_new",
    `${id} has version ${valueVersion}, and ${store}: ${JSON.stringify(key)} was to be written as version ${version}`,
    {
      fix: "Write it with the edition that wrote it, or a later one. To give up what it says, expect that fact, or remove the key first.",
      details: { id, store, key, version: valueVersion, known: version },
    },
  );
}
