// Taking back what a node has recorded of a key: the value it had before, or none, as a fact that rests on what is taken back. Knows no kind.

import type { StoreAccess } from "../graph/store-access.ts";
import type { CallContext } from "../graph/work.ts";
import { isJsonObject, type JsonValue } from "../json.ts";
import type { ChangeOptions, StoreChange } from "../store/change.ts";
import type { FactRef } from "../store/fact.ts";
import type { Store } from "../store/store.ts";
import { recordedOnce } from "./recorded-once.ts";

/** The change that takes a fact back. */
export type TakeBack = (written: FactRef, said: ChangeOptions, stores: StoreAccess) => Promise<StoreChange>;

/** Gives a key of a store what it had before a fact; refused where that does not stand any more. */
export function takingBack<T, Index extends string>(store: Store<T, Index>): TakeBack {
  return async ({ id, key, position }, said, stores) => {
    const before = position > 1 ? await stores.store(store).get(key, { asOf: { position: position - 1 } }) : undefined;
    const [latest] = (await stores.store(store).history(key, { newestFirst: true, limit: 1 })).items;
    const causedBy = [id, ...(before === undefined ? [] : [before.id])];
    const stands = latest !== undefined && (await isBackAt(id, latest, said, stores)) ? latest.id : id;
    const more = { ...said, causedBy, expect: stands };
    return before === undefined ? store.remove(key, more) : store.write(key, before.value, more);
  };
}

/** Whether the latest fact of a key gives it what a fact had said, since the same run took back what it had recorded behind that. */
async function isBackAt(id: string, { causes, producer }: FactRef, said: ChangeOptions, stores: StoreAccess): Promise<boolean> {
  const [taken] = causes;
  const run = said.producer?.name;
  // What nodes record rests on facts of the run, too.
  const isTakenBack = run !== undefined && producer?.name === run && !causes.some((cause) => cause.startsWith(`${run}:`));
  return isTakenBack && taken !== undefined && (await stores.fact(taken))?.previous === id;
}

/** The key as it was, unless somebody has written it since: then that stands. */
export async function undo(takeBack: TakeBack, value: JsonValue | undefined, context: CallContext): Promise<void> {
  const id = isJsonObject(value) ? value["id"] : undefined;
  const written = typeof id === "string" ? await context.stores.fact(id) : undefined;
  if (written === undefined) return;
  const change = await takeBack(written, { producer: { kind: "run", name: context.runId } }, context.stores);
  try {
    await recordedOnce(change, context);
  } catch (error) {
    if (!isConflict(error)) throw error;
    context.log("not taken back: it was written since", { fact: written.id });
  }
}

/** True for the refusal of a write that expects something else. */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "write_conflict";
}
