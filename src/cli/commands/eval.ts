// `eval`: runs a contract over cases and scores what it gives; and looks at evaluations that were made: list, show, diff.

import { type AnyContract, didYouMean, InputError } from "../../index.ts";
import { compareEvaluations, evaluate, evaluation, findEvaluation, type EvaluationReport, type Scorer } from "../../eval/index.ts";
import type { Answer } from "../answer.ts";
import { loadConfig } from "../config-file.ts";
import { readCases, readScorers } from "../evaluation-files.ts";
import { UsageError } from "../problem.ts";
import { type GlobalOptions, openProject, type Project } from "../project.ts";
import type { Shell } from "../shell.ts";
import { Stopped } from "../stopped.ts";
import { caseLine, differenceLines, evaluationLines } from "../view/evaluation-lines.ts";
import { ago } from "../view/moment.ts";
import { shellWord, table } from "../view/text.ts";
import { visibleCopy } from "../view/visible.ts";

/** What `eval` takes. */
export interface EvalOptions extends GlobalOptions {
  readonly data?: string;
  readonly scorers?: string;
  readonly judge?: readonly string[];
  readonly name?: string;
  readonly concurrency?: string;
  readonly maxUsd?: string;
  readonly min?: readonly string[];
}

/** Evaluates a contract, or looks at evaluations. */
export function evalCommand(shell: Shell, what: string, names: readonly string[], options: EvalOptions): Promise<Answer> {
  const [first, second, ...rest] = names;
  if (what === "list" && first === undefined) return list(shell, options);
  if (what === "show" && first !== undefined && second === undefined) return show(shell, first, options);
  if (what === "diff" && first !== undefined && second !== undefined && rest.length === 0) return diff(shell, [first, second], options);
  if (names.length === 0 && !["list", "show", "diff"].includes(what)) return evaluateContract(shell, what, options);
  throw new UsageError("bad_option", `eval ${[what, ...names].join(" ")} is not understood`, {
    fix: `${shell.program} eval <contract> --data <file> --scorers <file>, eval list, eval show <name>, or eval diff <name> <other>`,
  });
}

async function evaluateContract(shell: Shell, name: string, options: EvalOptions): Promise<Answer> {
  const { data, judge = [] } = options;
  if (data === undefined)
    throw new UsageError("bad_option", "an evaluation needs cases", {
      fix: `${shell.program} eval ${shellWord(name)} --data cases.jsonl --scorers scorers.ts`,
    });
  const limits = limitsOf(options.min ?? []);
  const [concurrency, maxUsd] = [numberIn("--concurrency", options.concurrency), numberIn("--max-usd", options.maxUsd)];
  const { config } = await loadConfig(shell.cwd, options.config);
  const contract = contractNamed(config.contracts, name);
  const judges = judge.map((each) => contractNamed(config.contracts, each));
  const scorers: Record<string, Scorer> = { ...(options.scorers === undefined ? {} : await readScorers(shell, options.scorers)) };
  for (const each of judges) scorers[each.name] = each;
  const cases = await readCases(shell, data);
  const more = [evaluation, ...Object.values(scorers).flatMap((each) => (typeof each === "function" ? [] : [each]))];
  return withEvaluations(shell, options, "write", more, async ({ kindling }): Promise<Answer> => {
    const { paint } = shell.err;
    const report = await evaluate({
      kindling,
      contract,
      // The contract checks the inputs of each case.
      cases: cases as never,
      scorers,
      actor: { id: `cli:${shell.user}`, assurance: "outOfBand" },
      signal: shell.signal,
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(maxUsd === undefined ? {} : { maxUsd }),
      ...(options.json === true
        ? {}
        : {
            onCase: (each, done, all) =>
              void shell.err.write(`${paint("faint", `${done}/${all}`)}  ${caseLine(visibleCopy(each), paint)}\n`),
          }),
    }).catch((error: unknown) => {
      if (!shell.signal.aborted) throw error;
      throw new Stopped("stopped; what was done is kept", `the same command: ${shell.program} eval ${shellWord(name)} …`);
    });
    return judged(shell, report, limits);
  });
}

