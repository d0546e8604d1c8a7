// Which facts of stores and histories a run rests on: what its nodes have read, what it was started by, what its awaits were answered with. By these it is found from there.

import type { Fact } from "./fact.ts";
import type { RunState } from "./state.ts";

/** Keys of stores that a run is found by, each for itself; of more it is found by their stores. */
const EXACT_LIMIT = 256;

const STORE_FACT = /^(?<subject>(?<store>(?:store|history):[a-z][a-z0-9-]*):.*)@[1-9]\d*#[0-9a-f]{16}$/s;

/** The fact of a store that an id names, as a list; none for other ids. */
export function storeFactIn(id: string): readonly string[] {
  return STORE_FACT.test(id) ? [id] : [];
}

/** What a run that rests on a fact of a store may be found by: the key of the store, or the store. */
export function subjectsOf(id: string): readonly string[] {
  const { subject, store } = STORE_FACT.exec(id)?.groups ?? {};
  return subject === undefined || store === undefined ? [] : [subject, store];
}

/** Takes down what a fact of the run rests on. */
export function foldRestsOn({ restsOn }: RunState, fact: Fact): void {
  for (const id of storeFactsIn(fact)) {
    const [subject, store] = subjectsOf(id);
    if (subject === undefined || store === undefined || restsOn.has(subject)) continue;
    restsOn.add(restsOn.size < EXACT_LIMIT ? subject : store);
  }
}

function storeFactsIn(fact: Fact): readonly string[] {
  switch (fact.type) {
    case "facts.read":
      return fact.facts;
    case "event.delivered":
      return [fact.deliveryId];
    case "run.started":
      return fact.from === undefined ? [] : [fact.from];
    default:
      return [];
  }
}
