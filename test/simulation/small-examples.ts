// What the smallest examples of what the random graphs found are run with: a clock moved by hand, and a runtime that is closed afterwards.

import { memoryLedger, type AnyContract, type Kindling, type Run, type RunView } from "kindling";
import { manualClock } from "kindling/testing";
import { scripted } from "kindling/providers/scripted";
import { nextTurn, openKindling } from "../host/open-host.ts";

const clock = manualClock();
const models = [scripted(Array.from({ length: 20 }, () => "reply"))];

/** A runtime with this contract. */
export function open(definition: AnyContract, ledger = memoryLedger()): Promise<Kindling> {
  return openKindling({ contracts: [definition], ledger, clock, models });
}

/** The run when it rests; fails soon for one that never does. */
export async function rest(run: Run<unknown>): Promise<RunView> {
  for (let turn = 0; turn < 30; turn++) {
    await nextTurn(3);
    clock.advance(1_000);
  }
  return run.settled({ signal: AbortSignal.timeout(200) });
}

/** What a node does that fails. */
export function broken(): never {
  throw new Error("broken");
}
