// What an author says of a derived store: what its values are made of, and how. Data and functions; knows no ledger.

import { InputError, RunError } from "../errors.ts";
import type { Duration } from "../graph/duration.ts";
import { toJson } from "../json.ts";
import type { Schema } from "../schema.ts";
import type { FactRef } from "./fact.ts";
import type { FactRetention } from "./fact-retention.ts";
import { assertObject, isStore } from "../graph/given.ts";
import { shortly } from "./names.ts";
import { authored, type ComputeRule, type Rule } from "./rule.ts";
import { type AnyStore, defineStore, type History, type IndexOf, type ReadableStore } from "./store.ts";
import type { Written } from "./value.ts";

/** A store whose values are computed from those of others, and kept up with them. Made by `derive`; read like any store, written by nobody. */
export interface Derived<T, Index extends string = string> extends ReadableStore<T, Index> {
  readonly rule: Rule;
}

/** What values are derived from: a store, a history, or another derived store. */
export type Source<S> = ReadableStore<S, never> | History<S>;

/** To which keys of the derived store a value contributes: one, several, or none (`undefined`). */
export type GroupOf<S> = (value: S, fact: FactRef) => string | readonly string[] | undefined;

/** Takes values into an account one by one, so that a write costs the same however many there are. */
export interface Reduce<S, T> {
  /** Before the first value. */
  readonly initial: NoInfer<T>;
  /** With one more value. */
  readonly add: (account: T, value: S, fact: FactRef) => NoInfer<T>;
  /** Without a value that was taken in before. Without it, an account whose values change or go is made anew from those that are left. */
  readonly remove?: (account: T, value: S, fact: FactRef) => NoInfer<T>;
}

interface Common<T, Index extends string> {
  /** What is derived: checked before it is recorded. */
  readonly schema: Schema<T>;
  /** Of the rule and the schema: 1 when left out. Raise it when either is another one, and everything is derived anew. */
  readonly version?: number;
  readonly indexes?: Readonly<Record<Index, IndexOf<T>>>;
  /** How long facts of its past are kept; for ever when left out. The latest of a key always is. */
  readonly retention?: FactRetention;
  /** How long one computation may take; 10 s when left out. */
  readonly timeLimit?: Duration;
}

/** What `derive` takes to compute values from all of a group. */
export interface ComputeOptions<S, T, Index extends string = never> extends Common<T, Index> {
  readonly from: Source<S>;
  readonly key: GroupOf<NoInfer<S>>;
  /** The value for a key from all there is for it: by when their keys were first written, events as they were recorded; undefined for none. Not asked for a key that nothing contributes to. */
  readonly compute: (facts: readonly Written<NoInfer<S>>[], key: string) => NoInfer<T> | undefined | Promise<NoInfer<T> | undefined>;
}

/** What `derive` takes to keep accounts. */
export interface ReduceOptions<S, T, Index extends string = never> extends Common<T, Index> {
  readonly from: Source<S>;
  readonly key: GroupOf<NoInfer<S>>;
  readonly reduce: Reduce<NoInfer<S>, T>;
}

/** What `derive` takes to compute values from several stores and histories. */
export interface GatherOptions<Sources, T, Index extends string = never> extends Common<T, Index> {
  readonly from: { readonly [Name in keyof Sources]: Source<Sources[Name]> };
  readonly key: NoInfer<{ readonly [Name in keyof Sources]: GroupOf<Sources[Name]> }>;
  /** The value for a key from all there is for it, by source, each by when their keys were first written, events as they were recorded; undefined for none. Not asked for a key that nothing contributes to. */
  readonly compute: (
    facts: NoInfer<{ readonly [Name in keyof Sources]: readonly Written<Sources[Name]>[] }>,
    key: string,
  ) => NoInfer<T> | undefined | Promise<NoInfer<T> | undefined>;
}

/**
 * Defines a store whose values are derived from others: by key, kept up with every write, each with the facts it was made of. Given to `createRuntime({ stores })`, it is derived by the process that writes.
 * A rule must give the same for the same: it is asked again whenever that is needed.
 *
 * @throws InputError `bad_store`
 * @example
 * ```ts
 * const hours = derive("hours", {
 *   schema: z.number(),
 *   from: bookings,
 *   key: ({ day }) => day,
 *   reduce: { initial: 0, add: (sum, booking) => sum + booking.hours, remove: (sum, booking) => sum - booking.hours },
 * });
 * ```
 */