function judged(shell: Shell, report: EvaluationReport & { readonly run: string }, limits: Limits): Answer {
  const low = report.scorers.flatMap(({ name, mean }) => {
    const least = limits.of[name] ?? limits.all;
    return least !== undefined && (mean === null || mean < least)
      ? [`${name} is ${mean === null ? "nothing" : mean.toFixed(3)}, and must be ${least} at least`]
      : [];
  });
  const unknown = Object.keys(limits.of).filter((name) => !report.scorers.some((each) => each.name === name));
  const problems = [...low, ...unknown.map((name) => `there is no scorer "${name}"`)];
  const lines = [
    ...evaluationLines(visibleCopy(report), shell.out.paint),
    "",
    shell.out.paint("faint", `  ${shell.program} eval show ${shellWord(report.name)}`),
  ];
  if (problems.length === 0) return { ok: true, result: { evaluation: report }, lines };
  const message = problems.join("; ");
  return {
    ok: false,
    exit: 1,
    problem: { name: "RunError", code: "score_too_low", message, fix: null, details: { evaluation: report } },
    lines: [...lines, "", `${shell.out.paint("bad", "✗")} ${message}`],
  };
}

function list(shell: Shell, options: EvalOptions): Promise<Answer> {
  return withEvaluations(shell, options, "read", [evaluation], async ({ kindling }): Promise<Answer> => {
    const { items } = await kindling.list({ contract: evaluation.name, status: "succeeded", limit: 100 });
    const found = await Promise.all(items.map(({ id }) => findEvaluation(kindling, id)));
    const rows = visibleCopy(found).map(({ name, scorers, counts, run }, index) => [
      name,
      `${counts.succeeded} of ${counts.cases}`,
      scorers.map((each) => `${each.name} ${each.mean === null ? "none" : each.mean.toFixed(2)}`).join("  "),
      shell.out.paint("faint", ago(items[index]?.startedAt ?? 0, shell.now())),
      shell.out.paint("faint", run),
    ]);
    const evaluations = found.map(({ cases: _cases, ...rest }) => rest);
    return { ok: true, result: { evaluations }, lines: rows.length === 0 ? ["no evaluations"] : table(rows) };
  });
}

function show(shell: Shell, name: string, options: EvalOptions): Promise<Answer> {
  return withEvaluations(shell, options, "read", [evaluation], async ({ kindling }): Promise<Answer> => {
    const found = await findEvaluation(kindling, name);
    const seen = visibleCopy(found);
    const { paint } = shell.out;
    return {
      ok: true,
      result: { evaluation: found },
      lines: [...evaluationLines(seen, paint), "", "cases", ...seen.cases.map((each) => `  ${caseLine(each, paint)}`)],
    };
  });
}

function diff(shell: Shell, [a, b]: readonly [string, string], options: EvalOptions): Promise<Answer> {
  return withEvaluations(shell, options, "read", [evaluation], async ({ kindling }): Promise<Answer> => {
    const difference = await compareEvaluations(kindling, await findEvaluation(kindling, a), await findEvaluation(kindling, b));
    return { ok: true, result: { difference }, lines: [...differenceLines(visibleCopy(difference), shell.out.paint)] };
  });
}

async function withEvaluations(
  shell: Shell,
  options: EvalOptions,
  access: "read" | "write",
  more: readonly AnyContract[],
  work: (project: Project) => Promise<Answer>,
): Promise<Answer> {
  const project = await openProject(shell, options, access, more);
  try {
    return await work(project);
  } finally {
    await project[Symbol.asyncDispose]();
  }
}

function contractNamed(contracts: readonly AnyContract[], name: string): AnyContract {
  const found = contracts.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new InputError("contract_not_found", `there is no contract "${name}"`, {
    fix: didYouMean(
      name,
      contracts.map((each) => each.name),
    ),
  });
}

interface Limits {
  readonly all: number | undefined;
  readonly of: Readonly<Record<string, number>>;
}

function limitsOf(given: readonly string[]): Limits {
  const of: Record<string, number> = {};
  let all: number | undefined;
  for (const text of given) {
    const [name, value] = text.includes("=")
      ? [text.slice(0, text.lastIndexOf("=")), text.slice(text.lastIndexOf("=") + 1)]
      : [undefined, text];
    const least = numberIn("--min", value);
    if (name === undefined) all = least;
    else if (least !== undefined) of[name] = least;
  }
  return { all, of };
}

function numberIn(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new UsageError("bad_option", `${option} ${text} is no number`, { fix: `Write ${option} 0.8, for example.` });
}
