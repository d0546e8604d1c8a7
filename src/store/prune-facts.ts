// Pruning: the values of exactly named facts are given up; what names them finds all the rest of them.

import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import { type Cutting, cutKey } from "./cut-key.ts";
import { findFact } from "./fact-reader.ts";
import { holdsOf } from "./hold.ts";
import {
  type BlockedFacts,
  type CarriedOut,
  emptyPlan,
  type KeepingPart,
  type PlannedKeeping,
  type ReadyKey,
  SHOWN_LIMIT,
} from "./keeping.ts";
import { keyNoteOf } from "./key-note.ts";
import { type FactPlace, placeOf, streamOf } from "./names.ts";
import { receiptKeys } from "./receipt.ts";

/** Facts that can be named at once. */
const PRUNE_LIMIT = 10_000;

/** What would go of some facts. @param boundary whose own details they are */
export async function planPruning(ledger: Ledger, ids: readonly string[], boundary?: string): Promise<PlannedKeeping> {
  if (ids.length > PRUNE_LIMIT)
    throw new InputError("too_many_facts", `${ids.length} facts were named`, { fix: `Name at most ${PRUNE_LIMIT} at once.` });
  const missing: string[] = [];
  const blocked: BlockedFacts[] = [];
  const going = new Map<string, { readonly place: FactPlace; readonly numbers: number[]; readonly ids: string[] }>();
  for (const id of new Set(ids)) {
    const place = placeOf(id);
    const found = await findFact({ ledger }, id).catch(unlessOther);
    if (place === undefined || found?.status !== "found") {
      missing.push(id);
      continue;
    }
    const { kind, store, key, number } = place;
    const stream = streamOf(kind, store, key);
    const isLatest = keyNoteOf(ledger.head(stream)).number === number;
    if (isLatest || holdsOf(ledger, stream, boundary).has(number)) {
      blocked.push({ kind, store, key, id, reason: isLatest ? "latest" : "boundary" });
      continue;
    }
    const known = going.get(stream) ?? { place, numbers: [], ids: [] };
    known.numbers.push(number);
    known.ids.push(id);
    going.set(stream, known);
  }
  const keys = [...going.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, key]) => key);
  const ready = keys.map(
    ({ place: { kind, store, key }, numbers }): ReadyKey => ({ kind, store, key, numbers: rangesOf(numbers), facts: numbers.length }),
  );
  const parts = [...Map.groupBy(keys, ({ place: { kind, store } }) => `${kind}:${store}`).values()].map((of): KeepingPart => {
    const named = of.flatMap((key) => key.ids);
    return {
      store: of[0]?.place.store ?? null,
      subject: null,
      boundary,
      keys: of.length,
      facts: named.length,
      order: { verb: "prune", ids: named },
      found: boundary === undefined ? [] : [receiptKeys.about("prune", boundary)],
    };
  });
  const stores = [...Map.groupBy(ready, ({ kind, store }) => `${kind}:${store}`).values()].flatMap((of) => {
    const [first] = of;
    return first === undefined
      ? []
      : { kind: first.kind, store: first.store, keys: of.length, facts: of.reduce((sum, { facts }) => sum + facts, 0) };
  });
  const hash = sha256(`prune ${keys.flatMap((key) => [...key.ids].sort()).join("\n")}`);
  const shown = { ready: ready.slice(0, SHOWN_LIMIT), blocked: blocked.slice(0, SHOWN_LIMIT), blockedCount: blocked.length, missing };
  return { plan: { ...emptyPlan("prune"), hash, stores, ...shown }, parts };
}

/** Carries out a part of it, or goes on with that. */
export async function pruneStore(
  cutting: Cutting,
  order: JsonObject,
  { receipt, boundary }: { readonly receipt: string; readonly boundary: string | null },
): Promise<CarriedOut> {
  // Written by `planPruning`.
  const { ids } = order as unknown as { readonly ids: readonly string[] };
  const places = Map.groupBy(
    ids.flatMap((id) => placeOf(id) ?? []),
    ({ kind, store, key }) => streamOf(kind, store, key),
  );
  let [keys, facts] = [0, 0];
  const blocked: BlockedFacts[] = [];
  for (const [stream, of] of places) {
    const [first] = of;
    const went = await cutKey(cutting, stream, { upTo: 0, numbers: new Set(of.map(({ number }) => number)), boundary }, receipt);
    if (went === "too_large" && first !== undefined)
      blocked.push({ kind: first.kind, store: first.store, key: first.key, reason: "too_large" });
    else if (went !== "too_large" && went > 0) [keys, facts] = [keys + 1, facts + went];
  }
  return { keys, facts, blocked };
}

/** Numbers as the stretches they make. */
function rangesOf(numbers: readonly number[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (const number of numbers.toSorted((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

/** An id that belongs to another fact is missing; what is none is told. */
function unlessOther(error: unknown): undefined {
  if (!(error instanceof InputError) || error.code !== "fact_differs") throw error;
}
