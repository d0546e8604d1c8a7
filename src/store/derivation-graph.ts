// Derived stores in the order in which they follow from each other. Knows definitions only.

import { ConfigError, InputError } from "../errors.ts";
import type { Derived } from "./derive.ts";
import type { AnyStore } from "./store.ts";

/** True for a store that is derived. */
export function isDerived(store: AnyStore): store is Derived<never, never> & AnyStore {
  return "rule" in store;
}

/**
 * The derived stores among some, and those that they are derived from: each behind what it is derived from.
 * @throws ConfigError `derivation_cycle` (a store that follows from itself, by names), `duplicate_store` (two different ones with one name)
 */
export function derivationOrder(stores: readonly AnyStore[]): readonly Derived<unknown>[] {
  const byName = new Map<string, AnyStore>();
  const meet = (store: AnyStore): void => {
    const known = byName.get(store.name);
    if (known === store) return;
    // The derived one of a name says how its values come to be; a plain one says only how they are read.
    if (known === undefined || (isDerived(store) && !isDerived(known))) byName.set(store.name, store);
    else if (isDerived(store))
      throw new ConfigError("duplicate_store", `two derived stores are named "${store.name}"`, {
        fix: "Names are durable and must be unique in a runtime.",
      });
    for (const source of sourcesOf(store)) meet(source);
  };
  for (const store of stores) meet(store);
  const ordered = new Map<string, AnyStore>();
  const place = (store: AnyStore, path: readonly string[]): void => {
    if (path.includes(store.name)) throw cycle([...path.slice(path.indexOf(store.name)), store.name]);
    if (ordered.has(store.name)) return;
    for (const source of sourcesOf(store)) place(byName.get(source.name) ?? source, [...path, store.name]);
    ordered.set(store.name, store);
  };
  for (const store of byName.values()) place(store, []);
  // What it holds is not asked for here: only its rule knows.
  return [...ordered.values()].filter(isDerived) as readonly unknown[] as readonly Derived<unknown>[];
}

/** @throws InputError `store_is_derived` */
export function assertWritten(derived: ReadonlySet<string>, store: string): void {
  if (derived.has(store))
    throw new InputError("store_is_derived", `${store} is derived, so nobody writes it`, { fix: "Write what it is derived from." });
}

function sourcesOf(store: AnyStore): readonly AnyStore[] {
  return isDerived(store) ? [...store.rule.sources.values()] : [];
}

function cycle(path: readonly string[]): ConfigError {
  return new ConfigError("derivation_cycle", `"${path[0]}" is derived from itself: ${path.join(" from ")}`, {
    fix: "A value cannot rest on itself: derive one of them from what the application writes.",
    details: { path },
  });
}
