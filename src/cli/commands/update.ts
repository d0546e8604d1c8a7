// `update`: goes on with a run with other inputs. What reads them is looked at again; what then reads the same is not run again.

import type { Revision } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { changedInputs, type InputsOptions, revisedAnswer } from "../changed-inputs.ts";
import { UsageError } from "../problem.ts";
import { withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { counted, oneLine } from "../view/text.ts";
import { visible } from "../view/visible.ts";
import { refusedInputs } from "./start.ts";

/** Gives a run other inputs and follows it. */
export function update(shell: Shell, name: string, pairs: readonly string[], options: InputsOptions): Promise<Answer> {
  return withRun(shell, options, "shared", name, async (project, run) => {
    const before = await run.get();
    const given = await changedInputs(shell, project, before.contract, pairs, options);
    if (Object.keys(given.values).length === 0)
      throw new UsageError("bad_option", "no input is given", {
        fix: `Name what is different: ${shell.program} update ${run.id} name=value`,
      });
    let revision: Revision;
    try {
      revision = await run.update(given.values, { actor: { id: `cli:${shell.user}`, assurance: "outOfBand" } });
    } catch (error) {
      return refusedInputs(shell, `the inputs of "${before.contract}" do not fit; the run is as it was`, given, error);
    }
    return revisedAnswer(shell, project, run, options, { said: describe(revision), extra: { revision }, after: before.position });
  });
}

const TOLD = 8;

function describe({ changed, touched }: Revision): string {
  if (changed.length === 0) return "nothing is different; the run is as it was";
  const shown = touched.slice(0, TOLD).join(", ");
  const rest = touched.length > TOLD ? ` and ${counted(touched.length - TOLD, "more", "more")}` : "";
  const again = touched.length === 0 ? "nothing reads it" : `looked at again: ${shown}${rest}`;
  return oneLine(visible(`changed ${changed.join(", ")}; ${again}`), 300);
}
