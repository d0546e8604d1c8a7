// The failure of a node that got or made a value it cannot work with.

import { KindlingError } from "../errors.ts";

/** A value does not fit what a node does with it: trying again gives the same, so the node is not retried. */
export class ValueError extends KindlingError {
  readonly retryable = false;
}
