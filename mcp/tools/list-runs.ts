// `list_runs`: which runs there are, the newest first.

import * as z from "zod";
import { InputError, type RunStatus, type RunSummary } from "../../src/index.ts";
import { WorkflowName } from "../arguments.ts";
import { Refusal } from "../failure.ts";
import { findWorkflow } from "../find-workflow.ts";
import { statusOf } from "../run-shape.ts";
import { shortenText } from "../shorten.ts";
import { defineTool } from "../tool.ts";
import type { VisibleRuns } from "../visible-runs.ts";

const STATUSES = ["running", "awaiting", "completed", "failed", "cancelled"] as const;
type Status = (typeof STATUSES)[number];
const CURSOR_LIMIT = 100;
const AWAIT_LIMIT = 200;
/** Runs looked through for one page: a status of this surface may be half of one of the core's. */
const LOOKS_LIMIT = 20;

/** The core's words for a status of this surface. A run that only waits for a time is running here and waiting there. */
const CORE: Readonly<Record<Status, readonly RunStatus[]>> = {
  running: ["running", "waiting"],
  awaiting: ["waiting"],
  completed: ["succeeded"],
  failed: ["failed"],
  cancelled: ["cancelled"],
};

/** The tool `list_runs`. */
export const listRuns = defineTool({
  name: "list_runs",
  title: "List runs",
  description: "Recent runs, newest first. Filter by status to find what is waiting.",
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    status: z.enum(STATUSES).optional().describe("Only runs that stand like this"),
    workflow: WorkflowName.optional(),
    limit: z.int().min(1).max(50).default(10).describe("Runs at most"),
    cursor: z.string().min(1).max(CURSOR_LIMIT).optional().describe("next_cursor of the page before"),
  }),
  shownOutput: ["runs"],
  output: z.object({
    runs: z
      .array(
        z.object({
          run_id: z.string().describe("Names the run"),
          workflow: z.string().describe("The workflow it is a run of"),
          status: z.enum(STATUSES).describe("How it stands"),
          started: z.string().describe("ISO 8601"),
          awaiting: z.string().optional().describe("The first thing it waits for: its await_id"),
        }),
      )
      .describe("The runs"),
    next_cursor: z.string().optional().describe("Pass it as cursor for the next page; left out when there is none"),
  }),
  call: async ({ status, workflow, limit, cursor }, { kindling }) => {
    const found = workflow === undefined ? undefined : findWorkflow(kindling, workflow);
    if (found instanceof Refusal) return found;
    try {
      const { runs, next } = await pageOf(kindling, { status, contract: found?.name, limit, cursor });
      return { runs: runs.map(rowOf), ...(next === undefined ? {} : { next_cursor: next }) };
    } catch (error) {
      if (!(error instanceof InputError) || error.code !== "bad_cursor") throw error;
      return new Refusal("invalid_arguments", "This is no cursor of list_runs.", "Leave cursor out for the first page.", [
        { at: "cursor", message: "is no cursor" },
      ]);
    }
  },
});

interface Wanted {
  readonly status: Status | undefined;
  readonly contract: string | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** A page of the runs that are wanted. Where most of what is looked at is not, the page may be short and still have a next one. */
async function pageOf(
  kindling: VisibleRuns,
  { status, contract, limit, cursor }: Wanted,
): Promise<{ readonly runs: readonly RunSummary[]; readonly next: string | undefined }> {
  const asked = status === undefined ? undefined : CORE[status];
  const one = asked?.length === 1 ? asked[0] : undefined;
  const runs: RunSummary[] = [];
  let next = cursor;
  for (let looks = 0; looks < LOOKS_LIMIT; looks++) {
    const page = await kindling.list({
      limit: limit - runs.length,
      ...(contract === undefined ? {} : { contract }),
      ...(one === undefined ? {} : { status: one }),
      ...(next === undefined ? {} : { cursor: next }),
    });
    runs.push(...page.items.filter((run) => status === undefined || statusOf(run) === status));
    next = page.cursor;
    if (next === undefined || runs.length >= limit) break;
  }
  return { runs, next };
}

function rowOf(run: RunSummary) {
  const [first] = run.awaits;
  return {
    run_id: run.id,
    workflow: run.contract,
    status: statusOf(run),
    started: new Date(run.startedAt).toISOString(),
    ...(first === undefined ? {} : { awaiting: shortenText(first.path, AWAIT_LIMIT) }),
  };
}
