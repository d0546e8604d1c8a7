// Derived stores, kept up with their sources by the process that writes: behind every write, in the order in which they follow from each other, so that nobody who writes waits for them.

import { asError, InputError, LedgerError, RunError } from "../errors.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { assertWritten, derivationOrder } from "../store/derivation-graph.ts";
import type { FactOrder } from "../store/change.ts";
import { type DerivationFault, derivationsIn, derivedUpTo, faultsOf, nothingDerived } from "../store/derivation-log.ts";
import type { Derived } from "../store/derive.ts";
import type { DeriveWorld } from "../store/derive-world.ts";
import { Deriver, NOTE_EVERY } from "../store/deriver.ts";
import { factIn, isWrittenAgain } from "../store/fact.ts";
import { type StoreKind, streamOf } from "../store/names.ts";
import type { AnyStore } from "../store/store.ts";
import { Turns } from "../turns.ts";

/** How a derived store stands. */
export interface DerivationStatus {
  readonly name: string;
  /** Of the rule. */
  readonly version: number;
  /** Everything up to this position in the ledger was taken in; undefined while nothing was derived by this version of the rule. */
  readonly upTo: number | undefined;
  /** Positions that were not looked at yet; 0 when nothing of its sources stands in them. */
  readonly behind: number;
  /** Keys that stand as they stood before something went wrong; `faults` has the first 100 of them. */
  readonly failed: number;
  readonly faults: readonly DerivationFault[];
}

/** What is asked of derivations. */
export interface DeriveOrder {
  /** `settle`: take in everything there is; `retry`: what failed, once more; `rebuild`: everything anew; `status`: only tell. */
  readonly act: "settle" | "retry" | "rebuild" | "status";
  /** One derived store; all when left out. */
  readonly name?: string;
}

const FAULTS_SHOWN = 100;

/** One for a host. */
export class Derivations {
  readonly #derivers: readonly Deriver[];
  readonly #ledger: Ledger;
  readonly #world: DeriveWorld;
  readonly #onFailure: (error: unknown) => void;
  readonly #abort = new AbortController();
  /** Work is done one after the other. */
  readonly #turns = new Turns();
  /** The round that has not begun: it takes in whatever is recorded until then. */
  #next: Promise<void> | undefined;

  /** @param onFailure told when it cannot go on: with the next write it tries again */
  constructor(stores: readonly AnyStore[], world: DeriveWorld, onFailure: (error: unknown) => void) {
    this.#derivers = derivationOrder(stores).map((derived) => new Deriver(derived, world));
    this.#ledger = world.ledger;
    this.#world = world;
    this.#onFailure = onFailure;
  }

