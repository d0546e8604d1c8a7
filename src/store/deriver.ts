// Keeps one derived store up with its sources: takes their facts from the log in order, batch by batch, and records what follows from them together with how far it is.
// Whatever a crash cuts off is done again: what was recorded already is found to be the same.

import type { Commit } from "../ledger/ledger.ts";
import { deriveAnew } from "./derive-anew.ts";
import type { Derived } from "./derive.ts";
import type { DeriveWorld } from "./derive-world.ts";
import { type DerivationFault, derivedUpTo, faultCommits, faultsOf, nothingDerived, openFaultOf, pointCommit } from "./derivation-log.ts";
import { factIn, isWrittenAgain, type RawFact } from "./fact.ts";
import { factNumbered } from "./fact-reader.ts";
import { deriveGroup, isOfTheRule } from "./group.ts";
import { missedFacts } from "./missed.ts";
import { OutcomeWriter } from "./outcome-writer.ts";
import { type SourceChange, sourceChange } from "./source-change.ts";

/** Facts of sources taken in together. */
const BATCH_FACTS = 64;

/** Positions without anything to do, after which it is noted how far it is. */
export const NOTE_EVERY = 4_096;

/** One for each derived store, in the process that writes. */
export class Deriver {
  readonly derived: Derived<unknown>;
  readonly #world: DeriveWorld;
  /** By kind and name of a store: under what the rule knows it. */
  readonly #sources = new Map<string, string[]>();
  #upTo: number | undefined;
  /** How far it is by what the ledger says. */
  #noted = 0;

  constructor(derived: Derived<unknown>, world: DeriveWorld) {
    this.derived = derived;
    this.#world = world;
    for (const [source, { kind, name }] of derived.rule.sources) {
      const known = this.#sources.get(`${kind}:${name}`) ?? [];
      this.#sources.set(`${kind}:${name}`, [...known, source]);
    }
    this.#upTo = derivedUpTo(world.ledger, derived);
    this.#noted = this.#upTo ?? 0;
  }

  /** Everything up to here was taken in; undefined while nothing was derived yet by this rule. */
  get upTo(): number | undefined {
    return this.#upTo;
  }

