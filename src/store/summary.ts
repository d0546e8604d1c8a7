// Stores and histories as a runtime knows them by name: for people and agents who ask what there is.

import { ConfigError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { outputSchemaOf } from "../schema.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { isDerived } from "./derivation-graph.ts";
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

/** @throws ConfigError `duplicate_store` */
export function assertStores(stores: readonly AnyStore[]): void {
  const seen = new Set<string>();
  for (const { name } of stores) {
    if (seen.has(name))
      throw new ConfigError("duplicate_store", `two stores or histories are named "${name}"`, {
        fix: "Names are durable and must be unique in a runtime.",
      });
    seen.add(name);
  }
}
