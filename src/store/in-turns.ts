// Many things one by one, with a turn for everything else in this process now and then: what is read of a ledger is often there at once, so that waiting for it gives nobody a turn.

import { setImmediate as nextTurn } from "node:timers/promises";

/** Things given before everything else has its turn. */
const IN_A_TURN = 64;

/** The same things in the same order. */
export async function* inTurns<T>(all: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T, void> {
  let given = 0;
  for await (const one of all) {
    yield one;
    given += 1;
    if (given % IN_A_TURN === 0) await nextTurn();
  }
}
