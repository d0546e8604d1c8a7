// `fork`: starts a run from what another one has done, with something different. What is unchanged is taken over and not repeated.

import { resolve } from "node:path";
import {
  type ForkOptions as Different,
  type Issue,
  type JsonObject,
  type JsonValue,
  promptFile,
  type Prompt,
  type Run,
} from "../../index.ts";
import type { Answer } from "../answer.ts";
import { budgetFrom, type BudgetOptions } from "../budget-option.ts";
import { readPairs } from "../assignments.ts";
import { changedInputs, type InputsOptions, revisedAnswer } from "../changed-inputs.ts";
import { deliveringActor } from "../deciding-actor.ts";
import { UsageError } from "../problem.ts";
import { withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { refusedInputs } from "./start.ts";

/** What `fork` takes besides its pairs. */
export interface ForkOptions extends InputsOptions, BudgetOptions {
  readonly at?: string;
  readonly node?: readonly string[];
  readonly model?: readonly string[];
  readonly prompt?: readonly string[];
  readonly key?: string;
}

/** Forks a run and follows the new one. */
export function fork(shell: Shell, name: string, pairs: readonly string[], options: ForkOptions): Promise<Answer> {
  return withRun(shell, options, "shared", name, async (project, donor) => {
    const contract = await contractOf(donor);
    const given = await changedInputs(shell, project, contract, pairs, options);
    const different: Different = {
      ...swapsOf(shell, options),
      ...(options.at === undefined ? {} : { at: placeOf(options.at) }),
      ...(options.key === undefined ? {} : { idempotencyKey: options.key }),
      ...budgetFrom(options),
      inputs: given.values,
      actor: await deliveringActor(shell, project, { isDecision: false, again: `${shell.program} fork ${donor.id}` }),
    };
    let run: Run;
    try {
      run = await project.kindling.fork(donor.id, different);
    } catch (error) {
      return refusedInputs(shell, `the inputs of "${contract}" do not fit; nothing was started`, given, error);
    }
    const said = run.created ? `${run.id} is forked from ${donor.id}` : `${run.id} was forked from ${donor.id} under this key before`;
    return revisedAnswer(shell, project, run, options, { said, extra: { forked: donor.id }, after: 0 });
  });
}

/** Told by its first fact, since a run whose contract has changed cannot be read in full and can be forked. */
async function contractOf(run: Run): Promise<string> {
  const [first] = await run.facts();
  return first?.type === "run.started" ? first.contract : "";
}

/** Everything that cannot be read is told at once. @throws UsageError, ConfigError */
function swapsOf(shell: Shell, { node = [], model = [], prompt = [] }: ForkOptions): Pick<Different, "nodes" | "models" | "prompts"> {
  const issues: Issue[] = [];
  const read = (pairs: readonly string[], option: string): JsonObject => {
    const gathered = readPairs(pairs, option, {});
    if (!gathered.ok) issues.push(...gathered.issues);
    return gathered.ok ? gathered.value : {};
  };
  const nodes = read(node, "--node");
  const models = read(model, "--model");
  const files = read(prompt, "--prompt");
  if (issues.length > 0)
    throw new UsageError("bad_option", issues.map(({ at, message }) => `${at} ${message}`).join("\n"), {
      fix: "Write --node name=json, --model path=provider:model, --prompt path=file.",
    });
  const prompts = Object.entries(files).map(([path, file]): [string, Prompt] => [path, promptFile(resolve(shell.cwd, asText(file)))]);
  return {
    nodes,
    models: Object.fromEntries(Object.entries(models).map(([path, each]) => [path, asText(each)])),
    prompts: Object.fromEntries(prompts),
  };
}

/** What reads as JSON (a file named `7`) is text here all the same. */
function asText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A position of the ledger, or the id of a fact. */
function placeOf(text: string): number | string {
  if (/^\d+$/.test(text)) return Number(text);
  if (/^\w+:\d+$/.test(text)) return text;
  throw new UsageError("bad_option", `--at ${text} is no place in the run`, {
    fix: "Give a position, as kindling facts shows it in its first column, or the id of a fact: <run>:<number>.",
  });
}
