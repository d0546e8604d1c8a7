// `prompts diff`: what a run asked models with, beside the prompt files of today.

import { InputError, promptsOf, type RecordedPrompt, describePromptOrigin } from "../../index.ts";
import type { Answer } from "../answer.ts";
import type { GlobalOptions, Project } from "../project.ts";
import { projectPrompts, type ProjectPrompts } from "../project-prompts.ts";
import { withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { textDiff } from "../view/text-diff.ts";
import type { Paint } from "../view/paint.ts";
import { counted, indented, oneLine } from "../view/text.ts";
import { visible } from "../view/visible.ts";

const PATHS_SHOWN = 5;

/** A prompt of a run with all nodes that asked with it, and the file of today. */
interface Compared extends Omit<RecordedPrompt, "path"> {
  readonly paths: readonly string[];
  readonly now: { readonly file: string; readonly version: string; readonly text: string } | undefined;
}

/** Compares the prompts of a run, or of one node of it. */
export function diffPrompts(shell: Shell, name: string, path: string | undefined, options: GlobalOptions): Promise<Answer> {
  return withRun(shell, options, "read", name, async (project, run): Promise<Answer> => {
    const asked = (await run.prompts()).filter(
      (each) => path === undefined || each.path === path || each.path.startsWith(`${path}/`) || each.path.startsWith(`${path}[`),
    );
    if (path !== undefined && asked.length === 0)
      throw new InputError("path_not_found", `nothing at "${path}" of run ${run.id} has asked with a prompt file`, {
        fix: `${shell.program} prompts diff ${run.id} shows what has.`,
      });
    const [started] = await run.facts();
    const contract = started?.type === "run.started" ? started.contract : "";
    const now = await projectPrompts(shell, options);
    const compared = groups(asked).map((group): Compared => ({ ...group, now: presentOf(group, contract, project, now) }));
    const { paint } = shell.out;
    const lines = compared.flatMap((each, index) => [...(index === 0 ? [] : [""]), ...linesOf(each, paint)]);
    return {
      ok: true,
      result: {
        run: run.id,
        prompts: compared.map((each) => ({ ...each, now: each.now ?? null, isChanged: each.now?.version !== each.version })),
      },
      lines: lines.length === 0 ? [`run ${run.id} has asked with no prompt file`] : lines,
    };
  });
}

/** Items that asked with the same prompt stand together. */
function groups(asked: readonly RecordedPrompt[]): readonly Omit<Compared, "now">[] {
  const byVersion = Map.groupBy(asked, ({ name, version, from, fallback }) => JSON.stringify([name, version, from, fallback]));
  return [...byVersion.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { path: _, ...prompt } = first;
    return [{ ...prompt, paths: group.map(({ path }) => path) }];
  });
}

/** The file that the same node asks with today; where the node is gone, the file of that name. */
function presentOf(
  { name, paths }: Omit<Compared, "now">,
  contract: string,
  { kindling }: Project,
  { prompts }: ProjectPrompts,
): Compared["now"] {
  const known = kindling.contracts.find((each) => each.name === contract);
  const uses = known === undefined ? [] : promptsOf(known.contract);
  const [path = ""] = paths;
  const use =
    uses.find((each) => each.path === path) ??
    uses.find((each) => matches(each.path, path)) ??
    uses.find((each) => withoutKeys(each.path) === withoutKeys(path));
  if (use !== undefined) return { file: use.prompt.file, version: use.prompt.version, text: use.prompt.text };
  const named = prompts.find(({ prompt }) => prompt?.name === name);
  return named?.prompt === undefined ? undefined : { file: named.file, version: named.prompt.version, text: named.prompt.text };
}

/** `posts[*]/draft` stands for the nodes of every item. */
function matches(pattern: string, path: string): boolean {
  const [parts, steps] = [pattern.split("[*]"), path.replaceAll(/\[[^\]]*\]/g, "[*]")];
  return parts.join("[*]") === steps;
}

function withoutKeys(path: string): string {
  return path.replaceAll(/\[[^\]]*\]/g, "");
}

function linesOf({ name, version, text, paths, from, fallback, now }: Compared, paint: Paint): string[] {
  const shown = paths.slice(0, PATHS_SHOWN).map((path) => oneLine(visible(path), 200));
  const origin =
    from === undefined ? [] : [oneLine(visible(describePromptOrigin({ from, ...(fallback === undefined ? {} : { fallback }) })), 400)];
  const details = [
    `asked by ${shown.join(", ")}${paths.length > shown.length ? ` and ${counted(paths.length - shown.length, "other")}` : ""}`,
    ...origin,
  ];
  const head = paint("strong", visible(name));
  if (now === undefined) return [`${head}  ${version} → ${paint("warn", "there is no such prompt any more")}`, ...indented(details)];
  const file = paint("faint", visible(now.file));
  if (now.version === version) return [`${head}  ${version}  unchanged  ${file}`, ...indented(details)];
  const difference = text === undefined ? [paint("faint", "its text of then is not in the ledger")] : textDiff(text, now.text, paint);
  return [`${head}  ${version} → ${now.version}  ${file}`, ...indented(details), "", ...indented(difference)];
}
