// `prompts check`: everything that is wrong with the prompt files of the project, with what the contracts make of them, and with what is locked.

import { relative } from "node:path";
import { describeFinding, isJsonObject, type JsonObject, type JsonValue } from "../../index.ts";
import type { Answer } from "../answer.ts";
import type { GlobalOptions } from "../project.ts";
import { projectPrompts, type ProjectPrompts } from "../project-prompts.ts";
import type { FileProblem, PromptFile } from "../prompt-files.ts";
import { type Drift, driftFrom, LOCK_FILE, readLock } from "../prompt-lock.ts";
import type { Shell } from "../shell.ts";
import { problemLines } from "../view/prompt-lines.ts";
import { counted, indented } from "../view/text.ts";
import { visible } from "../view/visible.ts";

/** Checks them; what is only doubtful is told and is no failure. */
export async function checkPrompts(shell: Shell, options: GlobalOptions): Promise<Answer> {
  const project = await projectPrompts(shell, options);
  const { folder, prompts, findings } = project;
  const locked = await readLock(folder);
  const drift = driftProblems(locked, prompts);
  const problems = [...prompts.flatMap((each) => each.problems), ...contractProblems(shell, project), ...drift];
  const doubts = [
    ...findings.flatMap((finding) => visible(describeFinding(finding)).split("\n")),
    ...prompts.flatMap(({ file, prompt, uses }) =>
      prompt === undefined || uses.length > 0 || project.unloaded !== undefined
        ? []
        : [`  warning  ${visible(file)}: no node of the contracts asks with it`],
    ),
  ];
  const fix =
    drift.length > 0
      ? `Correct what is wrong; what is meant to be different is accepted with: ${shell.program} prompts lock`
      : "Correct what is wrong.";
  if (problems.length > 0) return unfitPrompts(shell, problems, doubts, fix);
  const lock = locked === undefined ? "" : `, as ${LOCK_FILE} says`;
  return {
    ok: true,
    result: { prompts: prompts.length, warnings: doubts.length, isLocked: locked !== undefined },
    lines: [
      `${shell.out.paint("good", "✓")} ${counted(prompts.length, "prompt")} and ${counted(project.uses.length, "use")} are right${lock}`,
      ...doubts,
    ],
  };
}

function driftProblems(locked: Awaited<ReturnType<typeof readLock>>, prompts: readonly PromptFile[]): readonly FileProblem[] {
  if (locked === undefined) return [];
  if (locked === "unreadable") return [{ file: LOCK_FILE, message: "is not what `prompts lock` writes" }];
  return driftFrom(locked, prompts).map(driftProblem);
}

function driftProblem({ file, was, is }: Drift): FileProblem {
  if (was === undefined) return { file, message: `is not locked: ${is}` };
  return { file, message: is === undefined ? `is gone, and locked as ${was}` : `is ${is}, and locked as ${was}` };
}

/** The answer for prompts that are wrong. */
export function unfitPrompts(shell: Shell, problems: readonly FileProblem[], doubts: readonly string[], fix: string): Answer {
  const { paint } = shell.out;
  const message = `${counted(problems.length, "problem")} with prompts`;
  return {
    ok: false,
    exit: 1,
    problem: { name: "ConfigError", code: "prompts_wrong", message, fix, details: { problems } },
    lines: [
      `${paint("bad", "✗")} ${message}`,
      ...indented(problems.flatMap((problem) => problemLines(problem, paint))),
      ...doubts,
      `  ${paint("accent", "→")} ${fix}`,
    ],
  };
}

/** Why the contracts could not be looked at, without what is told of prompt files already. */
function contractProblems(shell: Shell, { prompts, unloaded }: ProjectPrompts): readonly FileProblem[] {
  if (unloaded === undefined) return [];
  const { file, findings } = unloaded.details;
  const config = typeof file === "string" ? relative(shell.cwd, file) || file : "kindling.config.ts";
  const wrong = prompts.filter(({ problems }) => problems.length > 0);
  const isTold = (message: string) =>
    wrong.some((each) => message.includes(`The prompt ${relative(shell.cwd, each.path).replaceAll("\\", "/")} has `));
  const found = Array.isArray(findings) ? findings.filter(isJsonObject).map((finding) => findingProblem(shell, finding, config)) : [];
  const problems = found.length > 0 ? found : [{ file: config, message: unloaded.message }];
  return problems.filter(({ message }) => !isTold(message));
}

/** A finding of a contract, at its place in the source. */
function findingProblem(shell: Shell, { code, contract, node, message, hint, source }: JsonObject, config: string): FileProblem {
  const { file, line } = isJsonObject(source) ? source : {};
  const place = [contract, node]
    .map(textOf)
    .filter((each) => each !== "")
    .join(" at ");
  return {
    file: typeof file === "string" ? relative(shell.cwd, file) : config,
    ...(typeof line === "number" ? { line } : {}),
    message: `${textOf(code)}  ${place}: ${textOf(message)}${hint === undefined ? "" : `\n${textOf(hint)}`}`,
  };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
