// Recording a change of a store from a node so that it happens once, whatever cuts the attempt off. Knows no kind.

import { BugError, InputError } from "../errors.ts";
import type { CallContext } from "../graph/work.ts";
import { hashJson } from "../json.ts";
import type { StoreChange } from "../store/change.ts";
import type { FactRef } from "../store/fact.ts";

/** The longest key of an order. */
const KEY_LIMIT = 512;

/** Records the change under the key of the attempt's node, and notes it in the record of the run. What the node recorded before under this key counts, even where it would say something else now. */
export async function recordedOnce(change: StoreChange, { stores, idempotencyKey, note }: CallContext): Promise<FactRef> {
  const fact = await once(change, stores, keyOf(idempotencyKey));
  note({ type: "facts.recorded", store: fact.store, facts: [fact.id] });
  return fact;
}

async function once(change: StoreChange, stores: CallContext["stores"], key: string): Promise<FactRef> {
  try {
    const [fact] = (await stores.record([change], key)).facts;
    if (fact !== undefined) return fact;
  } catch (error) {
    // A function of the author gave something else than before the crash.
    const before = error instanceof InputError && error.code === "idempotency_conflict" ? recordedBefore(error) : undefined;
    const fact = before === undefined ? undefined : await stores.fact(before);
    if (fact === undefined) throw error;
    return fact;
  }
  throw new BugError("a change was recorded and gave no receipt");
}

function recordedBefore({ details }: InputError): string | undefined {
  const recorded = details["recorded"];
  const first: unknown = Array.isArray(recorded) ? recorded[0] : undefined;
  return typeof first === "string" ? first : undefined;
}

/** Paths may be longer than a key. */
function keyOf(idempotencyKey: string): string {
  const key = `run ${idempotencyKey}`;
  return key.length <= KEY_LIMIT ? key : `run ${hashJson(key)}`;
}