  get faults(): readonly DerivationFault[] {
    return faultsOf(this.#world.ledger, this.derived.name);
  }

  /** Takes in everything up to a position at least. Resolves when what follows from it is durable. */
  async reach(position: number, signal: AbortSignal): Promise<void> {
    // A step, too, may find that only what stands now can tell, and the beginning of the log may move meanwhile.
    while ((this.#upTo === undefined || this.#upTo < position) && !signal.aborted) {
      if (this.#upTo === undefined) await this.anew(signal);
      else if (this.#upTo < this.#world.ledger.oldest - 1) await this.#overGap(this.#upTo, signal);
      else await this.#step(position);
    }
  }

  /** Derives everything from all there is in the sources. */
  async anew(signal: AbortSignal): Promise<void> {
    this.#upTo = await deriveAnew(this.#world, this.derived, signal);
    this.#noted = this.#upTo ?? 0;
  }

  /** Facts of stores have gone, which no fact tells: where it is derived from them all is to be derived anew. */
  async lost(stores: ReadonlySet<string>): Promise<void> {
    if (![...this.derived.rule.sources.values()].some(({ name }) => stores.has(name))) return;
    await this.#world.record([], [nothingDerived(this.#world.ledger, this.derived.name)]);
    this.#upTo = undefined;
  }

  /** Tries again what failed. */
  async retry(signal: AbortSignal): Promise<void> {
    const { ledger } = this.#world;
    const writer = new OutcomeWriter(this.#world);
    for (const { key } of this.faults) {
      const fault = await openFaultOf(ledger, this.derived.name, key);
      if (fault?.isStuck === true) return this.anew(signal);
      const outcome = await deriveGroup(this.#world, this.derived, { key, changes: [] }, this.#upTo ?? ledger.position);
      if (outcome === undefined) return this.anew(signal);
      await writer.add(outcome);
    }
    await writer.end([]);
  }

  /** The log does not tell any more what followed: the keys of the sources do, where all of it is there. */
  async #overGap(from: number, signal: AbortSignal): Promise<void> {
    const { ledger } = this.#world;
    const end = ledger.oldest - 1;
    const missed = await missedFacts(ledger, this.derived, from);
    if (missed === undefined) this.#upTo = undefined;
    for (let first = 0; first < (missed?.length ?? 0) && this.#upTo !== undefined; first += BATCH_FACTS) {
      if (signal.aborted) return;
      const batch = missed?.slice(first, first + BATCH_FACTS) ?? [];
      const facts = await Promise.all(batch.map(({ stream, number }) => factNumbered(ledger, stream, number)));
      const there = facts.filter((fact) => fact !== undefined);
      // Some went while those before them were taken in.
      if (there.length < batch.length) this.#upTo = undefined;
      else await this.#take(there, batch.at(-1)?.position ?? from);
    }
    if (this.#upTo === undefined) return;
    this.#upTo = Math.max(this.#upTo, end);
    // Else whoever only reads could not tell that nothing is missing.
    await this.#world.record([], [pointCommit(ledger, this.derived, this.#upTo)]);
    this.#noted = this.#upTo;
  }

  async #step(target: number): Promise<void> {
    const { facts, upTo } = await this.#batch(target);
    await this.#take(facts, upTo);
  }

  /** Records what follows from facts of the sources: all there are up to a position. */
  async #take(facts: readonly RawFact[], upTo: number): Promise<void> {
    const { ledger } = this.#world;
    const changes = await this.#changesOf(facts);
    if (changes === undefined) {
      this.#upTo = undefined;
      return;
    }
    const groups = Map.groupBy(
      changes.found.flatMap((change) => [...new Set([...change.left, ...change.joined])].map((key) => ({ key, change }))),
      ({ key }) => key,
    );
    const writer = new OutcomeWriter(this.#world);
    for (const [key, of] of groups) {
      const outcome = await deriveGroup(this.#world, this.derived, { key, changes: of.map(({ change }) => change) }, upTo);
      if (outcome === undefined) {
        this.#upTo = undefined;
        return;
      }
      await writer.add(outcome);
    }
    const isWorthNoting = facts.length > 0 || upTo - this.#noted >= NOTE_EVERY;
    await writer.end([...changes.faults, ...(isWorthNoting ? [pointCommit(ledger, this.derived, upTo)] : [])]);
    if (isWorthNoting) this.#noted = upTo;
    this.#upTo = upTo;
  }

  async #batch(target: number): Promise<{ readonly facts: readonly RawFact[]; readonly upTo: number }> {
    const facts: RawFact[] = [];
    let upTo = this.#upTo ?? 0;
    for await (const entry of this.#world.ledger.changes({ after: upTo })) {
      upTo = entry.position;
      const fact = factIn(entry);
      if (fact !== undefined && !isWrittenAgain(entry) && this.#sourcesOf(fact).length > 0) facts.push(fact);
      if (facts.length >= BATCH_FACTS || upTo >= target) break;
    }
    return { facts, upTo };
  }

  /** What the facts change; undefined when that cannot be told any more. */
  async #changesOf(
    facts: readonly RawFact[],
  ): Promise<{ readonly found: readonly SourceChange[]; readonly faults: readonly Commit[] } | undefined> {
    const { ledger } = this.#world;
    const found: SourceChange[] = [];
    const faults: Commit[] = [];
    for (const fact of facts)
      for (const source of this.#sourcesOf(fact)) {
        try {
          const change = await sourceChange(ledger, this.derived, source, fact);
          if (change === undefined) return undefined;
          found.push(change);
        } catch (error) {
          if (!isOfTheRule(error)) throw error;
          const before = await openFaultOf(ledger, this.derived.name, "");
          const fault = { key: "", failure: this.#world.told(error), position: fact.position, time: this.#world.now() };
          // One is enough: everything is to be derived anew.
          faults.splice(0, 1, ...faultCommits(ledger, this.derived.name, fault, { pending: [], isStuck: true, before }));
        }
      }
    return { found, faults };
  }

  #sourcesOf({ id, store }: RawFact): readonly string[] {
    return this.#sources.get(`${id.startsWith("store:") ? "store" : "history"}:${store}`) ?? [];
  }
}
