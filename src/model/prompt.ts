// A prompt file as a value: parsed once, everything wrong told at once. Pure: reads no file, knows no node.

import { ConfigError } from "../errors.ts";
import type { Node } from "../graph/node.ts";
import { canonicalJson, type JsonValue } from "../json.ts";
import { sha256 } from "../sha256.ts";
import type { ModelMessage } from "./model.ts";
import { type DeclaredInput, type InputType, parseHeader } from "./prompt-header.ts";
import { renderPrompt } from "./prompt-render.ts";
import type { PromptSettings } from "./prompt-settings.ts";
import { parseTemplate, type PromptProblem, type Section } from "./prompt-template.ts";

export type { InputType } from "./prompt-header.ts";
export type { PromptSettings } from "./prompt-settings.ts";

/** One place a prompt reads: the variable and, for `{{ticket.title}}`, the path inside it. What a node's needs are compared with. */
export interface PromptVariable {
  readonly name: string;
  readonly path?: readonly string[];
  readonly type: InputType;
  readonly optional: boolean;
  /** Set when its value comes from outside and is fenced. */
  readonly untrusted?: true;
}

/** Only in the types: what fills a prompt. No property of this name exists at run time. */
declare const filledBy: unique symbol;

/** The needs that fill a prompt, from the values they must hold; any needs where those are not known. */
export type Filling<V> = unknown extends V ? unknown : { readonly [K in keyof V]: Node<V[K]> };

/**
 * A prompt, ready to render. `N` are the needs that fill it, where somebody has written them down (`kindling prompts types`): then a node with other needs is an error of
 * the compiler. `Prompt` alone takes any needs, and `Prompt<never>` is any prompt at all.
 */
export interface Prompt<in N = unknown> {
  readonly name: string;
  readonly description: string;
  /** `sha256:` and 12 digits of the normalised file: recorded with every model call. */
  readonly version: string;
  /** The whole file, line ends normalised: enough to make the same prompt again. */
  readonly text: string;
  /** The file, as errors name it. */
  readonly file: string;
  /** Every distinct place that is read, in order of first use. */
  readonly variables: readonly PromptVariable[];
  readonly settings: PromptSettings;
  /** Set when its text is kept elsewhere, and this file is only what stands in for it. */
  readonly origin?: PromptOrigin;
  /** Reads the text where it is kept, before a conversation begins. What it gave is recorded, and a conversation that goes on does not ask again. */
  readonly resolve?: (context: PromptContext) => Promise<ResolvedPrompt>;
  /** Set when its text stands in the run's own facts. */
  readonly isRecorded?: true;
  /**
   * Fills the variables in, once: what a value contains is never read as a template.
   *
   * @throws InputError `prompt_value_missing`, `prompt_value_type`, naming every value that is missing or of another type than declared
   */
  render(values: Readonly<Record<string, JsonValue | undefined>>): readonly ModelMessage[];
  readonly [filledBy]?: (needs: N) => void;
}

/** A place outside the project where a prompt's text is kept. */
export interface PromptOrigin {
  /** `langfuse`. */
  readonly store: string;
  readonly name: string;
  readonly label?: string;
  /** The store's own number for a version of the text. */
  readonly version?: number;
}

/** What reading a prompt elsewhere may use. */
export interface PromptContext {
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (message: string) => void;
}

/** What reading it gave. */
export interface ResolvedPrompt {
  readonly prompt: Prompt<never>;
  /** What was asked for, and the version the store gave; none when it gave nothing that can be used. */
  readonly from: PromptOrigin;
  /** Why the local file stands in. */
  readonly fallback?: { readonly code: string; readonly message: string };
}

/** Where a prompt's text comes from, for its name and its errors. */
export interface PromptSource {
  /** Used when the header gives no name. */
  readonly name: string;
  /** As a reader of the error knows it: `prompts/triage.prompt.md`. */
  readonly file: string;
}

/**
 * Parses the text of a prompt file.
 *
 * @throws ConfigError `prompt_invalid`, listing everything wrong with its line
 * @example parsePrompt("---\ninputs: { ticket: string }\n---\nSort this: {{ticket}}", { name: "triage", file: "triage.prompt.md" })
 */
export function parsePrompt(text: string, source: PromptSource): Prompt {
  return readPrompt(text, source, "every");
}

/** A prompt that was recorded as its name and its whole text. */
export function recordedPrompt({ name, text }: { readonly [key: string]: JsonValue }): Prompt {
  const known = typeof name === "string" ? name : "prompt";
  return Object.freeze({
    ...readPrompt(typeof text === "string" ? text : "", { name: known, file: `${known} (of this run)` }, "required"),
    isRecorded: true,
  });
}

/**
 * The same prompt with another body: its header, and so its variables and settings, stay. Optional variables may be left out. For prompts whose text is kept elsewhere.
 *
 * @param file where the body comes from, for errors, whose lines count from its first
 * @throws ConfigError `prompt_invalid`, also when a required variable is not read any more
 * @example promptWithBody(triage, "Sort this: {{ticket}}", "the shelf")
 */
