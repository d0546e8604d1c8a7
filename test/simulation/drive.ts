// Plays a run to its end, answering every await by its path, so that the same run always ends the same way.

import type { JsonValue, Kindling, RunView } from "../../src/index.ts";
import { digest } from "../host/ledgers.ts";

const PATIENCE_MS = 5_000;

/** Answers awaits until the run has ended. */
export async function drive(kindling: Kindling, id: string): Promise<RunView> {
  const run = await kindling.run(id);
  for (;;) {
    const view = await run.settled({ signal: AbortSignal.timeout(PATIENCE_MS) });
    if (view.status !== "waiting") return view;
    if (view.awaits.length === 0) throw new Error(`run ${id} waits for nothing`);
    for (const { path } of view.awaits) {
      const delivery = await kindling.deliver({ event: "answered", run: id, path, payload: digest(path) });
      // An answer before it may have made the run fail.
      const isOver = delivery.status === "refused" && delivery.code === "run_ended";
      if (delivery.status !== "delivered" && !isOver) throw new Error(`${path}: ${JSON.stringify(delivery)}`);
    }
  }
}

/** How a run ended, without what depends on time. Of several failures, which came first does. */
export function endOf({ status, outputs }: RunView): { readonly status: string; readonly outputs: JsonValue } {
  const plain = JSON.stringify(outputs ?? null, (key, value: unknown) => (key === "error" ? "failed" : value));
  return { status, outputs: JSON.parse(plain) as JsonValue };
}
