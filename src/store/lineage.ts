// Where a fact of the application comes from, and what followed from it: over stores, histories and runs, as far as anybody said it. Values are not looked at.

import { setImmediate as nextTurn } from "node:timers/promises";
import { InputError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import { effectNotes } from "./effects.ts";
import { type FactRef, refOf } from "./fact.ts";
import { findFact } from "./fact-reader.ts";
import { assertOneOf, assertOptions } from "../graph/given.ts";
import { assertFactId, placeOf, shortly, subjectOf } from "./names.ts";

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
  /** Ids among the links that are no facts of the application: those of runs, `<run>:<number>`, which `kindling.facts` holds and `kindling.explain` tells of. */
  readonly others: readonly string[];
  /** Ids of facts that were erased, or given up by a compaction, or never were in this ledger: `kindling.resolve` tells what became of them. */
  readonly missing: readonly string[];
  /** False when there is more than `depth` or `limit` let through. */
  readonly isWhole: boolean;
  /** SHA-256 over the ids, the hashes and the links: the same for the same lineage, in every copy of the ledger. */
  readonly proof: string;
}

/** Facts that are none of the application, such as those of runs: which of them rest on which, and on facts of the application. */
export interface OtherFacts {
  /** What a fact rests on; undefined where there is none of this id. */
  causesOf(id: string): Promise<readonly string[] | undefined>;
  /** Facts that rest on this one, of the application or not; none of the application among them. */
  effectsOf(id: string): Promise<readonly string[]>;
}

const NO_OTHERS: OtherFacts = { causesOf: () => Promise.resolve(undefined), effectsOf: () => Promise.resolve([]) };

const DEPTH = 20;
const DEPTH_MOST = 100;
const LIMIT = 1_000;
const LIMIT_MOST = 10_000;
/** Facts read before everything else in this process has its turn. */
const LOOKS_IN_A_TURN = 64;

/**
 * The lineage of a fact; with `effects` also of a run, by its id or that of one of its facts.
 * @throws InputError `bad_fact_id`, `fact_not_found`, `detail_unavailable` (it was compacted), `bad_depth`, `bad_limit`, `fact_differs`
 */
export async function lineageOf(
  ledger: Ledger,
  subject: string,
  options: FactLineageOptions = {},
  others: OtherFacts = NO_OTHERS,
): Promise<FactLineage> {
  assertOptions("lineage", options);
  const { direction = "causes", depth = DEPTH, limit = LIMIT } = options;
  assertOneOf("lineage: direction", direction, ["causes", "effects"]);
  assertFactId(subject);
  assertWithin("depth", depth, DEPTH_MOST);
  assertWithin("limit", limit, LIMIT_MOST);
  const walk = new Walk(ledger, others, direction, limit);
  await walk.begin(subject);
  for (let step = 0; step < depth && walk.hasNext; step++) await walk.step();
  return walk.end(subject);
}

/** A breadth first search. */
class Walk {
  readonly #ledger: Ledger;
  readonly #beyond: OtherFacts;
  readonly #direction: "causes" | "effects";
  readonly #limit: number;
  readonly #facts = new Map<string, FactRef>();
  readonly #links: { readonly cause: string; readonly effect: string }[] = [];
  readonly #others = new Set<string>();
  readonly #missing = new Set<string>();
  #next: readonly string[] = [];
  #isCut = false;

  constructor(ledger: Ledger, beyond: OtherFacts, direction: "causes" | "effects", limit: number) {
    this.#ledger = ledger;
    this.#beyond = beyond;
    this.#direction = direction;
    this.#limit = limit;
  }

  get hasNext(): boolean {
    return this.#next.length > 0;
  }

  async begin(subject: string): Promise<void> {
    if (placeOf(subject) === undefined) {
      if (this.#direction === "causes" && (await this.#beyond.causesOf(subject)) === undefined)
        throw new InputError("bad_fact_id", `${shortly(subject)} is no id of a fact of the application, and of no run`, {
          fix: "Give store:NAME:KEY@NUMBER#DIGITS, the id of a run or of one of its facts.",
        });
      this.#others.add(subject);
      this.#next = [subject];
      return;
    }
    await this.#meet([subject]);
    if (this.#facts.has(subject)) return;
    const found = await findFact({ ledger: this.#ledger }, subject);
    if (found.status === "given_up") throw found.error;
    throw new InputError("fact_not_found", `there is no fact ${shortly(subject)}`, {
      fix: "It may have been erased, or belong to another ledger.",
      details: { id: subject },
    });
  }

  async step(): Promise<void> {
    const found: string[] = [];
    for (const [id, around] of await this.#around(this.#next))
      for (const other of around) {
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
    for (const [index, id] of ids.entries()) {
      if (index % LOOKS_IN_A_TURN === LOOKS_IN_A_TURN - 1) await nextTurn();
      if (this.#facts.has(id) || this.#others.has(id) || this.#missing.has(id)) continue;
      const isOther = placeOf(id) === undefined;
      if ((isOther ? this.#others : this.#facts).size >= this.#limit) {
        this.#isCut = true;
        break;
      }
      if (isOther) {
        this.#others.add(id);
        next.push(id);
        continue;
      }
      const found = await findFact({ ledger: this.#ledger }, id).catch(unlessOther);
      // Of a fact that was taken out all but its value is known.
      const fact = found?.status === "found" ? found.fact : found?.status === "given_up" ? found.ref : undefined;
      if (fact === undefined) {
        this.#missing.add(id);
        continue;
      }
      this.#facts.set(id, refOf(fact));
      next.push(id);
    }
    this.#next = next;
  }

  /** What stands next to some facts, by their ids. */
  async #around(ids: readonly string[]): Promise<ReadonlyMap<string, Iterable<string>>> {
    if (this.#direction === "effects") return this.#effectsOf(ids);
    const found = new Map<string, readonly string[]>();
    for (const id of ids) found.set(id, this.#facts.get(id)?.causes ?? (await this.#beyond.causesOf(id)) ?? []);
    return found;
  }

  /** What rests on facts; of a run, on any of its facts. What is noted of a key is read once, however many of its facts are asked about. */
  async #effectsOf(ids: readonly string[]): Promise<ReadonlyMap<string, Iterable<string>>> {
    const found = new Map(ids.map((id) => [id, new Set<string>()]));
    for (const [subject, of] of Map.groupBy(ids, subjectOf)) {
      for await (const { cause, effect } of effectNotes(this.#ledger, subject)) {
        const ofRun = cause.startsWith(`${subject}:`) ? found.get(subject) : undefined;
        const isCut = [found.get(cause), ofRun].map((effects) => effects !== undefined && !this.#hasTaken(effects, effect)).includes(true);
        if (isCut && of.length === 1) break;
      }
    }
    for (const [id, effects] of found) for (const effect of await this.#beyond.effectsOf(id)) effects.add(effect);
    return found;
  }

  /** Of one fact no more are told than there may be in all. */
  #hasTaken(effects: Set<string>, effect: string): boolean {
    if (effects.has(effect)) return true;
    if (effects.size === this.#limit) {
      this.#isCut = true;
      return false;
    }
    effects.add(effect);
    return true;
  }
}

/** An id that names another fact than the one that stands there leads nowhere, as one of another ledger may. What was changed where it stands is told. */
function unlessOther(error: unknown): undefined {
  if (!(error instanceof InputError) || error.code !== "fact_differs" || error.details["found"] === error.details["id"]) throw error;
}

function assertWithin(name: "depth" | "limit", value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new InputError(`bad_${name}`, `${name} is ${value}`, { fix: `Give a whole number from 1 to ${most}.` });
}
