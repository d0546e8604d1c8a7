// Facts of the end of a run: what is taken back before it, and what follows on it.

import type { Failure } from "../errors.ts";
import type { ExitName } from "../graph/graph.ts";
import type { OfNode } from "./fact.ts";

/** What a node did is being taken back, since its run fails or was cancelled. */
export interface CompensationStarted extends OfNode {
  readonly type: "compensation.started";
  readonly attempt: number;
}

export interface CompensationSucceeded extends OfNode {
  readonly type: "compensation.succeeded";
}

/** With `retryAt` another try follows; without it what the node did stands, and somebody must see to it. */
export interface CompensationFailed extends OfNode {
  readonly type: "compensation.failed";
  readonly attempt: number;
  readonly error: Failure;
  readonly retryAt?: number;
}

/** Everything a child did that can be taken back has been taken back, as far as it could be. */
export interface ChildCompensated extends OfNode {
  readonly type: "child.compensated";
  readonly key: string;
  /** Nodes of the child, and of its own children, whose doing could not be taken back: their paths inside it. */
  readonly uncompensated?: readonly string[];
}

/** What follows on the end of the run has begun. */
export interface ExitStarted {
  readonly type: "exit.started";
  readonly exit: ExitName;
  readonly attempt: number;
}

export interface ExitSucceeded {
  readonly type: "exit.succeeded";
  readonly exit: ExitName;
}

/** With `retryAt` another try follows. */
export interface ExitFailed {
  readonly type: "exit.failed";
  readonly exit: ExitName;
  readonly attempt: number;
  readonly error: Failure;
  readonly retryAt?: number;
}

/** A child that had ended takes back what it did, since the run it belongs to fails or was cancelled. */
export interface RunCompensating {
  readonly type: "run.compensating";
}
