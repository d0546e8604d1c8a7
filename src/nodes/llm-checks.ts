// What can be wrong with the options of a conversation.

import { budgetProblem } from "../graph/budget.ts";
import type { NodeFinding } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { Needs } from "../graph/node.ts";
import type { Prompt } from "../model/prompt.ts";
import { jsonSchemaOf, type Schema } from "../schema.ts";
import { badOption } from "./kind.ts";
import type { LlmOptions } from "./llm.ts";

/** A model's name names its provider; either one model is named, or several. */
export function checkModels({ model, models }: Pick<LlmOptions<Needs, Schema>, "model" | "models">): NodeFinding[] {
  const findings = [model, ...(models ?? [])].filter((name) => name !== undefined && !/^[^:]+:.+$/.test(name));
  return [
    ...findings.map(
      (name): NodeFinding => ({
        code: "unknown_model",
        severity: "error",
        message: `model "${name}" names no provider`,
        hint: 'Write "provider:model", for example "anthropic:claude-sonnet-5-5".',
      }),
    ),
    ...(model !== undefined && models !== undefined ? [badOption("both model and models are given", "Give one of them.")] : []),
    ...(models?.length === 0 ? [badOption("models is empty", "Name at least one, or leave it out.")] : []),
    ...(models !== undefined && new Set(models).size < models.length ? [badOption("models names one twice", "Name each once.")] : []),
  ];
}

/** What a prompt file reads against the needs that fill it. */
export function checkPrompt(prompt: Prompt<never> | ((...args: never[]) => unknown), needs: readonly string[]): NodeFinding[] {
  if (typeof prompt === "function") return [];
  const declared = new Map(prompt.variables.map((variable) => [variable.name, variable]));
  const missing = [...declared.values()].filter((variable) => !variable.optional && !needs.includes(variable.name));
  const unused = needs.filter((need) => !declared.has(need));
  return [
    ...missing.map(
      ({ name }): NodeFinding => ({
        code: "prompt_variable_missing",
        severity: "error",
        message: `prompt "${prompt.name}" wants {{${name}}}, and the node has no such need`,
        hint: didYouMean(name, needs),
      }),
    ),
    ...unused.map(
      (name): NodeFinding => ({
        code: "prompt_variable_unused",
        severity: "warning",
        message: `prompt "${prompt.name}" does not use the need "${name}"`,
        hint: `Use {{${name}}} in the prompt and declare it under inputs, or leave the need out.`,
      }),
    ),
  ];
}

/** A reply's schema must be one that providers can be told. */
export function checkOutput(output: Schema | undefined): NodeFinding[] {
  if (output === undefined || jsonSchemaOf(output) !== undefined) return [];
  return [
    badOption(
      "output has no JSON Schema",
      "Use a schema without transforms, from a library that gives JSON Schema (zod 4.2 or newer does).",
    ),
  ];
}

/** Numbers within their bounds. */
export function checkSettings(options: Omit<LlmOptions<Needs, Schema>, "needs" | "prompt" | "tools">): NodeFinding[] {
  const { temperature, topP, seed, stop } = options;
  const findings: NodeFinding[] = [];
  for (const [name, most] of COUNTS) {
    const count = options[name];
    if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= most))
      findings.push(
        badOption(`${name} is ${count}`, `Give a whole number from 1 ${most === Number.MAX_SAFE_INTEGER ? "on" : `to ${most}`}.`),
      );
  }
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 2))
    findings.push(badOption(`temperature is ${temperature}`, "Give a number from 0 to 2."));
  if (topP !== undefined && !(topP > 0 && topP <= 1)) findings.push(badOption(`topP is ${topP}`, "Give a number above 0 and up to 1."));
  if (seed !== undefined && !Number.isInteger(seed)) findings.push(badOption(`seed is ${seed}`, "Give a whole number."));
  if (stop?.some((text) => text === "") === true) findings.push(badOption("stop has an empty text", "Leave it out."));
  return findings;
}

const COUNTS = [
  ["maxOutputTokens", Number.MAX_SAFE_INTEGER],
  ["maxTurns", 1_000],
  ["toolConcurrency", 128],
] as const;

/** A budget caps something. */
export function checkBudget(budget: unknown): NodeFinding[] {
  const problem = budget === undefined ? undefined : budgetProblem(budget);
  return problem === undefined ? [] : [badOption(problem.message, problem.fix)];
}
