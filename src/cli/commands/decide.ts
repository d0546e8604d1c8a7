// `approve` and `reject`: a person decides a gate. What is decided is shown first, and the decision is bound to just that.

import { type AwaitDetail, InputError, type JsonObject } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { gatherObject } from "../assignments.ts";
import { decisionOf, type Verb } from "../decision.ts";
import { describeSchema, exampleOf } from "../json-schema.ts";
import type { GlobalOptions } from "../project.ts";
import { type FullOption, withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { pairOf } from "../view/issue-lines.ts";
import { indented, shellWord } from "../view/text.ts";
import { FULL, labelled, READING } from "../view/value.ts";
import { visible, visibleCopy } from "../view/visible.ts";
import { badOptions, deliverAndFollow } from "./deliver.ts";

/** What `approve` and `reject` take. */
export interface DecideOptions extends GlobalOptions, FullOption {
  readonly set?: readonly string[];
  readonly payload?: string;
  readonly comment?: string;
}

/** Decides the gate of a run; without a path, the only one that is open. */
export function decide(shell: Shell, verb: Verb, name: string, path: string | undefined, options: DecideOptions): Promise<Answer> {
  return withRun(shell, options, "shared", name, async (project, run) => {
    const detail = await project.kindling.awaiting(run.id, path);
    const schema = detail.schema ?? {};
    if (options.json !== true) await shell.err.write(`${shownLines(shell, detail, options).join("\n")}\n`);
    const fields = await gatherObject(
      { pairs: options.set ?? [], json: options.payload },
      { pair: "--set", json: "--payload" },
      schema,
      shell,
    );
    if (!fields.ok) throw badOptions(fields.issues);
    const payload = payloadOf(shell, verb, detail, schema, fields.value, options.comment);
    const request = {
      event: detail.event,
      run: run.id,
      path: detail.path,
      payload,
      shown: detail.shown,
      actor: { id: `cli:${shell.user}`, assurance: "outOfBand" as const },
    };
    return deliverAndFollow(shell, project, request, options, schema);
  });
}

function payloadOf(shell: Shell, verb: Verb, detail: AwaitDetail, schema: JsonObject, fields: JsonObject, comment: string | undefined) {
  const decision = decisionOf(schema, verb, { fields, ...(comment === undefined ? {} : { comment }) });
  const by = `${shell.program} deliver ${shellWord(detail.event)} --run ${detail.run} --path ${shellWord(detail.path)} --payload ${shellWord(JSON.stringify(exampleOf(schema)))}`;
  if (!decision.ok)
    throw new InputError("unclear_decision", decision.message, {
      fix: `Give the payload yourself: ${by}\nIt must be ${describeSchema(schema)}`,
    });
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

/** What is being decided, made safe to look at: nothing in it can hide or move what stands around it. */
function shownLines(shell: Shell, detail: AwaitDetail, options: FullOption): string[] {
  const { paint } = shell.err;
  const extent = options.full === true ? FULL : READING;
  const values = labelled(visibleCopy(detail.values), extent, paint);
  const heading = `${paint("warn", "◆")} ${paint("strong", visible(detail.path))} of ${visible(detail.contract)} ${detail.run}`;
  return [heading, ...(detail.description === undefined ? [] : [`  ${visible(detail.description)}`]), ...indented(values), ""];
}
