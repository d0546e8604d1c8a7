// From the runtime to the form of a run: the run with what its open awaits ask. Only asks; executes nothing.

import { InputError, type AwaitDetail, type OpenAwait, type RunView } from "../src/index.ts";
import { AWAITS_SHOWN, shapeRun, type RunShape } from "./run-shape.ts";
import type { Surface } from "./tool.ts";
import { hasEnded } from "./wait.ts";
import type { VisibleRuns } from "./visible-runs.ts";

/** How often a run is looked at again because an await closed between two looks. */
const LOOKS_LIMIT = 3;

/** A run as tools show it, with the details of its open awaits. */
export async function readRun(
  run: RunView,
  { kindling, program, approvalUrl }: Pick<Surface, "kindling" | "program" | "approvalUrl">,
  isReplayed = false,
): Promise<RunShape> {
  let view = run;
  let details = await detailsOf(kindling, view);
  for (let looks = 1; looks < LOOKS_LIMIT && details.length === 0 && view.awaits.length > 0; looks++) {
    view = (await kindling.get(run.id)) ?? view;
    details = await detailsOf(kindling, view);
  }
  return shapeRun(view, { program, approvalUrl, details, isReplayed });
}

async function detailsOf(kindling: VisibleRuns, view: RunView): Promise<readonly AwaitDetail[]> {
  if (hasEnded(view)) return [];
  const first = [...view.awaits].sort(byUrgency).slice(0, AWAITS_SHOWN);
  const details = await Promise.all(first.map((open) => openDetail(kindling, open)));
  return details.filter((detail) => detail !== undefined);
}

/** What the agent can answer comes first, then what has waited longest. */
function byUrgency(a: OpenAwait, b: OpenAwait): number {
  return Number(a.by === "human") - Number(b.by === "human") || a.since - b.since;
}

/** An open await with what a decider sees; undefined once it was answered. */
export async function openDetail(kindling: VisibleRuns, { run, path }: OpenAwait): Promise<AwaitDetail | undefined> {
  try {
    return await kindling.awaiting(run, path);
  } catch (error) {
    // It was answered since the run was looked at.
    if (error instanceof InputError && error.code === "not_awaiting") return undefined;
    throw error;
  }
}