  /** Goes on where the last process left, and tries again what failed there: the rule may be another one. */
  start(): void {
    if (this.#derivers.length === 0) return;
    this.#inTurn(async (signal) => {
      for (const deriver of this.#derivers) if (deriver.upTo !== undefined) await deriver.retry(signal);
    }).catch(this.#failed);
    this.nudge();
  }

  /** That nothing of an order is of a store that is derived here: another process may know it as a plain one. @throws InputError `store_is_derived` */
  assertWritten(orders: readonly FactOrder[]): void {
    const derived = new Set(this.#derivers.map(({ derived: { name } }) => name));
    for (const { kind, store } of orders) if (kind === "store") assertWritten(derived, store);
  }

  /** Something was recorded. */
  nudge(): void {
    if (this.#derivers.length === 0 || this.#next !== undefined || this.#abort.signal.aborted) return;
    this.#nextRound().catch(this.#failed);
  }

  /** Does something while nothing is derived: what is at work is recorded before, and what is to come waits. */
  apart<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(work);
  }

  /**
   * Facts of stores have gone, which no fact tells: what was derived from them is to be made of those that are left. What others derive may be made of them, too. Resolves when that is
   * sure to happen, whatever comes. To be called while nothing is derived: see `apart`.
   */
  async lost(stores: ReadonlySet<string>): Promise<void> {
    for (const deriver of this.#derivers) await deriver.lost(stores);
    const own = new Set(this.#derivers.map(({ derived }) => derived.name));
    const others = derivationsIn(this.#ledger).filter((name) => !own.has(name));
    for (const name of others) await this.#world.record([], [nothingDerived(this.#ledger, name)]);
    this.nudge();
  }

  /** @throws InputError `unknown_derivation`; what the ledger throws */
  async order({ act, name }: DeriveOrder): Promise<readonly DerivationStatus[]> {
    const asked = this.#named(name);
    if (act === "retry" || act === "rebuild")
      await this.#inTurn(async (signal) => {
        for (const deriver of asked) await (act === "retry" ? deriver.retry(signal) : deriver.anew(signal));
      });
    if (act !== "status") await this.#nextRound();
    return Promise.all(asked.map(({ derived, upTo }) => statusOf(this.#ledger, derived, upTo)));
  }

  /** Resolves when what is derived of a store is made of everything that was recorded before the call; at once where nothing is derived of it here. */
  async upToDate(store: string): Promise<void> {
    const deriver = this.#derivers.find(({ derived }) => derived.name === store);
    if (deriver !== undefined && (deriver.upTo ?? -1) < this.#ledger.position) await this.#nextRound();
  }

  /** Everything of a store up to this position was taken in by all that is derived from it here. */
  takenUpTo({ kind, store }: { readonly kind: StoreKind; readonly store: string }): number {
    const from = this.#derivers.filter(({ derived }) =>
      [...derived.rule.sources.values()].some((source) => source.kind === kind && source.name === store),
    );
    return Math.min(...from.map(({ upTo }) => upTo ?? 0));
  }

  async close(): Promise<void> {
    this.#abort.abort(closed());
    await this.#turns.ended();
  }

  #nextRound(): Promise<void> {
    return (this.#next ??= this.#inTurn((signal) => this.#round(signal)));
  }

  /** Each in turn takes in all there is by then, what those before it recorded included. */
  async #round(signal: AbortSignal): Promise<void> {
    this.#next = undefined;
    for (const deriver of this.#derivers) await deriver.reach(this.#ledger.position, signal);
    if (signal.aborted) throw closed();
  }

  #inTurn<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#abort;
    return this.#turns.do(async () => {
      if (signal.aborted) throw closed();
      return work(signal).catch((error: unknown) => {
        // Whatever it stopped at: it was called off.
        throw signal.aborted ? closed() : error;
      });
    });
  }

  readonly #failed = (error: unknown): void => {
    if (this.#abort.signal.aborted || (error instanceof LedgerError && error.code === "ledger_closed")) return;
    this.#onFailure(asError(error));
  };

  #named(name: string | undefined): readonly Deriver[] {
    if (name === undefined) return this.#derivers;
    const found = this.#derivers.find(({ derived }) => derived.name === name);
    if (found !== undefined) return [found];
    const names = this.#derivers.map(({ derived }) => derived.name);
    throw unknownDerivation("the process that writes", name, names);
  }
}

/** @param who knows none of this name */
function unknownDerivation(who: string, name: string, names: readonly string[]): InputError {
  return new InputError("unknown_derivation", `${who} knows no derived store ${JSON.stringify(name)}`, {
    fix: names.length === 0 ? "Give it to that process: createRuntime({ stores: [yourDerivedStore] })." : didYouMean(name, names),
  });
}

/** How derived stores stand by what the ledger says: for a process that only reads. @throws InputError `unknown_derivation` */
export async function recordedStatus(
  ledger: Ledger,
  stores: readonly AnyStore[],
  name: string | undefined,
): Promise<readonly DerivationStatus[]> {
  const known = derivationOrder(stores);
  const asked = known.filter((derived) => name === undefined || derived.name === name);
  if (name !== undefined && asked.length === 0)
    throw unknownDerivation(
      "this process",
      name,
      known.map((derived) => derived.name),
    );
  return Promise.all(asked.map((derived) => statusOf(ledger, derived, derivedUpTo(ledger, derived))));
}

async function statusOf(ledger: Ledger, derived: Derived<unknown>, upTo: number | undefined): Promise<DerivationStatus> {
  const { name, version } = derived;
  const behind = await behindOf(ledger, derived, upTo ?? 0);
  const faults = faultsOf(ledger, name);
  return { name, version, upTo, behind, failed: faults.length, faults: faults.slice(0, FAULTS_SHOWN) };
}

/** Positions looked through for something that a derivation has to do: as many as one passes over without a note. */
const LOOKED_THROUGH = NOTE_EVERY;

async function behindOf(ledger: Ledger, { rule }: Derived<unknown>, upTo: number): Promise<number> {
  const behind = ledger.position - upTo;
  if (behind === 0 || behind > LOOKED_THROUGH || upTo < ledger.oldest - 1) return behind;
  const sources = [...rule.sources.values()].map(({ kind, name }) => streamOf(kind, name, ""));
  for await (const entry of ledger.changes({ after: upTo }))
    if (sources.some((source) => entry.run.startsWith(source)) && factIn(entry) !== undefined && !isWrittenAgain(entry)) return behind;
  return 0;
}

function closed(): RunError {
  return new RunError("host_closed", "the runtime was closed; what is derived goes on with the next one");
}
