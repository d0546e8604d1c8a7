// `run` and `start`: start a run and follow it until it ends or waits. `start` gives the id on its own first line, for scripts.

import { InputError } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { budgetFrom, type BudgetOptions } from "../budget-option.ts";
import { gatherObject } from "../assignments.ts";
import { exitOf, problemLines, problemOf } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import { type FullOption, followAndAnswer, withProject } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { issueLines } from "../view/issue-lines.ts";
import { indented } from "../view/text.ts";

/** What `run` and `start` take. */
export interface StartOptions extends GlobalOptions, FullOption, BudgetOptions {
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly inputsFile?: string;
  readonly key?: string;
  readonly tag?: readonly string[];
}

const NAMES = { pair: "--input", json: "--inputs", file: "--inputs-file" };

/** Starts a run of a contract. */
export function start(shell: Shell, contract: string, options: StartOptions, tellsId: boolean): Promise<Answer> {
  const budget = budgetFrom(options);
  return withProject(shell, options, "shared", async (project) => {
    const schema = project.kindling.contracts.find(({ name }) => name === contract)?.inputSchema ?? {};
    const given = await gatherObject({ pairs: options.input ?? [], json: options.inputs, file: options.inputsFile }, NAMES, schema, shell);
    if (!given.ok)
      throw new InputError("bad_option", given.issues.map(({ at, message }) => `${at} ${message}`).join("\n"), {
        fix: 'Write --input name=value, or --inputs \'{"name": "value"}\'.',
      });
    try {
      const run = await project.kindling.start(contract, given.value, {
        actor: { id: `cli:${shell.user}`, assurance: "outOfBand" },
        ...(options.key === undefined ? {} : { idempotencyKey: options.key }),
        ...budget,
        ...(options.tag === undefined ? {} : { tags: options.tag }),
      });
      if (tellsId && options.json !== true) await shell.out.write(`${run.id}\n`);
      return await followAndAnswer(shell, project, run, options);
    } catch (error) {
      const message = `the inputs of "${contract}" do not fit; nothing was started`;
      return refusedInputs(shell, message, { values: given.value, schema, option: NAMES.pair }, error);
    }
  });
}

/** Inputs that do not fit, one line each: the place, what is wrong, what was given, and how to give it. Any other error is thrown again. */
export function refusedInputs(shell: Shell, message: string, given: Parameters<typeof issueLines>[1], error: unknown): Answer {
  if (!(error instanceof InputError) || error.code !== "invalid_inputs") throw error;
  const { issues } = error.details;
  const told = Array.isArray(issues) ? issues.flatMap((issue: unknown) => (isIssue(issue) ? [issue] : [])) : [];
  const problem = problemOf(error);
  const short = { ...problem, message, fix: null };
  const lines = [...problemLines(short, shell.err.paint), ...indented(issueLines(told, given, shell.err.paint))];
  return { ok: false, exit: exitOf(problem), problem, lines };
}

function isIssue(issue: unknown): issue is { readonly at: string; readonly message: string } {
  return (
    typeof issue === "object" &&
    issue !== null &&
    "at" in issue &&
    "message" in issue &&
    typeof issue.at === "string" &&
    typeof issue.message === "string"
  );
}