export function promptWithBody<N>(prompt: Prompt<N>, body: string, file: string): Prompt<N> {
  const header = `---\n${split(prompt.text.replace(/\r\n?/g, "\n")).headerText}\n---\n`;
  return readPrompt(header + body, { name: prompt.name, file, linesBefore: header.split("\n").length - 1 }, "required");
}

/** Parses; of the variables that are declared, these must be read. `linesBefore` stand before what its reader knows. */
function readPrompt(text: string, source: PromptSource & { readonly linesBefore?: number }, mustBeRead: "every" | "required"): Prompt {
  const normalised = text.replace(/\r\n?/g, "\n");
  const { headerText, headerLine, body, bodyLine, problems } = split(normalised);
  const header = parseHeader(headerText, headerLine);
  const template = parseTemplate(body, bodyLine);
  // A header that is not YAML declares nothing; complaints about undeclared variables would only bury that.
  const usage = header.json === null && header.problems.length > 0 ? [] : usageProblems(template.sections, header.inputs, mustBeRead);
  const all = [...problems, ...header.problems, ...template.problems, ...usage];
  if (all.length > 0) throw invalid(source.file, all, source.linesBefore);

  const name = header.name ?? source.name;
  return Object.freeze({
    name,
    description: header.description,
    version: versionOf(header.json, body),
    text: normalised,
    file: source.file,
    variables: variablesOf(template.sections, header.inputs),
    settings: header.settings,
    render: (values: Readonly<Record<string, JsonValue | undefined>>) =>
      renderPrompt({ name, sections: template.sections, inputs: header.inputs }, values),
  });
}

interface Parts {
  readonly headerText: string;
  readonly headerLine: number;
  readonly body: string;
  readonly bodyLine: number;
  readonly problems: readonly PromptProblem[];
}

function split(text: string): Parts {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  if (lines[0]?.trimEnd() !== "---") return { headerText: "", headerLine: 1, body: lines.join("\n"), bodyLine: 1, problems: [] };
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === "---");
  if (end === -1)
    return {
      headerText: "",
      headerLine: 1,
      body: "",
      bodyLine: 1,
      problems: [{ line: 1, message: 'the header is not closed by a line "---"' }],
    };
  return {
    headerText: lines.slice(1, end).join("\n"),
    headerLine: 2,
    body: lines.slice(end + 1).join("\n"),
    bodyLine: end + 2,
    problems: [],
  };
}

function usageProblems(
  sections: readonly Section[],
  inputs: ReadonlyMap<string, DeclaredInput>,
  mustBeRead: "every" | "required",
): readonly PromptProblem[] {
  const problems: PromptProblem[] = [];
  const used = new Set<string>();
  for (const { name, path, line } of references(sections)) {
    used.add(name);
    const type = inputs.get(name)?.type;
    if (type === undefined)
      problems.push({ line, message: `{{${[name, ...path].join(".")}}} reads "${name}", which the header's "inputs" does not declare` });
    else if (path.length > 0 && type !== "json")
      problems.push({ line, message: `{{${[name, ...path].join(".")}}} reads inside "${name}", which is a ${type}; declare it as json` });
  }
  for (const [name, { line, optional }] of inputs) {
    if (!used.has(name) && (mustBeRead === "every" || !optional)) problems.push({ line, message: `"${name}" is declared but never used` });
  }
  return problems;
}

function invalid(file: string, problems: readonly PromptProblem[], linesBefore = 0): ConfigError {
  const told = [...problems].sort((a, b) => a.line - b.line).map(({ line, message }) => ({ line: line - linesBefore, message }));
  const lines = told.map(({ line, message }) => `  ${file}${line > 0 ? `:${line}` : ""} ${message}`);
  const count = told.length === 1 ? "1 problem" : `${told.length} problems`;
  return new ConfigError("prompt_invalid", `The prompt ${file} has ${count}:\n${lines.join("\n")}`, { details: { file, problems: told } });
}

function versionOf(header: JsonValue, body: string): string {
  const normalised = body
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
  return `sha256:${sha256(`${canonicalJson(header)}\n${normalised}`).slice(0, 12)}`;
}

function variablesOf(sections: readonly Section[], inputs: ReadonlyMap<string, DeclaredInput>): readonly PromptVariable[] {
  const variables = new Map<string, PromptVariable>();
  for (const { name, path } of references(sections)) {
    const { type = "json", optional = false, untrusted = false } = inputs.get(name) ?? {};
    variables.set([name, ...path].join("."), {
      name,
      ...(path.length === 0 ? {} : { path }),
      type,
      optional,
      ...(untrusted ? { untrusted } : {}),
    });
  }
  return [...variables.values()];
}

function references(sections: readonly Section[]) {
  return sections.flatMap(({ segments }) => segments.filter((segment) => segment.kind === "variable"));
}
