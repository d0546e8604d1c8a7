// Records facts of the application, in the process that writes: looks at how each key stands, makes the facts, and hands all of one order to the ledger as one change.
// Knows no definitions: what it is given was checked by whoever has them.

import { InputError } from "../errors.ts";
import { hashJson, type JsonValue } from "../json.ts";
import { ATOMIC_LIMIT_BYTES, ATOMIC_LIMIT_COMMITS, BLOB_LIMIT_BYTES, type Commit, type Ledger } from "../ledger/ledger.ts";
import type { FactOrder } from "./change.ts";
import { isDerivedIn, nothingDerived, pointStream } from "./derivation-log.ts";
import type { FactRef } from "./fact.ts";
import { type BoundaryStep, type Cover, hasCovers, lateCommits, stepCommits } from "./hold.ts";
import { factsOf } from "./fact-reader.ts";
import { keyNoteOf } from "./key-note.ts";
import { assertKnown, knownCauses } from "./known-causes.ts";
import { effectsStream, NAMES_KEY, streamOf } from "./names.ts";
import { type Once, onceCommit, onceStream, type RememberedFor } from "./once.ts";
import { OrderDraft, plainTip, type Tip, type UnplacedRef } from "./order-draft.ts";

/** Changes that are recorded together, all or none. */
export interface RecordOrder {
  readonly orders: readonly FactOrder[];
  /** The same key gives the first receipt again, whatever happened since; with something else in the order it is refused. For all stores of a ledger. */
  readonly idempotencyKey?: string;
  /** For ever when left out. */
  readonly rememberedFor?: RememberedFor;
  /** What a boundary does to the keys that it covers, in the same change. */
  readonly step?: BoundaryStep;
}

/** How an order is recorded by those who derive: nothing of it comes from outside. */
export interface RecordDetail {
  /** What is recorded of a value: all of it, unless some of it must not be. */
  readonly kept?: (value: JsonValue) => JsonValue;
  /** Commits that become true together with the facts. */
  readonly beside?: readonly Commit[];
  /** The causes were read in this ledger: they are not looked up. */
  readonly areCausesRead?: boolean;
}

/** What was recorded, durably. */
export interface WriteReceipt {
  /** One for each change, in their order. */
  readonly facts: readonly FactRef[];
  /** True when the same idempotency key recorded them before. */
  readonly repeated: boolean;
}

/** Changes in one order, with what is noted of their causes. What is left of an atomic change is for what remembers the order, and for names of stores that are new. */
const ORDER_LIMIT = 1_000;

/** JSON in one order, without what is large and stands beside the log. Half of what is atomic, since names and frames take room, too. */
export const ORDER_LIMIT_BYTES = ATOMIC_LIMIT_BYTES / 2;

/** Facts that come while a boundary is being closed, and are late for it. */
const PASSED_MOST = 100;

