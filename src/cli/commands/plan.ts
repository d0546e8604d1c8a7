// `plan`: what a run would do, need and cost, told without starting one. Opens no ledger and calls nothing of the contract.

import { type AnyContract, type Contract, didYouMean, InputError, inputSchemaOf, outlookText, plan as outlook } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { gatherObject } from "../assignments.ts";
import { loadConfig } from "../config-file.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import type { Shell } from "../shell.ts";
import { visible } from "../view/visible.ts";

/** What `plan` takes besides its pairs. */
export interface PlanOptions extends GlobalOptions {
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly inputsFile?: string;
  readonly promptTokens?: string;
}

const NAMES = { pair: "an input", json: "--inputs", file: "--inputs-file" };

/** Tells what is known of a run with these inputs; some or all of them may be left out. */
export async function plan(shell: Shell, name: string, pairs: readonly string[], options: PlanOptions): Promise<Answer> {
  const { contracts, model, prices } = (await loadConfig(shell.cwd, options.config)).config;
  const contract = contracts.find((each) => each.name === name);
  if (contract === undefined) {
    const known = contracts.map((each) => each.name);
    throw new InputError("contract_not_found", `there is no contract "${name}"`, { fix: didYouMean(name, known) });
  }
  const schema = inputSchemaOf(contract.graph);
  const given = await gatherObject(
    { pairs: [...pairs, ...(options.input ?? [])], json: options.inputs, file: options.inputsFile },
    NAMES,
    schema,
    shell,
  );
  if (!given.ok)
    throw new InputError("bad_option", given.issues.map(({ at, message }) => `${at} ${message}`).join("\n"), {
      fix: 'Write name=value, or --inputs \'{"name": "value"}\'.',
    });
  const promptTokens = tokensOf(options.promptTokens);
  const ahead = outlook(untyped(contract), given.value, {
    now: shell.now(),
    ...(prices === undefined ? {} : { prices }),
    ...(model === undefined ? {} : { model }),
    ...(promptTokens === undefined ? {} : { promptTokens }),
  });
  return { ok: true, result: { outlook: ahead }, lines: outlookText(ahead).trimEnd().split("\n").map(visible) };
}

/** The contract as one whose inputs are not known beforehand: what is wrong with them is told as part of the outlook. */
function untyped(contract: AnyContract): Contract<Readonly<Record<string, unknown>>, unknown> {
  return contract as Contract<Readonly<Record<string, unknown>>, unknown>;
}

function tokensOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const tokens = Number(text);
  if (text.trim() !== "" && Number.isInteger(tokens) && tokens >= 0) return tokens;
  throw new UsageError("bad_option", `--prompt-tokens ${text} is no number of tokens`, {
    fix: "Give a whole number: --prompt-tokens 2000.",
  });
}
