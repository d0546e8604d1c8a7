// The run somebody means: by its id, by the beginning of it, or as the latest one.

import { InputError, type Kindling, type RunSummary } from "../index.ts";
import { noRuns } from "./project.ts";
import type { Shell } from "./shell.ts";
import { ago } from "./view/moment.ts";

/** The word for the newest run. */
export const LATEST = "latest";

const PREFIX = "run_";
const PAGE = 1_000;
/** The newest runs, which are looked through for an abbreviation; older ones are named in full. */
const SEARCH_LIMIT = 20_000;
const CANDIDATES_SHOWN = 5;

/** The id of the run meant. @throws InputError `run_not_found`, `ambiguous_run` with the candidates */
export async function findRun(kindling: Kindling, name: string, shell: Shell): Promise<string> {
  if (name === LATEST) {
    const [newest] = (await kindling.list({ limit: 1 })).items;
    if (newest === undefined) throw noRuns(shell);
    return newest.id;
  }
  const start = name.startsWith(PREFIX) ? name : PREFIX + name;
  if (await exists(kindling, start)) return start;
  const found: RunSummary[] = [];
  for await (const run of newestFirst(kindling)) {
    if (run.id.startsWith(start)) found.push(run);
  }
  const [only, ...more] = found;
  if (only === undefined) {
    throw new InputError("run_not_found", `there is no run "${name}"`, {
      fix: `${shell.program} list shows the runs there are; "${LATEST}" is the newest.`,
    });
  }
  if (more.length > 0) throw ambiguous(name, found, shell.now());
  return only.id;
}

async function exists(kindling: Kindling, id: string): Promise<boolean> {
  try {
    await kindling.run(id);
    return true;
  } catch (error) {
    if (error instanceof InputError && error.code === "run_not_found") return false;
    throw error;
  }
}

async function* newestFirst(kindling: Kindling): AsyncGenerator<RunSummary> {
  let cursor: string | undefined;
  for (let seen = 0; seen < SEARCH_LIMIT; seen += PAGE) {
    const page = await kindling.list({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.cursor;
    if (cursor === undefined) return;
  }
}

function ambiguous(name: string, found: readonly RunSummary[], now: number): InputError {
  const shown = found.slice(0, CANDIDATES_SHOWN).map((run) => `${run.id}  ${run.contract}  ${ago(run.startedAt, now)}`);
  const rest = found.length > shown.length ? [`and ${found.length - shown.length} more`] : [];
  return new InputError("ambiguous_run", [`"${name}" is the beginning of ${found.length} runs:`, ...shown, ...rest].join("\n"), {
    fix: "Give more of the id.",
    details: { runs: found.map((run) => run.id) },
  });
}
