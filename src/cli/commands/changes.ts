// `changes`: what is recorded of all runs, one JSON line for each commit, for programs that go on from where they were. For people there is `facts`.

import type { ChangesQuery } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { readPairs } from "../assignments.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import { findRun } from "../run-name.ts";
import { withProject } from "../runs.ts";
import type { Shell } from "../shell.ts";

/** Options of `changes`. */
export interface ChangesOptions extends GlobalOptions {
  readonly cursor?: string;
  readonly after?: string;
  readonly contract?: string;
  readonly run?: string;
  readonly kind?: readonly string[];
  readonly correlation?: readonly string[];
  readonly live?: boolean;
}

/** Writes changes until there are no more, or until Ctrl-C. A line counts as done when it has left this process. */
export function changes(shell: Shell, options: ChangesOptions): Promise<Answer> {
  if (options.json === true)
    throw new UsageError("no_json", "changes writes a JSON line for each change, and --json has no place beside them", {
      fix: `Leave --json out: ${shell.program} changes`,
    });
  const { cursor, after, contract, run, kind, correlation, live } = options;
  if (after !== undefined && !/^\d{1,15}$/.test(after))
    throw new UsageError("bad_option", `--after ${after} is no position`, { fix: "Give a whole number from 0 on." });
  const pairs = readPairs(correlation ?? [], "--correlation", {});
  if (!pairs.ok) throw new UsageError("bad_option", pairs.issues.map(({ at, message }) => `${at} ${message}`).join("\n"));
  return withProject(shell, options, "read", async ({ kindling }): Promise<Answer> => {
    const feed = kindling.changes({
      signal: shell.signal,
      correlation: pairs.value,
      live: live === true,
      ...(cursor === undefined ? {} : { cursor }),
      ...(after === undefined ? {} : { after: Number(after) }),
      ...(contract === undefined ? {} : { contract }),
      ...(run === undefined ? {} : { run: await findRun(kindling, run, shell) }),
      // Kinds that there are not are refused with those that there are.
      ...(kind === undefined ? {} : { kinds: kind as NonNullable<ChangesQuery["kinds"]> }),
    });
    for await (const change of feed) {
      await shell.out.write(`${JSON.stringify(change)}\n`);
      // Nobody reads on: what is written now is not done.
      if (!shell.out.hasReader()) return DONE;
      if (cursor !== undefined) await feed.commit(change.position);
    }
    // What was passed over need not be looked at again.
    if (cursor !== undefined) await feed.commit();
    return DONE;
  });
}

const DONE: Answer = { ok: true, result: null, lines: [] };