/** One for each writer of a ledger. */
export class FactWriter {
  readonly #ledger: Ledger;
  readonly #tips = new Map<string, Tip>();
  /** Idempotency keys of orders that are on their way. */
  readonly #under = new Map<string, Promise<unknown>>();
  /** Orders that are on their way to the disk. */
  readonly #flying = new Set<Promise<unknown>>();
  /** Streams that somebody has for himself, until when. */
  readonly #held = new Map<string, Promise<void>>();
  #hasCovers: boolean | undefined;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /**
   * Resolves when all of it is durable. Nothing is recorded when any of it is refused.
   * @throws InputError `write_conflict`, `idempotency_conflict`, `bad_idempotency_key`, `unknown_cause`, `too_many_changes`, `changes_too_large`; RunError `value_too_new`; what `Ledger.append` throws
   */
  async record(
    { orders: given, idempotencyKey, rememberedFor, step }: RecordOrder,
    { kept = (value) => value, beside = [], areCausesRead = false }: RecordDetail = {},
  ): Promise<WriteReceipt> {
    const orders = given.map((order) => (order.value === undefined ? order : { ...order, value: kept(order.value) }));
    if (idempotencyKey === undefined) return { facts: await this.#submit(orders, { beside, step, areCausesRead }), repeated: false };
    const stream = onceStream(idempotencyKey);
    for (let before = this.#under.get(stream); before !== undefined; before = this.#under.get(stream)) await before;
    const work = this.#once({ stream, rememberedFor }, orders, step);
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.#under.set(stream, settled);
    try {
      return await work;
    } finally {
      this.#under.delete(stream);
    }
  }

  /** Does something while nobody else writes some streams: what is on its way to the disk is there before, and what comes meanwhile waits. */
  async alone<T>(streams: readonly string[], work: () => Promise<T>): Promise<T> {
    for (let held = this.#holding(() => streams); held !== undefined; held = this.#holding(() => streams)) await held;
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const stream of streams) this.#held.set(stream, promise);
    try {
      await Promise.allSettled(this.#flying);
      return await work();
    } finally {
      for (const stream of streams) this.#held.delete(stream);
      resolve();
    }
  }

  #holding(streams: () => readonly string[]): Promise<void> | undefined {
    const held = this.#held.size === 0 ? undefined : streams().find((stream) => this.#held.has(stream));
    return held === undefined ? undefined : this.#held.get(held);
  }

  async #once(
    { stream, rememberedFor }: Omit<Once, "request">,
    orders: readonly FactOrder[],
    step: BoundaryStep | undefined,
  ): Promise<WriteReceipt> {
    // By what a value is found, its version and the part of an event may change with the edition of a program: it says nothing else for that.
    const said = orders.map(({ headKeys: _keys, ranks: _ranks, version: _version, key, ...order }) =>
      order.kind === "history" ? order : { ...order, key },
    );
    const request = hashJson(said as unknown as JsonValue);
    const [entry] = await this.#ledger.read(stream, { limit: 1 });
    if (entry === undefined)
      return { facts: await this.#submit(orders, { once: { stream, request, rememberedFor }, step }), repeated: false };
    // Written by `#append`.
    const once = entry.facts[0] as unknown as { readonly request: string; readonly facts: readonly UnplacedRef[] };
    if (once.request !== request)
      throw new InputError("idempotency_conflict", "this idempotency key recorded something else before", {
        fix: "Use a key of its own for each change.",
        details: { recorded: once.facts.map(({ id }) => id) },
      });
    return { facts: placed(once.facts, entry.position, entry.time), repeated: true };
  }

  /** What comes for a key while it is being closed waits: it is late then, as may be what came since it was read, and there is nothing in between. */
  async #submit(orders: readonly FactOrder[], detail: AppendDetail): Promise<readonly FactRef[]> {
    const covers = detail.step?.covers ?? [];
    // What is closed was read, too.
    const areRead = detail.areCausesRead === true || covers.length > 0 || orders.every(({ causes }) => causes.length === 0);
    if (!areRead) return this.#append(orders, { ...detail, known: await knownCauses(this.#ledger, orders) });
    if (covers.length === 0) return this.#append(orders, detail);
    return this.alone(
      covers.map(({ stream }) => stream),
      async () => this.#append(orders, { ...detail, passed: detail.step?.isMeanwhileLate === true ? await this.#passed(covers) : [] }),
    );
  }

  /** Facts behind those that are closed. With many of them it is better closed again. */
  async #passed(covers: readonly Cover[]): Promise<Passed> {
    const asked = { ledger: this.#ledger, now: 0 };
    const passed = covers.map(async ({ stream, number }) => {
      const facts = await factsOf(asked, stream, { newestFirst: false, limit: PASSED_MOST, after: number });
      return facts.map((ref) => ({ stream, ref }));
    });
    return (await Promise.all(passed)).flat();
  }

  async #append(orders: readonly FactOrder[], detail: AppendDetail): Promise<readonly FactRef[]> {
    const { once, beside = [], step, passed = [] } = detail;
    const streams = orders.map(({ kind, store, key }) => streamOf(kind, store, key));
    const touched = () => [...streams, ...orders.flatMap(({ causes }) => causes.map(effectsStream))];
    // From the last look on the order is made and handed over in one go: nobody can come to hold any of them in between.
    for (let held = this.#holding(touched); held !== undefined; held = this.#holding(touched)) await held;
    const draft = new OrderDraft((stream) => this.#tips.get(stream) ?? this.#tipOf(stream));
    let refs: readonly UnplacedRef[];
    try {
      refs = orders.map((order) => draft.add(order));
    } catch (error) {
      await this.#refused(error);
      return this.#append(orders, detail);
    }
    const standing = (stream: string): Tip => draft.tips.get(stream) ?? this.#tips.get(stream) ?? this.#tipOf(stream);
    if (detail.known !== undefined) assertKnown(orders, refs, { known: detail.known, standing });
    // What remembers the order stands right behind what it remembers.
    const facts = [...draft.commits, ...draft.notes(), ...beside, ...this.#closing(draft, step, passed), ...this.#late(streams, refs)];
    assertAtomic(facts, orders.length);
    const all = [...facts, ...this.#overwritten(orders, draft)];
    const commits = once === undefined ? all : all.toSpliced(refs.length, 0, onceCommit(once, refs));
    this.#take(draft);
    const appended = this.#ledger.append(commits);
    this.#flying.add(appended);
    try {
      const receipts = await appended;
      const [first] = receipts;
      return first === undefined ? [] : placed(refs, first.position + refs.length, first.time);
    } finally {
      this.#flying.delete(appended);
      this.#leave(draft);
    }
  }

  /** What an order is refused for may be on its way: it is told when it is durable, so that who reads again sees it. Resolves when something has not got there, and may refuse nothing. */
  async #refused(error: unknown): Promise<void> {
    const flights = await Promise.allSettled(this.#flying);
    if (flights.every(({ status }) => status === "fulfilled")) throw error;
  }

  #closing(draft: OrderDraft, step: BoundaryStep | undefined, passed: Passed): readonly Commit[] {
    if (step === undefined) return [];
    if (step.covers !== undefined) this.#hasCovers = true;
    const numberOf = (stream: string) => (draft.tips.get(stream) ?? this.#tips.get(stream) ?? this.#tipOf(stream)).number;
    return stepCommits(this.#ledger, step, { numberOf, passed });
  }

  /** Most ledgers have no boundaries: then nothing is looked for. */
  #late(streams: readonly string[], refs: readonly UnplacedRef[]): readonly Commit[] {
    this.#hasCovers ??= hasCovers(this.#ledger);
    return this.#hasCovers
      ? lateCommits(
          this.#ledger,
          refs.flatMap((ref, index) => ({ ref, stream: streams[index] ?? "" })),
        )
      : [];
  }

  /** What is written of a store that was derived before follows from nothing: who derives it again does so anew. */
  #overwritten(orders: readonly FactOrder[], draft: OrderDraft): readonly Commit[] {
    const stores = new Set(orders.flatMap(({ kind, store, derivation }) => (kind === "store" && derivation === undefined ? store : [])));
    return [...stores].flatMap((store) => {
      const stream = pointStream(store);
      // Another order may be on its way that says so.
      if (this.#tips.has(stream) || !isDerivedIn(this.#ledger, store)) return [];
      const said = nothingDerived(this.#ledger, store);
      draft.tips.set(stream, plainTip(said.expected + 1));
      return [said];
    });
  }

  #take(draft: OrderDraft): void {
    for (const [stream, tip] of draft.tips) this.#tips.set(stream, { ...tip, uses: (this.#tips.get(stream)?.uses ?? 0) + 1 });
  }

  #leave(draft: OrderDraft): void {
    for (const stream of draft.tips.keys()) {
      const tip = this.#tips.get(stream);
      if (tip === undefined) continue;
      tip.uses -= 1;
      if (tip.uses === 0) this.#tips.delete(stream);
    }
  }

  #tipOf(stream: string): Tip {
    const head = this.#ledger.head(stream);
    return { ...keyNoteOf(head), version: head?.version ?? 0, uses: 0 };
  }
}

/** Facts that came for keys while they were being closed. */
type Passed = readonly { readonly stream: string; readonly ref: FactRef }[];

interface AppendDetail extends Pick<RecordDetail, "beside" | "areCausesRead"> {
  /** Causes that were looked up; left out where they need not be. */
  readonly known?: ReadonlySet<string>;
  readonly passed?: Passed;
  readonly once?: Once;
  readonly step: BoundaryStep | undefined;
}

/** @param next position behind the last of them */
function placed(refs: readonly UnplacedRef[], next: number, time: number): readonly FactRef[] {
  return refs.map((ref, index) => ({
    validFrom: time,
    ...ref,
    producer: ref.producer,
    derivation: ref.derivation,
    position: next - refs.length + index,
    time,
  }));
}

function assertAtomic(commits: readonly Commit[], changes: number): void {
  const names = commits.filter(({ head }) => head?.keys.includes(NAMES_KEY)).length;
  const noted = commits.length - names;
  if (noted > ORDER_LIMIT || commits.length >= ATOMIC_LIMIT_COMMITS)
    throw new InputError("too_many_changes", `${changes} changes${noted > changes ? " with their causes" : ""} were to be one`, {
      fix: `Record at most ${ORDER_LIMIT} at once; each fact or run that is named as a cause counts as one more, as does each store that is new.`,
    });
  const bytes = commits.reduce((sum, { facts, head }) => sum + bytesOf({ facts, head: { ...head } }), 0);
  if (bytes <= ORDER_LIMIT_BYTES) return;
  throw new InputError("changes_too_large", `the changes have ${bytes} bytes, besides values over ${BLOB_LIMIT_BYTES} bytes`, {
    fix: `Record at most ${ORDER_LIMIT_BYTES} bytes at once.`,
  });
}

/** In the log; a large member of a fact stands beside it. */
function bytesOf(value: object): number {
  return Buffer.byteLength(
    JSON.stringify(value, (name, member: unknown) =>
      name === "value" && Buffer.byteLength(JSON.stringify(member) ?? "") > BLOB_LIMIT_BYTES ? null : member,
    ),
  );
}
