// Taking back what a node has recorded of a key: the value it had before, or none, as a fact that rests on what is taken back. Knows no kind.

import type { StoreAccess } from "../graph/store-access.ts";
import type { CallContext } from "../graph/work.ts";
import { isJsonObject, type JsonValue } from "../json.ts";
import type { ChangeOptions, StoreChange } from "../store/change.ts";
import type { FactRef } from "../store/fact.ts";
import type { Store } from "../store/store.ts";
import { recordedOnce } from "./recorded-once.ts";
import { asSaid } from "./refused-once.ts";

/** The fact that is taken back. */
type Taken = Pick<FactRef, "id" | "key" | "position">;

/** The change that takes a fact back; undefined where somebody has written the key since. */
export type TakeBack = (taken: Taken, said: ChangeOptions, stores: StoreAccess) => Promise<StoreChange | undefined>;

/** Gives a key of a store what it had before a fact. */
export function takingBack<T, Index extends string>(store: Store<T, Index>): TakeBack {
  return async ({ id, key, position }, said, stores) => {
    // Nothing of its value matters, which a later edition may have written.
    const latest = await stores.latest(store.name, key);
    const isBack = latest !== undefined && (await isBackAt(id, latest, said, stores));
    // What it was before is not asked for where it cannot come back: it may have been given up since.
    if (latest !== undefined && latest.id !== id && !isBack) return undefined;
    const before = position > 1 ? await stores.store(store).get(key, { asOf: { position: position - 1 } }) : undefined;
    const causedBy = [id, ...(before === undefined ? [] : [before.id])];
    const more = { ...said, causedBy, expect: isBack ? latest.id : id };
    return before === undefined ? store.remove(key, more) : store.write(key, before.value, more);
  };
}

/** Whether the latest fact of a key gives it what a fact had said, since the same run took back what it had recorded behind that. */
async function isBackAt(id: string, { causes, producer }: FactRef, said: ChangeOptions, stores: StoreAccess): Promise<boolean> {
  const [taken] = causes;
  const run = said.producer?.name;
  // It rests on facts of its key alone; what nodes record rests on facts of runs, too: of this one, or of the child they stand in.
  const ofKey = id.slice(0, id.lastIndexOf("@") + 1);
  const isTakenBack = run !== undefined && producer?.name === run && causes.every((cause) => cause.startsWith(ofKey));
  return isTakenBack && taken !== undefined && (await stores.fact(taken))?.previous === id;
}

/** The key as it was, unless somebody has written it since: then that stands. What cannot come back, since it was given up, is not tried again. */
export async function undo(takeBack: TakeBack, value: JsonValue | undefined, context: CallContext): Promise<void> {
  const taken = takenIn(value);
  if (taken === undefined) return;
  await asSaid({}, async () => {
    const change = await takeBack(taken, { producer: { kind: "run", name: context.runId } }, context.stores);
    try {
      if (change !== undefined) return void (await recordedOnce(change, context));
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    context.log("not taken back: it was written since", { fact: taken.id });
  });
}

/** What the receipt says that a node gave. */
function takenIn(value: JsonValue | undefined): Taken | undefined {
  const { id, key, position } = isJsonObject(value) ? value : {};
  return typeof id === "string" && typeof key === "string" && typeof position === "number" ? { id, key, position } : undefined;
}

/** True for the refusal of a write that expects something else. */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "write_conflict";
}
