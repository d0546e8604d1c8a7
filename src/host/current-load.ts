// How much is done at this moment by the process that writes the ledger: this one, or the one behind the door.

import type { CallOptions } from "./requests.ts";
import { DoorClosed, doorHost } from "./door-client.ts";
import type { Engine } from "./engine.ts";
import type { Load } from "./load/load.ts";

/** Asks whoever writes. Where nobody does, nothing is done. */
export async function currentLoad({ writing }: Engine, folder: string | undefined, now: () => number, options: CallOptions): Promise<Load> {
  options.signal?.throwIfAborted();
  if (writing.by === "own") return writing.host.load(null);
  const nothing = { at: now(), lanes: [] };
  if (folder === undefined) return nothing;
  try {
    return await doorHost(folder).load(null, options);
  } catch (error) {
    if (error instanceof DoorClosed) return nothing;
    throw error;
  }
}
