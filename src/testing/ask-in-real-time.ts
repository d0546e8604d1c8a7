// Asking a model for real in the middle of a replay: pauses before further tries pass in real time, while the time of the replay stands still.

import { setTimeout } from "node:timers/promises";
import type { CallContext } from "../graph/work.ts";
import { generate, ModelError, type ModelProvider, type ModelReply, type ModelRequest } from "../model/model.ts";

/** Tries of a real call that may work later. */
const TRIES = 4;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Asks, and asks again where that may help. @throws ModelError */
export async function askInRealTime(
  provider: ModelProvider,
  request: ModelRequest,
  { signal, idempotencyKey }: Pick<CallContext, "signal" | "idempotencyKey">,
): Promise<ModelReply> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await generate(provider, request, { signal, idempotencyKey });
    } catch (error) {
      if (!(error instanceof ModelError) || !error.retryable || attempt === TRIES || signal.aborted) throw error;
      const pauseMs = Math.max(error.retryAfterMs ?? 0, FIRST_PAUSE_MS * 2 ** (attempt - 1));
      await setTimeout(Math.min(pauseMs, LONGEST_PAUSE_MS), undefined, { signal });
    }
  }
}
