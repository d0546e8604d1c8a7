// `prompts pull`: brings the file that stands in for a prompt that is kept elsewhere up to what stands there now. Knows no store: the contracts' own prompts read.

import { writeFile } from "node:fs/promises";
import { ConfigError, describePromptOrigin, InputError, type Prompt, type PromptOrigin } from "../../index.ts";
import type { Answer } from "../answer.ts";
import type { GlobalOptions } from "../project.ts";
import { projectPrompts, promptNamed, type ProjectPrompt } from "../project-prompts.ts";
import type { Shell } from "../shell.ts";
import { textDiff } from "../view/text-diff.ts";
import { indented } from "../view/text.ts";
import { visible } from "../view/visible.ts";

/** Writes the body that is kept elsewhere into the file, under the file's own header. */
export async function pullPrompt(shell: Shell, name: string, options: GlobalOptions): Promise<Answer> {
  const project = await projectPrompts(shell, options);
  if (project.unloaded !== undefined) throw project.unloaded;
  const found = promptNamed(project, name);
  const { origin, resolve } = keptElsewhere(found);
  const { prompt, from, fallback } = await resolve({ signal: shell.signal, now: shell.now, log: () => {} });
  if (fallback !== undefined)
    throw new ConfigError(fallback.code, `${describePromptOrigin({ from: origin })} cannot be had: ${fallback.message}`, {
      fix: "The file is as it was.",
    });
  const { version, text: before } = found.prompt;
  const isSame = prompt.version === version;
  const text = `${prompt.text.trimEnd()}\n`;
  if (!isSame) await writeFile(found.path, text);
  const { paint } = shell.out;
  const head = `${paint("strong", visible(found.prompt.name))}  ${isSame ? `${version}  unchanged` : `${version} → ${prompt.version}`}  ${paint("faint", visible(found.file))}`;
  return {
    ok: true,
    result: { file: found.path, from, was: version, is: prompt.version, written: !isSame },
    lines: [head, `  ${visible(describePromptOrigin({ from }))}`, ...(isSame ? [] : ["", ...indented(textDiff(before, text, paint))])],
  };
}

interface Kept {
  readonly origin: PromptOrigin;
  readonly resolve: NonNullable<Prompt["resolve"]>;
}

/** Where the contracts read it. @throws InputError `prompt_not_elsewhere`, `ambiguous_prompt` */
function keptElsewhere({ file, uses }: ProjectPrompt): Kept {
  const places = new Map<string, Kept>();
  for (const { origin, resolve } of uses.map(({ prompt }) => prompt))
    if (origin !== undefined && resolve !== undefined) places.set(describePromptOrigin({ from: origin }), { origin, resolve });
  const [only, ...more] = places.values();
  if (only === undefined)
    throw new InputError("prompt_not_elsewhere", `${file} stands in for no prompt that is kept elsewhere`, {
      fix: 'A contract says where one is kept: langfusePrompt("name", { fallback: promptFile(…) }).',
    });
  if (more.length > 0)
    throw new InputError("ambiguous_prompt", `${file} stands in for several: ${[...places.keys()].join(", ")}`, {
      fix: "Give each a file of its own.",
    });
  return only;
}
