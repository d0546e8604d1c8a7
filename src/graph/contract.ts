// The type of a contract: its graph, and in the types only what goes in and comes out.

import type { Graph } from "./graph.ts";

/** A named, versioned graph with typed inputs and outputs. Made by `contract()`. */
export interface Contract<in In, out Out> {
  readonly name: string;
  readonly version: string;
  readonly graph: Graph;
  /** Exists in the types only: what `start` takes. */
  readonly "~in"?: ((inputs: In) => void) | undefined;
  /** Exists in the types only: what `result` gives. */
  readonly "~out"?: Out | undefined;
}

/** Any contract, whatever goes in and comes out. */
export type AnyContract = Contract<never, unknown>;
