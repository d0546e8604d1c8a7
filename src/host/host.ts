// What a host must give: the few calls that change runs. The embedded host gives them in this process; the door passes them to the process that writes.

import type { Budget } from "../graph/budget.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { Actor } from "../run/fact.ts";
import type { TraceContext } from "../trace-context.ts";
import type { Revision } from "./client.ts";
import type { CallOptions } from "./requests.ts";
import type { CompactOrder, CompactReport } from "./compact-report.ts";
import type { Delivery, DeliverRequest } from "./delivery.ts";
import type { DerivationStatus, DeriveOrder } from "./derivations.ts";
import type { Erasure } from "./erasure.ts";
import type { Load } from "./load/load.ts";
import type { ProjectOrder } from "./projection-calls.ts";
import type { RecordOrder, WriteReceipt } from "../store/fact-writer.ts";
import type { FactIntake, IntakeReport } from "../store/import-facts.ts";
import type { KeepingOrder, KeepingReport } from "../store/keeping.ts";

/** A start as a host takes it: the contract by name, the inputs as given. */
export interface StartRequest {
  readonly contract: string;
  readonly inputs: unknown;
  readonly idempotencyKey?: string;
  readonly budget?: Budget;
  readonly actor?: Actor;
  readonly tags?: readonly string[];
  readonly trace?: TraceContext;
  /** The event of a history that starts it; set by the host itself. */
  readonly from?: string;
}

/** A run that was started, or that the same key had started before. */
export interface Started {
  readonly id: string;
  readonly created: boolean;
}

export interface CancelOrder {
  readonly run: string;
  readonly reason?: string;
  readonly actor?: Actor;
}

export interface EraseOrder {
  readonly run: string;
  readonly reason?: string;
  readonly actor?: Actor;
}

export interface UpdateOrder {
  readonly run: string;
  /** Those that are different; the others stay. */
  readonly inputs: unknown;
  readonly actor?: Actor;
}

export interface RetryOrder {
  readonly run: string;
  /** An item or a node, from the root run; the whole run when left out. */
  readonly path?: string;
  readonly budget?: Budget;
  readonly actor?: Actor;
}

export interface ForkOrder {
  readonly run: string;
  /** Place in the ledger, or the id of a fact: what came after it is not taken over. */
  readonly at?: number | string;
  readonly inputs: unknown;
  readonly nodes: Readonly<Record<string, JsonValue>>;
  /** By node path: another model, another prompt. */
  readonly overrides: JsonObject;
  readonly budget?: Budget;
  readonly idempotencyKey?: string;
  readonly actor?: Actor;
}

export interface UpgradeOrder {
  readonly run: string;
  /** What becomes of finished nodes that are different now. */
  readonly changed: "keep" | "rerun";
}

/** The calls by their names: what each takes and what it gives. Both are JSON, so that they can pass through a door. */
export interface HostCalls {
  start: { readonly takes: StartRequest; readonly gives: Started };
  deliver: { readonly takes: DeliverRequest; readonly gives: Delivery };
  cancel: { readonly takes: CancelOrder; readonly gives: null };
  update: { readonly takes: UpdateOrder; readonly gives: Revision };
  retry: { readonly takes: RetryOrder; readonly gives: null };
  fork: { readonly takes: ForkOrder; readonly gives: Started };
  upgrade: { readonly takes: UpgradeOrder; readonly gives: null };
  erase: { readonly takes: EraseOrder; readonly gives: Erasure };
  compact: { readonly takes: CompactOrder; readonly gives: CompactReport };
  record: { readonly takes: RecordOrder; readonly gives: WriteReceipt };
  /** What is done to facts of the application besides recording them. */
  keep: { readonly takes: KeepingOrder; readonly gives: KeepingReport };
  derive: { readonly takes: DeriveOrder; readonly gives: readonly DerivationStatus[] };
  /** Changes nothing: what follows from what is recorded does so by itself. */
  settle: { readonly takes: null; readonly gives: null };
  /** Keeps the state of a projection. */
  project: { readonly takes: ProjectOrder; readonly gives: null };
  /** Takes a part of an export of facts of another ledger in. Safe to repeat. */
  intake: { readonly takes: FactIntake; readonly gives: IntakeReport };
  /** Changes nothing: only the process that carries the runs knows. */
  load: { readonly takes: null; readonly gives: Load };
}

/**
 * Carries runs and gives these guarantees, which the host conformance suite tests:
 * G1 one writer per run, its history append-only; G2 an event is recorded if and only if its follow-up is durably queued;
 * G3 one recorded result per node, later ones dropped; G4 the same idempotency key over attempts, processes and hosts;
 * G5 an event id is consumed once; G6 timers fire at or after their time, also after a restart; G7 a dead worker's work is taken over;
 * G8 runs are pinned to their plan by hash.
 *
 * What a call changes is durable when it resolves.
 */
export type Host = {
  readonly [C in keyof HostCalls]: (request: HostCalls[C]["takes"], options?: CallOptions) => Promise<HostCalls[C]["gives"]>;
} & { close(): Promise<void> };