export function derive<S, T, Index extends string = never>(name: string, options: ReduceOptions<S, T, Index>): Derived<T, Index>;
export function derive<S, T, Index extends string = never>(name: string, options: ComputeOptions<S, T, Index>): Derived<T, Index>;
export function derive<Sources extends object, T, Index extends string = never>(
  name: string,
  options: GatherOptions<Sources, T, Index>,
): Derived<T, Index>;
export function derive(name: string, given: object): Derived<unknown> {
  assertObject(`derived store ${shortly(name)}`, given);
  const options: Given = given as Given;
  const { schema, version = 1, indexes = {}, retention } = options;
  // Values of an older version are made anew, so nothing needs to say how; those of the past are given as they are, where they still fit.
  const upcast = Object.fromEntries(Array.from({ length: Math.max(0, version - 1) }, (_, older) => [older + 1, <V>(value: V): V => value]));
  const store: ReadableStore<unknown> = defineStore<unknown, string>(name, {
    schema,
    version,
    indexes,
    upcast,
    ...(retention === undefined ? {} : { retention }),
  });
  return Object.freeze({
    kind: store.kind,
    name: store.name,
    schema: store.schema,
    version: store.version,
    upcast: store.upcast,
    indexes: store.indexes,
    retention: store.retention,
    rule: Object.freeze(ruleOf(name, options)),
  });
}

/** What the overloads have in common: of the types only that they fit each other is known, and that was checked. */
interface Given extends Common<unknown, string> {
  readonly from: AnyStore | Readonly<Record<string, AnyStore>>;
  readonly key: GroupOf<unknown> | Readonly<Record<string, GroupOf<unknown>>>;
  readonly compute?: (facts: unknown, key: string) => unknown;
  readonly reduce?: Reduce<unknown, unknown>;
}

const TIME_LIMIT: Duration = "10s";

function ruleOf(name: string, { from, key, compute, reduce, timeLimit = TIME_LIMIT }: Given): Rule {
  if ((compute === undefined) === (reduce === undefined))
    throw bad(name, compute === undefined ? "says neither compute nor reduce" : "says both compute and reduce", "Give one of them.");
  const single = isStore(from) ? from : undefined;
  const sources = new Map(single === undefined ? Object.entries(from ?? {}) : [[single.name, single]]);
  if (sources.size === 0) throw bad(name, "has nothing to be derived from", "Name a store or a history: from: bookings.");
  for (const [of, source] of sources)
    if (!isStore(source)) throw bad(name, `from.${of} is no store`, "Give what defineStore, defineHistory or derive gave.");
  const groupOf = new Map<string, GroupOf<unknown>>();
  for (const of of sources.keys()) {
    const group: unknown = single === undefined && typeof key === "object" ? key?.[of] : key;
    if (typeof group !== "function")
      throw bad(name, single === undefined ? `key.${of} is no function` : "key is no function", "Give one: key: ({ day }) => day.");
    groupOf.set(of, group as GroupOf<unknown>);
  }
  const common = { sources, groupOf, timeLimit };
  if (reduce === undefined) return { ...common, type: "compute", compute: computeOf(name, single?.name, compute) };
  if (single === undefined) throw bad(name, "reduces several sources", "Compute it, or chain derivations.");
  if (typeof reduce?.add !== "function" || (reduce.remove !== undefined && typeof reduce.remove !== "function"))
    throw bad(name, "reduce has no function add", "Give one: add: (account, value) => …, and remove where values change.");
  const initial = toJson(reduce.initial);
  if (!initial.ok)
    throw bad(name, `reduce.initial is no JSON: ${initial.problem.at} ${initial.problem.message}`, "Give a value, such as initial: 0.");
  const add = accountOf(name, "reduce.add", reduce.add);
  const remove = reduce.remove === undefined ? undefined : accountOf(name, "reduce.remove", reduce.remove);
  if (remove !== undefined || single.kind === "history") return { ...common, type: "reduce", initial: initial.value, add, remove };
  const anew: ComputeRule["compute"] = (facts) =>
    (facts.get(single.name) ?? []).reduce(
      (account, { value, ...fact }) => add(account, value, fact),
      structuredClone<unknown>(initial.value),
    );
  return { ...common, type: "compute", compute: anew };
}

/** Nothing is no account: what was taken in would be forgotten in silence. */
function accountOf(name: string, what: string, step: Step): Step {
  return (account, value, fact) => {
    const next = authored(name, what, () => step(account, value, fact));
    if (next !== undefined) return next;
    throw new RunError("no_account", `${name}: ${what} gave undefined`, {
      fix: `Return the account, also where it was changed in place. Then derive anew: kindling.derivations.rebuild("${name}").`,
    });
  };
}

type Step = Reduce<unknown, unknown>["add"];

function computeOf(name: string, single: string | undefined, compute: Given["compute"]): ComputeRule["compute"] {
  if (typeof compute !== "function") throw bad(name, "compute is no function", "Give one: compute: (facts, key) => ….");
  return (facts, key) => compute(single === undefined ? Object.fromEntries(facts) : (facts.get(single) ?? []), key);
}

function bad(name: unknown, message: string, fix: string): InputError {
  return new InputError("bad_store", `derived store ${shortly(name)}: ${message}`, { fix });
}
