// Follows a run until it ends or waits, and tells how it goes meanwhile. Ctrl-C ends the following, never the run.

import type { RecordedFact, Run, RunView } from "../index.ts";
import type { Answer } from "./answer.ts";
import { type Narration, type Narrator, narrate } from "./narrate.ts";
import { nextSteps } from "./next-commands.ts";
import type { Project } from "./project.ts";
import type { Shell } from "./shell.ts";
import { outcomeLines } from "./view/outcome-lines.ts";
import { type Extent, GLANCE } from "./view/value.ts";
import { visibleCopy } from "./view/visible.ts";

/** Somebody pressed Ctrl-C while a run was followed: it is kept. */
export class Interrupted extends Error {
  readonly run: string;

  constructor(run: string) {
    super(`interrupted while following ${run}`);
    this.name = "Interrupted";
    this.run = run;
  }
}

/** Resolves with the run once nothing more happens by itself. `after` is the position up to which everything has been told. @throws Interrupted, RunError */
export async function follow(shell: Shell, project: Project, run: Run, narration: Narration, after = 0): Promise<RunView> {
  const stop = new AbortController();
  const signal = AbortSignal.any([shell.signal, stop.signal]);
  const narrator = await narrate(narration, shell.err, await run.get(), () => run.get());
  project.onLog((line) => narrator.log(line));
  const telling = tell(run, narrator, after, signal);
  let view: RunView | undefined;
  try {
    view = await run.settled({ signal });
  } catch (error) {
    if (shell.signal.aborted) throw new Interrupted(run.id);
    throw error;
  } finally {
    stop.abort();
    // A run that cannot be gone on with is told by settling; watching it says the same once more.
    const told = await telling.catch(() => ({ position: after, ids: new Set<string>() }));
    // Settling may be seen before the last facts are: nothing is left untold.
    if (view !== undefined) for (const fact of await untold(run, told)) narrator.event({ type: "fact", fact });
    await narrator.end(view);
  }
  return view;
}

/** The answer of a command that followed a run: fine when it succeeded or waits. `extra` goes into the result. */
export async function followed(
  shell: Shell,
  { kindling }: Project,
  view: RunView,
  extra: Readonly<Record<string, unknown>> = {},
  extent: Extent = GLANCE,
): Promise<Answer> {
  const next = await nextSteps(kindling, view, shell.program);
  const seen = visibleCopy(view);
  const lines = outcomeLines(seen, { now: shell.now(), paint: shell.out.paint, extent, next: visibleCopy(next), program: shell.program });
  const result = { ...extra, run: view, next };
  if (view.status !== "failed" && view.status !== "cancelled") return { ok: true, result, lines };
  const message = view.error?.message ?? `the run was ${view.status}`;
  const problem = {
    name: "RunError",
    code: view.status === "failed" ? "run_failed" : "run_cancelled",
    message: `run ${view.id} ${view.status}: ${message}`,
    fix: view.error?.fix ?? null,
    details: result,
  };
  return { ok: false, exit: 1, problem, lines };
}

/** Passes on what happens until the signal; gives the facts of the last position told and the position itself. */
async function tell(run: Run, narrator: Narrator, after: number, signal: AbortSignal): Promise<Told> {
  let told: Told = { position: after, ids: new Set() };
  for await (const event of run.watch({ after, signal })) {
    narrator.event(event);
    if (event.type !== "fact") continue;
    const { position, id } = event.fact;
    if (position !== told.position) told = { position, ids: new Set() };
    told.ids.add(id);
  }
  return told;
}

interface Told {
  readonly position: number;
  readonly ids: Set<string>;
}

async function untold(run: Run, { position, ids }: Told): Promise<RecordedFact[]> {
  const facts = await run.facts();
  return facts.filter((fact) => fact.position > position || (fact.position === position && ids.size > 0 && !ids.has(fact.id)));
}
