// Records facts of the application, in the process that writes: looks at how each key stands, makes the facts, and hands all of one order to the ledger as one change.
// Knows no definitions: what it is given was checked by whoever has them.

import { InputError } from "../errors.ts";
import { hashJson, type JsonObject, type JsonValue } from "../json.ts";
import { ATOMIC_LIMIT_BYTES, ATOMIC_LIMIT_COMMITS, BLOB_LIMIT_BYTES, type Commit, type Ledger } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import type { FactOrder } from "./change.ts";
import type { FactRef } from "./fact.ts";
import { placeOf, streamOf } from "./names.ts";
import { OrderDraft, type Tip, type UnplacedRef } from "./order-draft.ts";

/** Changes that are recorded together, all or none. */
export interface RecordOrder {
  readonly orders: readonly FactOrder[];
  /** The same key gives the first receipt again, whatever happened since; with something else in the order it is refused. For all stores of a ledger. */
  readonly idempotencyKey?: string;
}

/** What was recorded, durably. */
export interface WriteReceipt {
  /** One for each change, in their order. */
  readonly facts: readonly FactRef[];
  /** True when the same idempotency key recorded them before. */
  readonly repeated: boolean;
}

/** Changes in one order: one commit is left for what remembers the order. */
export const ORDER_LIMIT = ATOMIC_LIMIT_COMMITS - 1;

/** JSON in one order, without what is large and stands beside the log. Half of what is atomic, since names and frames take room, too. */
export const ORDER_LIMIT_BYTES = ATOMIC_LIMIT_BYTES / 2;

const KEY_LIMIT = 512;

/** One for each writer of a ledger. */
export class FactWriter {
  readonly #ledger: Ledger;
  readonly #tips = new Map<string, Tip>();
  /** Idempotency keys of orders that are on their way. */
  readonly #under = new Map<string, Promise<unknown>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /**
   * Resolves when all of it is durable. Nothing is recorded when any of it is refused.
   * @param kept what is recorded of a value: all of it, unless some of it must not be
   * @throws InputError `write_conflict`, `idempotency_conflict`, `bad_idempotency_key`, `unknown_cause`, `too_many_changes`, `changes_too_large`; what `Ledger.append` throws
   */
  async record(
    { orders: given, idempotencyKey }: RecordOrder,
    kept: (value: JsonValue) => JsonValue = (value) => value,
  ): Promise<WriteReceipt> {
    const orders = given.map((order) => (order.value === undefined ? order : { ...order, value: kept(order.value) }));
    if (idempotencyKey === undefined) return { facts: await this.#append(orders), repeated: false };
    assertIdempotencyKey(idempotencyKey);
    const stream = `store-once:${sha256(idempotencyKey)}`;
    for (let before = this.#under.get(stream); before !== undefined; before = this.#under.get(stream)) await before;
    const work = this.#once(stream, orders);
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

  async #once(stream: string, orders: readonly FactOrder[]): Promise<WriteReceipt> {
    const request = hashJson(orders as unknown as JsonValue);
    const [entry] = await this.#ledger.read(stream, { limit: 1 });
    if (entry === undefined) return { facts: await this.#append(orders, { stream, request }), repeated: false };
    // Written by `#append`.
    const once = entry.facts[0] as unknown as { readonly request: string; readonly facts: readonly UnplacedRef[] };
    if (once.request !== request)
      throw new InputError("idempotency_conflict", "this idempotency key recorded something else before", {
        fix: "Use a key of its own for each change.",
        details: { recorded: once.facts.map(({ id }) => id) },
      });
    return { facts: placed(once.facts, entry.position, entry.time), repeated: true };
  }

  async #append(orders: readonly FactOrder[], once?: { readonly stream: string; readonly request: string }): Promise<readonly FactRef[]> {
    const draft = new OrderDraft((stream) => this.#tips.get(stream) ?? this.#tipOf(stream));
    const refs = orders.map((order) => draft.add(order));
    for (const order of orders) for (const cause of order.causes) this.#assertKnown(cause, draft);
    // What remembers the order stands right behind what it remembers.
    const facts = [...draft.commits, ...draft.effects()];
    assertAtomic(facts, orders.length);
    const commits = once === undefined ? facts : facts.toSpliced(refs.length, 0, onceCommit(once, refs));
    this.#take(draft);
    try {
      const receipts = await this.#ledger.append(commits);
      const [first] = receipts;
      return first === undefined ? [] : placed(refs, first.position + refs.length, first.time);
    } finally {
      this.#leave(draft);
    }
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
    const id = head?.note["id"];
    return { version: head?.version ?? 0, id: typeof id === "string" ? id : null, isPresent: head?.note["present"] === true, uses: 0 };
  }

  /** A fact that there is not cannot be a cause. Those of runs have ids of another kind, and are not looked up. */
  #assertKnown(cause: string, draft: OrderDraft): void {
    const place = placeOf(cause);
    if (place === undefined) return;
    const stream = streamOf(place.kind, place.store, place.key);
    const known = draft.tips.get(stream) ?? this.#tips.get(stream) ?? this.#tipOf(stream);
    if (place.number <= known.version && (place.number < known.version || cause === known.id)) return;
    throw new InputError("unknown_cause", `there is no fact ${JSON.stringify(cause)}`, {
      fix: "Give the id of a receipt or of a fact that was read.",
      details: { cause },
    });
  }
}

/** @param next position behind the last of them */
function placed(refs: readonly UnplacedRef[], next: number, time: number): readonly FactRef[] {
  return refs.map((ref, index) => ({ validFrom: time, ...ref, producer: ref.producer, position: next - refs.length + index, time }));
}

function onceCommit({ stream, request }: { readonly stream: string; readonly request: string }, refs: readonly UnplacedRef[]): Commit {
  const fact = { type: "store.once", request, facts: refs.map((ref) => JSON.parse(JSON.stringify(ref)) as JsonObject) };
  return { run: stream, expected: 0, facts: [fact], head: { open: false, keys: ["store-once"], note: {} } };
}

function assertAtomic(commits: readonly Commit[], changes: number): void {
  if (commits.length > ORDER_LIMIT)
    throw new InputError("too_many_changes", `${changes} changes${commits.length > changes ? " with their causes" : ""} were to be one`, {
      fix: `Record at most ${ORDER_LIMIT} at once; each fact or run that is named as a cause counts as one more.`,
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

function assertIdempotencyKey(key: unknown): void {
  if (typeof key === "string" && key !== "" && key.length <= KEY_LIMIT && key.isWellFormed()) return;
  throw new InputError(
    "bad_idempotency_key",
    `the idempotency key is ${typeof key === "string" ? `a text of ${key.length} characters` : `a ${typeof key}`}`,
    {
      fix: `Give a text of 1 to ${KEY_LIMIT} characters that names this one change.`,
    },
  );
}
