// A call that writes: made here, or through the door of the process that writes. When that one is gone, this one takes over.

import { LedgerError, RunError } from "../errors.ts";
import { DoorClosed, unreachable } from "./door-client.ts";
import type { Engine } from "./engine.ts";
import type { Host } from "./host.ts";

/** How long a call looks for somebody to take it, while the process that wrote goes and this one takes over. */
const TAKE_OVER_MS = 5_000;
/** How long it waits before it looks again. */
export const TAKE_OVER_STEP_MS = 50;

/** A runtime, as its calls see it. */
export interface Caller {
  readonly location: string;
  /** What it stands on now: another one once it has taken over. */
  readonly engine: () => Engine;
  readonly isClosed: () => boolean;
  /** Tries to become the one who writes. */
  readonly takeOver: () => Promise<void>;
}

/**
 * @param call `isHanded` says that it goes through a door, or went through one before: whoever died may have made it, so from then on it says the same, and so that once is enough.
 * @throws LedgerError `ledger_read_only`, `writer_unreachable`; RunError `host_closed`
 */
export async function callWriter<T>(caller: Caller, call: (host: Host, isHanded: boolean) => Promise<T>): Promise<T> {
  let triesLeft = TAKE_OVER_MS / TAKE_OVER_STEP_MS;
  let isHanded = false;
  for (;;) {
    const { writing } = caller.engine();
    if (caller.isClosed()) throw new RunError("host_closed", "the runtime is closed");
    if (writing.by === "none")
      throw new LedgerError("ledger_read_only", "this runtime only reads", { fix: 'Create it with access: "write" or "shared".' });
    try {
      isHanded ||= writing.by === "door";
      return await call(writing.host, isHanded);
    } catch (error) {
      if (!(error instanceof DoorClosed)) throw error;
      triesLeft -= 1;
      if (triesLeft <= 0) throw unreachable(caller.location, error);
      await caller.takeOver();
    }
  }
}
