// Facts of older editions as this one knows them. A fact whose shape has changed says which shape it has (`v`); older ones are brought up when they are read, and
// what stands in the ledger is never rewritten.

import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";

/** Makes of a fact of one version the same fact of the next one. Pure, and kept for ever. It need not care for `v`. */
export type Upcast = (fact: JsonObject) => JsonObject;

/**
 * By kind: what brings version 1 up, then what brings version 2 up, and so on. Whoever adds one gives the fact's type the new `v`, so that the compiler finds all who
 * record it. `type`, `node`, `plan`, `version` and `changed` are looked at before a fact is brought up: they keep their meaning in all versions.
 */
export type Upcasts = Readonly<Record<string, readonly Upcast[]>>;

/** What has changed so far: spending tells caches, reasoning and unknown prices apart since version 2. */
export const UPCASTS: Upcasts = {
  "child.settled": [({ spending, ...fact }) => ({ ...fact, ...(spending === undefined ? {} : { spending: spendingOfSecond(spending) }) })],
  "run.compacted": [
    ({ receipt, ...fact }) => ({
      ...fact,
      receipt: isJsonObject(receipt) ? { ...receipt, spending: spendingOfSecond(receipt["spending"] ?? null) } : (receipt ?? null),
    }),
  ],
};

/** One unknown price made a whole sum unknown: then none of its calls has a price that can be told. */
function spendingOfSecond(first: JsonValue): JsonValue {
  if (!isJsonObject(first)) return first;
  const { calls = 0, inputTokens = 0, outputTokens = 0, usd = null } = first;
  return {
    calls,
    inputTokens,
    outputTokens,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    knownUsd: usd ?? 0,
    unpricedCalls: usd === null ? calls : 0,
  };
}

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
