// A store or a history as somebody finds it who knows only its name, and not the type of its values: the command line, agents.

import { isDerived } from "./derivation-graph.ts";
import { type FactAccess, HistoryHandle, StoreHandle } from "./handle.ts";
import type { AnyStore, History, ReadableStore, Store } from "./store.ts";

/** A store or a history that a runtime was given, with values of any type: its schema checks them. */
export type NamedStore =
  | { readonly kind: "store"; readonly definition: Store<unknown>; readonly handle: StoreHandle<unknown, string> }
  | { readonly kind: "history"; readonly definition: History<unknown>; readonly handle: HistoryHandle<unknown> };

/** The one of this name; undefined for none. */
export function storeNamed(definitions: readonly AnyStore[], name: string, access: FactAccess): NamedStore | undefined {
  const found = definitions.find((each) => each.name === name);
  if (found === undefined) return undefined;
  if (isDerived(found)) return { kind: "store", ...refusing(found, access) };
  // Made by `defineStore` or `defineHistory`, as `kind` says. Its functions are given nothing but what its own schema gave.
  if (found.kind === "store") {
    const definition = found as unknown as Store<unknown>;
    return { kind: "store", definition, handle: new StoreHandle(definition, access) };
  }
  const definition = found as unknown as History<unknown>;
  return { kind: "history", definition, handle: new HistoryHandle(definition, access) };
}

/** A derived store with what every store has: whoever writes it is told that nobody does (`store_is_derived`). */
function refusing(derived: AnyStore, access: FactAccess): Pick<Extract<NamedStore, { kind: "store" }>, "definition" | "handle"> {
  const definition: Store<unknown> = {
    // Of what it holds nobody here knows the type.
    ...(derived as unknown as ReadableStore<unknown>),
    write: (key, value, options = {}) => ({ act: "write", store: definition, key, value, options }),
    remove: (key, options = {}) => ({ act: "remove", store: definition, key, options }),
  };
  return { definition, handle: new StoreHandle(definition, access) };
}
