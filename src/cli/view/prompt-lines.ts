// Prompts as lines: what they declare, who asks with them, the messages they make. Expects no visible text: all of it goes through `visible` here.

import { describePromptOrigin, type ModelMessage, type Prompt } from "../../index.ts";
import type { FileProblem } from "../prompt-files.ts";
import type { NodeUse, ProjectPrompt } from "../project-prompts.ts";
import type { Paint } from "./paint.ts";
import { counted, indented } from "./text.ts";
import { visible } from "./visible.ts";

const USES_SHOWN = 8;

/** A prompt in a few lines. */
export function promptLines({ file, prompt, problems, uses }: ProjectPrompt, paint: Paint): string[] {
  if (prompt === undefined) return [`${paint("bad", "✗")} ${paint("strong", visible(file))}  ${counted(problems.length, "problem")}`];
  const { name, version, description } = prompt;
  const declared = declaredIn(prompt);
  return [
    `${paint("strong", visible(name))}  ${version}  ${paint("faint", visible(file))}`,
    ...indented([
      ...(description === "" ? [] : [visible(description)]),
      `reads    ${declared.length === 0 ? "nothing" : declared.map(visible).join(", ")}`,
      `used by  ${usesOf(uses)}`,
    ]),
  ];
}

/** The variables as the header declares them, with the parts that are read: `ticket: json (title, body)`. */
export function declaredIn({ variables }: Prompt<never>): string[] {
  return [...Map.groupBy(variables, ({ name }) => name)].map(([name, places]) => {
    const { type, optional, untrusted } = places[0] ?? { type: "json", optional: false };
    const parts = places.flatMap(({ path }) => (path === undefined ? [] : [path.join(".")]));
    return `${name}: ${untrusted === true ? "untrusted " : ""}${type}${optional ? "?" : ""}${parts.length === 0 ? "" : ` (${parts.join(", ")})`}`;
  });
}

/** Messages as they are sent. */
export function messageLines(messages: readonly ModelMessage[], paint: Paint): string[] {
  return messages.flatMap(({ role, content }, index) => [
    ...(index === 0 ? [] : [""]),
    paint("accent", role),
    ...content.flatMap((part) => {
      if (part.type !== "text") return [];
      const mark = part.cache === undefined ? [] : [paint("faint", `── remembered up to here: ${part.cache} ──`)];
      return indented([...visible(part.text).split("\n"), ...mark]);
    }),
  ]);
}

/** `prompts/triage.prompt.md:7 …` */
export function problemLines({ file, line, message }: FileProblem, paint: Paint): string[] {
  const [first = "", ...more] = visible(message).split("\n");
  return [`${paint("strong", visible(file))}${line === undefined ? "" : `:${line}`} ${first}`, ...indented(more)];
}

function usesOf(uses: readonly NodeUse[]): string {
  if (uses.length === 0) return "no node of the contracts";
  const shown = uses.slice(0, USES_SHOWN).map(({ contract, path, prompt: { origin } }) => {
    const where = `${contract} at ${path}`;
    return visible(origin === undefined ? where : `${where} (stands in for ${describePromptOrigin({ from: origin })})`);
  });
  return [...shown, ...(uses.length > USES_SHOWN ? [`${uses.length - USES_SHOWN} others`] : [])].join(", ");
}
