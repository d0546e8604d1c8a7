// Stores and histories as a runtime knows them by name: for people and agents who ask what there is.

import { ConfigError, InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { outputSchemaOf } from "../schema.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { isDerived } from "./derivation-graph.ts";
import { assertList, assertStore, whatIs } from "../graph/given.ts";
import { NAMES_KEY, type StoreKind } from "./names.ts";
import type { AnyStore } from "./store.ts";

/** A store or a history in summary. */
export interface StoreSummary {
  readonly kind: StoreKind;
  readonly name: string;
  /** Of its values. */
  readonly version: number;
  /** True when it is derived from others, and written by nobody. */
  readonly isDerived: boolean;
  /** Names of its indexes. */
  readonly indexes: readonly string[];
  /** Of its values; undefined where its schema tells none. */
  readonly schema: JsonObject | undefined;
  readonly definition: AnyStore;
}

/** A store or a history that a ledger holds. */
export interface StoreName {
  readonly kind: StoreKind;
  readonly name: string;
}

/** Those that have facts, in the order in which they began. */
export function storeNamesOf(ledger: Ledger): readonly StoreName[] {
  // Written by `OrderDraft`.
  return ledger.find({ keys: [NAMES_KEY] }).map(({ note }) => ({ kind: note["kind"] as StoreKind, name: note["store"] as string }));
}

/** A store in summary. */
export function storeSummary(definition: AnyStore): StoreSummary {
  const { kind, name, version, indexes = {}, schema } = definition;
  return {
    kind,
    name,
    version,
    isDerived: isDerived(definition),
    indexes: Object.keys(indexes),
    schema: outputSchemaOf(schema),
    definition,
  };
}

/** A definition, or what it is called: of what is neither nothing would be found, in silence. @param call who was given it @throws InputError `bad_store` */
export function assertStoreName(call: string, store: unknown): void {
  const { kind, name }: { readonly kind?: unknown; readonly name?: unknown } = store ?? {};
  if ((kind === "store" || kind === "history") && typeof name === "string") return;
  throw new InputError("bad_store", `${call}: ${whatIs(store)} is no store`, {
    fix: 'Give the definition, or its kind and its name: { kind: "store", name: "customers" }.',
  });
}

/** @throws InputError `bad_store`, `bad_options`; ConfigError `duplicate_store` */
export function assertStores(stores: readonly AnyStore[] = []): void {
  assertList("createRuntime: stores", stores);
  const seen = new Set<string>();
  for (const store of stores) {
    assertStore("createRuntime: stores", store);
    const { name } = store;
    if (seen.has(name))
      throw new ConfigError("duplicate_store", `two stores or histories are named "${name}"`, {
        fix: "Names are durable and must be unique in a runtime.",
      });
    seen.add(name);
  }
}
