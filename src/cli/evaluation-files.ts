// The files an evaluation is made of: cases, and scorers. Whatever is wrong with them is told with its place.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type AnyContract, isJsonObject, type JsonObject, type JsonValue } from "../index.ts";
import type { EvaluationCase, Scorer } from "../eval/index.ts";
import { loadProblem } from "./config-problem.ts";
import { readGiven } from "./given-file.ts";
import { UsageError } from "./problem.ts";
import type { Shell } from "./shell.ts";

const ISSUES_SHOWN = 10;

/** The cases in a file of JSON lines, or with one JSON list. @throws UsageError `bad_cases` with every place that is wrong */
export async function readCases(shell: Shell, file: string): Promise<readonly EvaluationCase[]> {
  const text = await readGiven(shell, file);
  const problems: string[] = [];
  const values = file.endsWith(".json") ? listIn(text, problems) : linesIn(text, problems);
  const cases = values.flatMap(({ place, value }) => {
    const problem = problemIn(value);
    if (problem !== undefined) problems.push(`${place}: ${problem}`);
    // Looked at member by member just now.
    return problem === undefined ? [value as unknown as EvaluationCase] : [];
  });
  if (problems.length === 0) return cases;
  const shown = problems.slice(0, ISSUES_SHOWN).map((problem) => `- ${problem}`);
  const more = problems.length > ISSUES_SHOWN ? [`- and ${problems.length - ISSUES_SHOWN} more`] : [];
  throw new UsageError("bad_cases", `${file} holds no cases:\n${[...shown, ...more].join("\n")}`, {
    fix: 'Each is { "inputs": { … }, "expected": …, "id": "…", "answers": { "<event>": … } }; inputs alone must be there.',
  });
}

interface Placed {
  readonly place: string;
  readonly value: JsonValue;
}

function listIn(text: string, problems: string[]): readonly Placed[] {
  const value = parsed(text, "the file", problems);
  if (value === undefined) return [];
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((each, index) => ({ place: `case ${index + 1}`, value: each }));
  problems.push("the file is no list");
  return [];
}

function linesIn(text: string, problems: string[]): readonly Placed[] {
  return text.split("\n").flatMap((line, index): readonly Placed[] => {
    if (line.trim() === "") return [];
    const place = `line ${index + 1}`;
    const value = parsed(line, place, problems);
    return value === undefined ? [] : [{ place, value }];
  });
}

function parsed(text: string, place: string, problems: string[]): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    problems.push(`${place} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

const MEMBERS = ["id", "inputs", "expected", "answers"];

function problemIn(value: JsonValue): string | undefined {
  if (!isJsonObject(value)) return "it is no object";
  const { id, inputs, answers }: JsonObject = value;
  if (!isJsonObject(inputs)) return inputs === undefined ? "it has no inputs" : "inputs is no object";
  if (id !== undefined && typeof id !== "string") return "id is no text";
  if (answers !== undefined && !isJsonObject(answers)) return "answers is no object";
  const stranger = Object.keys(value).find((name) => !MEMBERS.includes(name));
  return stranger === undefined ? undefined : `it has "${stranger}", which means nothing`;
}

/** The scorers in a module: what it exports that is a function or a contract, by name. @throws ConfigError, UsageError `bad_scorers` */
export async function readScorers(shell: Shell, file: string): Promise<Readonly<Record<string, Scorer>>> {
  const path = resolve(shell.cwd, file);
  let module: Readonly<Record<string, unknown>>;
  try {
    // The project's own module: what it exports is looked at before it is used.
    module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw loadProblem(file, path, error);
  }
  const scorers = Object.entries(module).flatMap(([name, exported]): [string, Scorer][] => (isScorer(exported) ? [[name, exported]] : []));
  if (scorers.length === 0)
    throw new UsageError("bad_scorers", `${file} exports no scorer`, {
      fix: "Export functions, export const exact = ({ output, expected }) => output === expected; or contracts that judge.",
    });
  return Object.fromEntries(scorers);
}

function isScorer(exported: unknown): exported is Scorer {
  return typeof exported === "function" || isContract(exported);
}

function isContract(value: unknown): value is AnyContract {
  return typeof value === "object" && value !== null && "graph" in value && "name" in value;
}
