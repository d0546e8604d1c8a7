// What an author says of a boundary: a subject and a period whose facts come to a result, after which they may go. Data and functions; knows no ledger.

import { InputError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { Schema } from "../schema.ts";
import { answerOf, assertObject, assertStore, whatIs } from "../graph/given.ts";
import { assertKey, shortly, type StoreKind } from "./names.ts";
import { defineStore, type AnyStore, type Store } from "./store.ts";
import type { Written } from "./value.ts";

/** Which boundary of a definition: e.g. a technician and a day. */
export interface BoundaryAt {
  readonly subject: string;
  readonly period: string;
}

/** A key of a store, or a part of a history, whose facts belong to a boundary. */
export interface Covered<T> {
  readonly of: Pick<AnyStore, "kind" | "name" | "version" | "upcast" | "retention"> & { readonly schema: Schema<T> };
  /** Of a history without parts: empty, as when it is left out. */
  readonly key?: string;
}

/** The facts of each covered key, oldest first, without those that say that there is no value. */
export type CoveredFacts<C extends Record<string, Covered<unknown>>> = {
  readonly [Name in keyof C]: readonly Written<C[Name] extends Covered<infer T> ? T : never>[];
};

/** What `defineBoundary` takes. */
export interface BoundaryOptions<T, C extends Record<string, Covered<unknown>>> {
  /** Of the result, which must be JSON. */
  readonly schema: Schema<T>;
  /** Which keys belong to it, by names of your choice. At most 100. */
  readonly covers: (at: BoundaryAt) => C;
  /** What their facts come to. The same facts must give the same. */
  readonly result: (facts: CoveredFacts<C>, at: BoundaryAt) => T | Promise<T>;
}

/** How far a boundary is. `compacting`: a plan is being carried out. */
export type BoundaryStatus = "open" | "closed" | "settled" | "compacting" | "compacted";

/** A boundary as it is recorded: the value of its key in its store. */
export interface BoundaryRecord extends BoundaryAt {
  readonly status: BoundaryStatus;
  /** Null while it is open. */
  readonly result: JsonValue;
  /** SHA-256 of the canonical JSON of the result; null while it is open. */
  readonly resultHash: string | null;
  /** Ids of the facts it rests on: all that its keys had when it was closed. */
  readonly inputs: readonly string[];
  /** Ids of the facts that settled it. */
  readonly evidence: readonly string[];
  /** Hash of the plan by which its details went. */
  readonly plan: string | null;
  /** Ids of the receipts of that. */
  readonly receipts: readonly string[];
}

/** Subjects and periods with a life cycle. Made by `defineBoundary`. */
export interface Boundary<T> {
  readonly name: string;
  readonly schema: Schema<T>;
  /** Where its records are: to be read, listed and watched like every store. */
  readonly store: Store<BoundaryRecord, "status" | "plan">;
  /** The key of a record in that store. @throws InputError `bad_key` */
  readonly keyOf: (at: BoundaryAt) => string;
  readonly covers: (at: BoundaryAt) => Record<string, Covered<unknown>>;
  readonly result: (facts: CoveredFacts<Record<string, Covered<unknown>>>, at: BoundaryAt) => T | Promise<T>;
}

/**
 * Defines boundaries: open, closed with a result, settled by evidence, compacted. Their records stand in a store of the same name.
 *
 * @throws InputError `bad_store`
 * @example
 * ```ts
 * const day = defineBoundary("day", {
 *   schema: z.object({ hours: z.number() }),
 *   covers: ({ subject, period }) => ({ bookings: { of: bookings, key: `${subject}/${period}` } }),
 *   result: ({ bookings }) => ({ hours: bookings.reduce((sum, { value }) => sum + value.hours, 0) }),
 * });
 * ```
 */
export function defineBoundary<T, C extends Record<string, Covered<unknown>>>(name: string, options: BoundaryOptions<T, C>): Boundary<T> {
  assertObject(`boundary ${shortly(name)}`, options);
  const { schema, covers, result } = options;
  const store = defineStore(name, { schema: RECORD, indexes: { status: ({ status }) => status, plan: ({ plan }) => plan ?? undefined } });
  if (typeof schema?.["~standard"]?.validate !== "function" || typeof covers !== "function" || typeof result !== "function")
    throw new InputError("bad_store", `boundary ${name}: schema, covers and result are needed`, {
      fix: "Give all three: defineBoundary(name, { schema, covers, result }).",
    });
  // It is given the facts of what `covers` named, by those names.
  return Object.freeze({
    name,
    schema,
    store,
    keyOf: (at: BoundaryAt) => boundaryKey(name, at),
    covers,
    result: result as unknown as Boundary<T>["result"],
  });
}

/** The key of a boundary. @throws InputError `bad_key` */
export function boundaryKey(name: string, at: BoundaryAt): string {
  const { subject, period }: Partial<BoundaryAt> = at ?? {};
  assertKey(name, subject, "subject");
  assertKey(name, period, "period");
  const key = `${encodeURIComponent(subject)}@${encodeURIComponent(period)}`;
  assertKey(name, key);
  return key;
}

/** What is covered, with the keys that name it. @throws InputError `bad_key`, `bad_boundary` */
export function coveredKeys(
  { name, covers }: Pick<Boundary<unknown>, "name" | "covers">,
  at: BoundaryAt,
): readonly { readonly name: string; readonly kind: StoreKind; readonly key: string; readonly of: Covered<unknown>["of"] }[] {
  const given: unknown = answerOf("bad_boundary", `${name}: covers`, () => covers(at));
  if (typeof given !== "object" || given === null)
    throw new InputError("bad_boundary", `${name}: covers gave ${whatIs(given)}`, {
      fix: "Let it give the keys by name: ({ subject }) => ({ booked: { of: bookings, key: subject } }).",
    });
  const all = Object.entries<Covered<unknown> | undefined>({ ...given });
  if (all.length === 0 || all.length > COVERS_MOST)
    throw new InputError("bad_boundary", `${name} covers ${all.length} keys`, { fix: `Give 1 to ${COVERS_MOST}.` });
  return all.map(([by, covered]) => {
    const { of, key = "" } = covered ?? {};
    assertStore(`${name}: covers.${by}.of`, of);
    if (of.kind === "store" || key !== "") assertKey(of.name, key);
    return { name: by, kind: of.kind, key, of };
  });
}

const COVERS_MOST = 100;

/** Records are made here and nowhere else: there is nothing to check. */
const RECORD: Schema<BoundaryRecord> = {
  "~standard": { version: 1, vendor: "kindling", validate: (value) => ({ value: value as BoundaryRecord }) },
};
