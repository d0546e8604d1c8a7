// Arguments that several tools take, described once.

import * as z from "zod";

/** A workflow's name. */
export const WorkflowName = z.string().min(1).max(100).describe("Its name, from list_workflows");

/** A run's id. */
export const RunId = z.string().min(1).max(100).describe("From start_workflow");

const AWAIT_ID_LIMIT = 2_000;

/** Where a run waits. */
export const AwaitId = z.string().min(1).max(AWAIT_ID_LIMIT).describe("From `awaiting` of the run");

/** By what a start is known again. */
export const IdempotencyKey = z
  .string()
  .min(8)
  .max(128)
  .optional()
  .describe("The same key and input give the same run and start no second one: set it always");

/** How long to wait. Clients give a call up after about a minute, so no wait is longer than 50 seconds. */
export const WaitSeconds = z.int().min(0).max(50).default(0).describe("Wait up to so long until the run ends or needs something");
