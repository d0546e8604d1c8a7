// `prompts render`: the messages a prompt makes of given values, as they would be sent.

import { didYouMean, InputError, type Issue, type JsonObject, type Prompt } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { gatherObject } from "../assignments.ts";
import type { GlobalOptions } from "../project.ts";
import { projectPrompts, promptNamed } from "../project-prompts.ts";
import type { Shell } from "../shell.ts";
import { messageLines } from "../view/prompt-lines.ts";
import { visible } from "../view/visible.ts";

/** What `prompts render` takes. */
export interface RenderOptions extends GlobalOptions {
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly inputsFile?: string;
}

const NAMES = { pair: "--input", json: "--inputs", file: "--inputs-file" };

/** Renders a prompt by its name or its file. Asks nobody. */
export async function renderPrompt(shell: Shell, name: string, options: RenderOptions): Promise<Answer> {
  const { prompt, file } = promptNamed(await projectPrompts(shell, options), name);
  const given = await gatherObject(
    { pairs: options.input ?? [], json: options.inputs, file: options.inputsFile },
    NAMES,
    schemaOf(prompt),
    shell,
  );
  const issues = given.ok ? unknownInputs(prompt, given.value) : given.issues;
  if (!given.ok || issues.length > 0)
    throw new InputError("bad_option", issues.map(({ at, message }) => `${at} ${message}`).join("\n"), {
      fix: 'Write --input name=value, --inputs \'{"name": "value"}\' or --inputs-file values.json.',
    });
  const messages = prompt.render(given.value);
  const { version, settings } = prompt;
  const { paint } = shell.out;
  const told = Object.entries(settings).map(([setting, value]) => `${setting} ${JSON.stringify(value)}`);
  const heading = `${paint("strong", visible(prompt.name))}  ${version}  ${paint("faint", visible(file))}`;
  return {
    ok: true,
    result: { prompt: `${prompt.name}@${version}`, file, messages, settings },
    lines: [heading, ...(told.length === 0 ? [] : [paint("faint", visible(told.join(", ")))]), "", ...messageLines(messages, paint)],
  };
}

/** The variables as a schema, so that `7` given for a string is text. */
function schemaOf({ variables }: Prompt): JsonObject {
  return {
    type: "object",
    properties: Object.fromEntries(variables.map(({ name, type }) => [name, type === "json" ? {} : { type }])),
  };
}

function unknownInputs({ name: prompt, variables }: Prompt, given: JsonObject): readonly Issue[] {
  const known = [...new Set(variables.map(({ name }) => name))];
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => ({ at: name, message: `is no variable of the prompt "${prompt}". ${didYouMean(name, known)}` }));
}
