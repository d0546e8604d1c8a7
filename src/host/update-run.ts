// Other inputs for a run that is there: checked before anything is recorded, and what they touch is looked at again.

import { InputError } from "../errors.ts";
import { describeIssues } from "../schema.ts";
import { checkSomeInputs } from "../run/inputs.ts";
import type { Revision } from "./client.ts";
import type { EmbeddedHost } from "./embedded.ts";
import type { UpdateOrder } from "./host.ts";
import { assertNotTakingBack } from "./cancel.ts";
import { rootNote } from "./known-run.ts";
import { assertReady } from "./ready.ts";
import { reviseInputs } from "./revise-inputs.ts";

/** Gives a root run other inputs; resolves when that is durable. */
export async function updateRun(host: EmbeddedHost, { run: id, inputs, actor }: UpdateOrder): Promise<Revision> {
  rootNote(host.ledger, id);
  return host.use(id, async (run) => {
    const { state } = run;
    const { graph } = state.plan;
    const checked = await checkSomeInputs(graph, inputs);
    if (!checked.ok) {
      throw new InputError("invalid_inputs", `run ${id}: ${describeIssues(checked.issues)}`, {
        fix: `Give only inputs that are different: ${graph.inputs.map(({ name }) => name).join(", ")}.`,
        details: { issues: checked.issues.map((issue) => ({ ...issue })) },
      });
    }
    if (state.status === "cancelled" || state.cancelling !== undefined)
      throw new InputError("run_cancelled", `run ${id} was cancelled`, { fix: "Fork it, or start a new run." });
    assertNotTakingBack(run);
    assertReady(state.plan, host.models);
    const next = { ...state.inputs, ...checked.value };
    const fixed = graph.correlate.find((key) => JSON.stringify(next[key]) !== JSON.stringify(state.inputs[key]));
    if (fixed !== undefined)
      throw new InputError("correlation_fixed", `run ${id} is found by its input "${fixed}", which stays`, {
        fix: "Fork the run with the other value.",
      });
    const revision = reviseInputs(run, next, actor);
    run.advance();
    await run.durable();
    return revision;
  });
}
