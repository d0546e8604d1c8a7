// Facts of older editions as this one knows them. A fact whose shape has changed says which shape it has (`v`); older ones are brought up when they are read, and
// what stands in the ledger is never rewritten.

import type { JsonObject } from "../json.ts";

/** Makes of a fact of one version the same fact of the next one. Pure, and kept for ever. It need not care for `v`. */
export type Upcast = (fact: JsonObject) => JsonObject;

/**
 * By kind: what brings version 1 up, then what brings version 2 up, and so on. Whoever adds one gives the fact's type the new `v`, so that the compiler finds all who
 * record it. `type`, `node`, `plan`, `version` and `changed` are looked at before a fact is brought up: they keep their meaning in all versions.
 */
export type Upcasts = Readonly<Record<string, readonly Upcast[]>>;

/** No shape has changed yet. */
export const UPCASTS: Upcasts = {};

/** The version of a kind of fact that this edition writes. Version 1 is not written down. */
export function versionOf(type: string, table: Upcasts): number {
  return (Object.hasOwn(table, type) ? (table[type]?.length ?? 0) : 0) + 1;
}

/** A fact as this edition knows it; `undefined` when its version is none, or a newer one. Brought up once more it stays as it is. */
export function upcast(fact: JsonObject, table: Upcasts): JsonObject | undefined {
  const { type, v = 1 } = fact;
  if (typeof type !== "string" || typeof v !== "number" || !Number.isInteger(v) || v < 1) return undefined;
  const newest = versionOf(type, table);
  if (v > newest) return undefined;
  if (v === newest) return fact;
  const steps = table[type]?.slice(v - 1) ?? [];
  return { ...steps.reduce((older, step) => step(older), fact), v: newest };
}
