// What the commands share that go on with a run that is there, with something different about it: reading what is different, and answering.

import type { Run } from "../index.ts";
import { InputError, type JsonObject } from "../index.ts";
import type { Answer } from "./answer.ts";
import { gatherObject } from "./assignments.ts";
import type { GlobalOptions, Project } from "./project.ts";
import { type FullOption, followAndAnswer } from "./runs.ts";
import type { Shell } from "./shell.ts";

/** Options by which inputs are given, besides plain `name=value` words. */
export interface InputsOptions extends GlobalOptions, FullOption {
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly inputsFile?: string;
}

/** Inputs as they were given, and what they are checked by. */
export interface GivenInputs {
  readonly values: JsonObject;
  readonly schema: JsonObject;
  /** How one of them is given, for messages. */
  readonly option: string;
}

const NAMES = { pair: "--input", json: "--inputs", file: "--inputs-file" };

/** The inputs that shall be different in a run of a contract. @throws InputError `bad_option` with all that cannot be read */
export async function changedInputs(
  shell: Shell,
  { kindling }: Project,
  contract: string,
  pairs: readonly string[],
  { input = [], inputs, inputsFile }: InputsOptions,
): Promise<GivenInputs> {
  const schema = kindling.contracts.find(({ name }) => name === contract)?.inputSchema ?? {};
  const given = await gatherObject({ pairs: [...pairs, ...input], json: inputs, file: inputsFile }, NAMES, schema, shell);
  if (!given.ok)
    throw new InputError("bad_option", given.issues.map(({ at, message }) => `${at} ${message}`).join("\n"), {
      fix: 'Write name=value, or --inputs \'{"name": "value"}\'.',
    });
  return { values: given.value, schema, option: NAMES.pair };
}

/** Follows a run that goes on, and answers: first what was done with it, then how it stands, and how to try again where it failed. */
export async function revisedAnswer(
  shell: Shell,
  project: Project,
  run: Run,
  options: GlobalOptions & FullOption,
  { said, extra, after }: { readonly said: string; readonly extra: Readonly<Record<string, unknown>>; readonly after: number },
): Promise<Answer> {
  const answer = await followAndAnswer(shell, project, run, options, extra, after);
  const again = !answer.ok && answer.problem.code === "run_failed" ? [`  ${shell.program} retry ${run.id}`] : [];
  // Beside the other command for a failed run; the ledger's line stands last.
  return { ...answer, lines: [said, "", ...answer.lines.slice(0, -LEDGER_LINES), ...again, ...answer.lines.slice(-LEDGER_LINES)] };
}

/** Where the ledger is, and the empty line before it. */
const LEDGER_LINES = 2;
