// Where a fact of the application comes from, and what followed from it: over stores, histories and runs, as far as anybody said it. Values are not looked at.

import { InputError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import { type FactRef, refOf } from "./fact.ts";
import { factById } from "./fact-reader.ts";
import { effectsStream, placeOf, shortly } from "./names.ts";

/** Which way, and how far. */
export interface FactLineageOptions {
  /** `causes`: what it rests on; `effects`: what rests on it. `causes` when left out. */
  readonly direction?: "causes" | "effects";
  /** Steps from the fact; 1 to 100, 20 when left out. */
  readonly depth?: number;
  /** Facts at most; 1 to 10,000, 1,000 when left out. */
  readonly limit?: number;
}

/** What a lineage is made of. */
export interface FactLineage {
  readonly subject: string;
  readonly direction: "causes" | "effects";
  /** The fact itself and those found, without their values, nearest first. */
  readonly facts: readonly FactRef[];
  /** Which fact rests on which: ids. */
  readonly links: readonly { readonly cause: string; readonly effect: string }[];
  /** Ids among the links that are no facts of the application: those of runs, `<run>:<number>`, which `kindling.explain` tells of. */
  readonly others: readonly string[];
  /** Ids of facts that were erased, or removed by a compaction. */
  readonly missing: readonly string[];
  /** False when there is more than `depth` or `limit` let through. */
  readonly isWhole: boolean;
  /** SHA-256 over the ids, the hashes and the links: the same for the same lineage, in every copy of the ledger. */
  readonly proof: string;
}

const DEPTH = 20;
const DEPTH_MOST = 100;
const LIMIT = 1_000;
const LIMIT_MOST = 10_000;
const PAGE_EFFECTS = 256;

/**
 * The lineage of a fact; with `effects` also of a run, by its id or that of one of its facts.
 * @throws InputError `bad_fact_id`, `fact_not_found`, `bad_depth`, `bad_limit`, `fact_differs`
 */
export async function lineageOf(
  ledger: Ledger,
  subject: string,
  { direction = "causes", depth = DEPTH, limit = LIMIT }: FactLineageOptions = {},
): Promise<FactLineage> {
  assertWithin("depth", depth, DEPTH_MOST);
  assertWithin("limit", limit, LIMIT_MOST);
  const walk = new Walk(ledger, direction, limit);
  await walk.begin(subject);
  for (let step = 0; step < depth && walk.hasNext; step++) await walk.step();
  return walk.end(subject);
}

/** A breadth first search. */
class Walk {
  readonly #ledger: Ledger;
  readonly #direction: "causes" | "effects";
  readonly #limit: number;
  readonly #facts = new Map<string, FactRef>();
  readonly #links: { readonly cause: string; readonly effect: string }[] = [];
  readonly #others = new Set<string>();
  readonly #missing = new Set<string>();
  #next: readonly string[] = [];
  #isCut = false;

  constructor(ledger: Ledger, direction: "causes" | "effects", limit: number) {
    this.#ledger = ledger;
    this.#direction = direction;
    this.#limit = limit;
  }

  get hasNext(): boolean {
    return this.#next.length > 0;
  }

  async begin(subject: string): Promise<void> {
    if (placeOf(subject) === undefined) {
      if (this.#direction === "causes")
        throw new InputError("bad_fact_id", `${shortly(subject)} is no id of a fact of the application`, {
          fix: 'Give one: store:NAME:KEY@NUMBER#DIGITS. What followed from a run is asked with direction: "effects".',
        });
      this.#others.add(subject);
      this.#next = [subject];
      return;
    }
    await this.#meet([subject]);
    if (!this.#facts.has(subject))
      throw new InputError("fact_not_found", `there is no fact ${shortly(subject)}`, {
        fix: "It may have been erased, or belong to another ledger.",
        details: { id: subject },
      });
  }

  async step(): Promise<void> {
    const found: string[] = [];
    for (const id of this.#next)
      for (const other of await this.#around(id)) {
        this.#links.push(this.#direction === "causes" ? { cause: other, effect: id } : { cause: id, effect: other });
        found.push(other);
      }
    this.#next = [];
    await this.#meet([...new Set(found)]);
  }

  end(subject: string): FactLineage {
    const facts = [...this.#facts.values()];
    const lines = [...facts.map(({ id, hash }) => `${id} ${hash}`), ...this.#links.map(({ cause, effect }) => `${cause} > ${effect}`)];
    return {
      subject,
      direction: this.#direction,
      facts,
      links: this.#links,
      others: [...this.#others],
      missing: [...this.#missing],
      isWhole: !this.#isCut && this.#next.length === 0,
      proof: sha256(lines.sort().join("\n")),
    };
  }

  /** Takes in those that are new, and goes on from them. */
  async #meet(ids: readonly string[]): Promise<void> {
    const next: string[] = [];
    for (const id of ids) {
      if (this.#facts.has(id) || this.#others.has(id) || this.#missing.has(id)) continue;
      if (placeOf(id) === undefined) {
        this.#others.add(id);
        continue;
      }
      if (this.#facts.size >= this.#limit) {
        this.#isCut = true;
        break;
      }
      const fact = await factById({ ledger: this.#ledger }, id);
      if (fact === undefined) {
        this.#missing.add(id);
        continue;
      }
      this.#facts.set(id, refOf(fact));
      next.push(id);
    }
    this.#next = next;
  }

  #around(id: string): Promise<readonly string[]> | readonly string[] {
    return this.#direction === "causes" ? (this.#facts.get(id)?.causes ?? []) : this.#effectsOf(id);
  }

  /** What rests on a fact; of a run, on any of its facts. */
  async #effectsOf(id: string): Promise<readonly string[]> {
    const stream = effectsStream(id);
    const size = this.#ledger.head(stream)?.version ?? 0;
    const effects: string[] = [];
    for (let from = 1; from <= size; ) {
      const entries = await this.#ledger.read(stream, { from, limit: PAGE_EFFECTS });
      for (const { cause, effect } of entries.flatMap(({ facts }) => facts))
        if (typeof effect === "string" && (cause === id || (typeof cause === "string" && cause.startsWith(`${id}:`)))) effects.push(effect);
      const last = entries.at(-1);
      if (last === undefined) break;
      from = last.first + last.facts.length;
      if (effects.length <= this.#limit) continue;
      this.#isCut = true;
      break;
    }
    return [...new Set(effects)];
  }
}

function assertWithin(name: "depth" | "limit", value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new InputError(`bad_${name}`, `${name} is ${value}`, { fix: `Give a whole number from 1 to ${most}.` });
}
