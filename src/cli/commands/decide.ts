// `approve` and `reject`: a person decides a gate. What is decided is shown first, and the decision is bound to just that.

import { type AwaitDetail, InputError, type JsonObject, type Kindling } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { gatherObject } from "../assignments.ts";
import { type ApproverOptions, assertOneInput, callingActor, decidingActor } from "../deciding-actor.ts";
import { decisionOf, type Verb } from "../decision.ts";
import { describeSchema, fieldsOf } from "../json-schema.ts";
import { badOptions, deliverAndFollow } from "../delivery.ts";
import { deliverCommand } from "../next-commands.ts";
import type { GlobalOptions } from "../project.ts";
import { type FullOption, withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { decideSigned, isSigned, type SigningOptions } from "../signed-decision.ts";
import { pairOf } from "../view/issue-lines.ts";
import { showGate } from "../shown-gate.ts";
import { shellWord } from "../view/text.ts";

/** What `approve` and `reject` take. */
export interface DecideOptions extends GlobalOptions, FullOption, ApproverOptions, SigningOptions {
  readonly set?: readonly string[];
  readonly payload?: string;
  readonly comment?: string;
}

/** Decides the gate of a run; without a path, the only one that is open. */
export function decide(shell: Shell, verb: Verb, name: string, path: string | undefined, options: DecideOptions): Promise<Answer> {
  assertOneInput(options);
  const signs = isSigned(options);
  return withRun(shell, options, "shared", name, async (project, run) => {
    const detail = await project.kindling.awaiting(run.id, path ?? (await onlyGate(shell, project.kindling, run.id, verb)));
    const schema = detail.schema ?? {};
    await showGate(shell, detail, options);
    const fields = await gatherObject(
      { pairs: options.set ?? [], json: options.payload },
      { pair: "--set", json: "--payload" },
      schema,
      shell,
    );
    if (!fields.ok) throw badOptions(fields.issues);
    const payload = payloadOf(shell, verb, detail, schema, fields.value, options.comment);
    const again = `${shell.program} ${verb} ${run.id} ${shellWord(detail.path)}`;
    if (signs) return decideSigned(shell, project, { again, detail, schema, payload }, options);
    // A gate that wants a signature says so by itself, whoever asks.
    const actor = detail.assurance === "signed" ? callingActor(shell) : await decidingActor(shell, project, options, again);
    const request = { event: detail.event, run: run.id, path: detail.path, payload, shown: detail.shown, actor };
    return deliverAndFollow(shell, project, request, options, schema);
  });
}

function payloadOf(shell: Shell, verb: Verb, detail: AwaitDetail, schema: JsonObject, fields: JsonObject, comment: string | undefined) {
  const decision = decisionOf(schema, verb, { fields, ...(comment === undefined ? {} : { comment }) });
  if (!decision.ok) {
    const takes = fieldsOf(schema).map((field) => `${field.name}${field.required ? "" : " (optional)"}: ${describeSchema(field.schema)}`);
    throw new InputError("unclear_decision", [decision.message, ...takes].join("\n"), {
      fix: `Give the payload yourself: ${deliverCommand(detail, shell.program, fields)}`,
      details: { reason: decision.reason, schema },
    });
  }
  if (decision.missing.length > 0) {
    const needed = decision.missing.map((field) => `--set ${pairOf(field)}`).join(" ");
    throw new InputError(
      "decision_incomplete",
      `the decision also needs ${decision.missing.map((field) => `"${field.name}"`).join(", ")}`,
      { fix: `Add ${needed}` },
    );
  }
  return decision.payload;
}

/** The gate to decide when no path is given: the only open one. Undefined leaves it to the runtime to say that there is none. */
async function onlyGate(shell: Shell, kindling: Kindling, run: string, verb: Verb): Promise<string | undefined> {
  const gates = await kindling.inbox({ run, by: "human" });
  if (gates.length <= 1) return gates[0]?.path;
  const commands = gates.slice(0, GATES_SHOWN).map(({ path }) => `${shell.program} ${verb} ${run} ${shellWord(path)}`);
  const rest = gates.length > GATES_SHOWN ? [`… ${gates.length - GATES_SHOWN} more; ${shell.program} show ${run}`] : [];
  throw new InputError("ambiguous_gate", `${gates.length} gates of run ${run} are open`, {
    fix: ["Name the one you mean:", ...commands, ...rest].join("\n"),
    details: { paths: gates.map(({ path }) => path) },
  });
}

const GATES_SHOWN = 10;
