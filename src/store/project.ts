// What an author says of a projection: one value made of everything that was ever recorded in some stores and histories, fact by fact, in the order of the ledger. Data and functions.

import { InputError } from "../errors.ts";
import type { Schema } from "../schema.ts";
import type { Source } from "./derive.ts";
import { assertObject, isStore } from "../graph/given.ts";
import { nameProblem, shortly } from "./names.ts";
import type { AnyStore } from "./store.ts";
import type { StoreFact, Written } from "./value.ts";

/** Takes a fact into a state. What it was before is given for a key of a store that had a value. It must give the same for the same, and may change the state it is given. */
export type Fold<S, State> = (state: State, fact: StoreFact<S>, before: Written<S> | undefined) => NoInfer<State>;

/** What `project` takes. */
export interface ProjectOptions<Sources, State> {
  /** The stores and histories whose facts are taken in, by name. */
  readonly from: { readonly [Name in keyof Sources]: Source<Sources[Name]> };
  /** Of the state, which must be JSON. */
  readonly schema: Schema<State>;
  /** Before the first fact. */
  readonly initial: NoInfer<State>;
  /** For each of them, how a fact changes the state. */
  readonly fold: NoInfer<{ readonly [Name in keyof Sources]: Fold<Sources[Name], State> }>;
  /** 1 when left out. Raise it when the fold or the schema is another one, and everything is folded again. */
  readonly version?: number;
}

/** A projection. Made by `project`. */
export interface Projection<State> {
  readonly kind: "projection";
  readonly name: string;
  readonly version: number;
  readonly schema: Schema<State>;
  readonly initial: State;
  /** By the name that the fold knows it by. */
  readonly sources: ReadonlyMap<string, AnyStore>;
  readonly folds: ReadonlyMap<string, Fold<unknown, State>>;
}

/**
 * Defines a projection: what a page, a report or a statistic needs, as one value, kept with the ledger up to where it was made.
 *
 * @throws InputError `bad_projection`
 * @example
 * ```ts
 * const minutes = project("minutes", {
 *   from: { calls },
 *   schema: z.object({ calls: z.number(), minutes: z.number() }),
 *   initial: { calls: 0, minutes: 0 },
 *   fold: { calls: (sum, { act, ...call }) => ({ calls: sum.calls + 1, minutes: sum.minutes + ("value" in call ? call.value.minutes : 0) }) },
 * });
 * ```
 */
export function project<Sources extends object, State>(name: string, options: ProjectOptions<Sources, State>): Projection<State> {
  assertObject(`projection ${shortly(name)}`, options);
  const { schema, initial, version = 1 } = options;
  const problem = nameProblem(name);
  if (problem !== undefined) throw bad(name, `its name ${problem}`, 'Rename it: "calls-a-day".');
  if (typeof schema?.["~standard"]?.validate !== "function")
    throw bad(name, "has no schema", "Give a Standard Schema, such as one of zod: schema: z.object({ … }).");
  if (!Number.isSafeInteger(version) || version < 1) throw bad(name, `version is ${shortly(version)}`, "Give a whole number from 1 on.");
  const sources = new Map<string, AnyStore>(Object.entries<AnyStore>(options.from ?? {}));
  // Each is given facts of its own source only, as its definition reads them.
  const folds = new Map(Object.entries<Fold<unknown, State>>((options.fold ?? {}) as Readonly<Record<string, Fold<unknown, State>>>));
  if (sources.size === 0) throw bad(name, "has nothing to be made of", "Name stores and histories: from: { calls }.");
  for (const [source, store] of sources) {
    if (!isStore(store)) throw bad(name, `from.${source} is no store`, "Give what defineStore, defineHistory or derive gave.");
    if (typeof folds.get(source) !== "function")
      throw bad(name, `fold.${source} is no function`, `Give one: fold: { ${source}: (state, fact) => state }.`);
  }
  const strange = [...folds.keys()].find((source) => !sources.has(source));
  if (strange !== undefined) throw bad(name, `fold.${strange} is never used`, `Name its source: from: { ${strange} }.`);
  return Object.freeze({ kind: "projection", name, version, schema, initial, sources, folds });
}

function bad(name: unknown, message: string, fix: string): InputError {
  return new InputError("bad_projection", `projection ${shortly(name)}: ${message}`, { fix });
}
