// What a host must give: the few calls that change runs. The embedded host gives them in this process; the door passes them to the process that writes.

import type { Actor } from "../run/fact.ts";
import type { CallOptions, CancelRequest, Delivery, DeliverRequest } from "./client.ts";

/** A start as a host takes it: the contract by name, the inputs as given. */
export interface StartRequest {
  readonly contract: string;
  readonly inputs: unknown;
  readonly idempotencyKey?: string;
  readonly actor?: Actor;
}

/**
 * Carries runs and gives these guarantees, which the host conformance suite tests:
 * G1 one writer per run, its history append-only; G2 an event is recorded if and only if its follow-up is durably queued;
 * G3 one recorded result per node, later ones dropped; G4 the same idempotency key over attempts, processes and hosts;
 * G5 an event id is consumed once; G6 timers fire at or after their time, also after a restart; G7 a dead worker's work is taken over;
 * G8 runs are pinned to their plan by hash.
 */
export interface Host {
  start(request: StartRequest, options?: CallOptions): Promise<{ readonly id: string; readonly created: boolean }>;
  deliver(request: DeliverRequest, options?: CallOptions): Promise<Delivery>;
  /** Resolves when the cancel is durable. */
  cancel(id: string, request: CancelRequest): Promise<void>;
  close(): Promise<void>;
}
