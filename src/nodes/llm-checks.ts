// What can be wrong with the options of a conversation.

import type { NodeFinding } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { Needs } from "../graph/node.ts";
import type { Prompt } from "../model/prompt.ts";
import { jsonSchemaOf, type Schema } from "../schema.ts";
import { badOption } from "./kind.ts";
import type { LlmOptions } from "./llm.ts";

/** A model's name names its provider. */
export function checkModel(model: string | undefined): NodeFinding[] {
  if (model === undefined || /^[^:]+:.+$/.test(model)) return [];
  return [
    {
      code: "unknown_model",
      severity: "error",
      message: `model "${model}" names no provider`,
      hint: 'Write "provider:model", for example "anthropic:claude-sonnet-5-5".',
    },
  ];
}

/** What a prompt file reads against the needs that fill it. */
export function checkPrompt(prompt: Prompt | ((...args: never[]) => unknown), needs: readonly string[]): NodeFinding[] {
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
export function checkSettings({
  maxOutputTokens,
  temperature,
}: Pick<LlmOptions<Needs, Schema>, "maxOutputTokens" | "temperature">): NodeFinding[] {
  const findings: NodeFinding[] = [];
  if (maxOutputTokens !== undefined && !(Number.isInteger(maxOutputTokens) && maxOutputTokens >= 1)) {
    findings.push(badOption(`maxOutputTokens is ${maxOutputTokens}`, "Give a whole number from 1 on."));
  }
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 2))
    findings.push(badOption(`temperature is ${temperature}`, "Give a number from 0 to 2."));
  return findings;
}
