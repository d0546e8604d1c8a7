// Arguments that several tools take, described once.

import * as z from "zod";

/** A workflow's name. */
export const WorkflowName = z.string().min(1).max(100).describe("The workflow's name, from list_workflows");

/** A run's id. */
export const RunId = z.string().min(1).max(100).describe("The run_id that start_workflow gave");

const AWAIT_ID_LIMIT = 2_000;

/** Where a run waits. */
export const AwaitId = z.string().min(1).max(AWAIT_ID_LIMIT).describe("The await_id from `awaiting` of the run");

/** By what a start is known again. */
export const IdempotencyKey = z
  .string()
  .min(8)
  .max(128)
  .optional()
  .describe("Same key + same input returns the same run instead of starting a second one. Always set it when you might retry.");

/** How long to wait. Clients give a call up after about a minute, so no wait is longer than 50 seconds. */
export const WaitSeconds = z
  .int()
  .min(0)
  .max(50)
  .default(0)
  .describe("Wait up to this many seconds for the run to finish or to need something (0 = return now)");
