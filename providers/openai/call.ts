// What the two APIs of OpenAI share in a call: the output format and what the model's name tells. Pure: no SDK code, only its types.

import type OpenAI from "openai";
import type { JsonObject, JsonValue, ModelRequest, ModelTool, ToolResultPart } from "../../src/index.ts";
import { withoutAddedNulls } from "./added-nulls.ts";
import { outputInstructions, outputWarning } from "../http/output-instructions.ts";
import { narrowSchema, type SchemaDialect } from "../http/schema-dialect.ts";

/** One call, as openai.ts starts it. */
export interface OpenAICall {
  readonly provider: string;
  readonly client: OpenAI;
  readonly isOpenAI: boolean;
  readonly request: ModelRequest;
  readonly options: { readonly signal: AbortSignal; readonly headers: Readonly<Record<string, string>> | undefined };
}

/** How the reply's form is asked for. */
export type OutputFormat =
  | { readonly kind: "none" }
  | { readonly kind: "schema"; readonly name: string; readonly strict: boolean; readonly schema: Record<string, unknown> }
  | { readonly kind: "told"; readonly instructions: string };

/** What strict schemas take. Lengths of texts are not among it. */
const STRICT: SchemaDialect = {
  keywords: new Set(["pattern", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"]),
  formats: new Set(["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]),
  minItemsLimit: Number.POSITIVE_INFINITY,
  allRequired: true,
};

/**
 * Strict when the schema can be told strictly; else the schema as it is;
 * as an instruction when its root is no object, which the API refuses.
 */
export function toOutputFormat({ output }: ModelRequest, warnings: string[]): OutputFormat {
  if (output === undefined) return { kind: "none" };
  const name = output.name.replace(/[^\w-]/g, "_").slice(0, 64) || "output";
  const narrowed = narrowSchema(output.schema, STRICT);
  if (narrowed.fits) return { kind: "schema", name, strict: true, schema: narrowed.schema };
  if (output.schema["type"] === "object") {
    warnings.push(`output "${output.name}": the schema cannot be strict, since ${narrowed.reason}; the model may depart from it`);
    return { kind: "schema", name, strict: false, schema: output.schema };
  }
  warnings.push(outputWarning(output.name, narrowed.reason));
  return { kind: "told", instructions: outputInstructions(output.schema) };
}

/** A tool's schema: strict when it fits. Its caller checks the input either way, so a loose one needs no warning. */
export function toParameters({ inputSchema }: ModelTool): { readonly strict: boolean; readonly parameters: Record<string, unknown> } {
  const narrowed = narrowSchema(inputSchema, STRICT);
  return narrowed.fits ? { strict: true, parameters: narrowed.schema } : { strict: false, parameters: inputSchema };
}

/** The reply's text as the caller's schema means it: without the nulls that a strict schema needs for absent properties. */
export function readText(text: string, { output }: ModelRequest): string {
  if (output === undefined) return text;
  const value = parse(text);
  if (value === undefined) return text;
  const pruned = withoutAddedNulls(value, output.schema);
  return JSON.stringify(pruned) === JSON.stringify(value) ? text : JSON.stringify(pruned);
}

/** A tool call's arguments. Text that is no JSON stays text: the tool's schema refuses it and the model is told, which it can mend. */
export function readArguments(text: string, name: string, tools: readonly ModelTool[] | undefined): JsonValue {
  const value = text.trim() === "" ? {} : parse(text);
  if (value === undefined) return text;
  const schema: JsonObject | undefined = tools?.find((tool) => tool.name === name)?.inputSchema;
  return schema === undefined ? value : withoutAddedNulls(value, schema);
}

/** The arguments of an earlier call, as text again. */
export function writeArguments(input: JsonValue): string {
  return typeof input === "string" ? input : JSON.stringify(input);
}

/** A tool's answer as text; the API has no mark for a failed one. */
export function writeToolResult({ output, isError }: ToolResultPart): string {
  const text = typeof output === "string" ? output : JSON.stringify(output);
  return isError === true ? `Error: ${text}` : text;
}

/** A file as the API takes it inline. */
export function dataUrl(mediaType: string, base64: string): string {
  return `data:${mediaType};base64,${base64}`;
}

/** True for OpenAI's reasoning models, by name; models of other servers are not known. */
export function isReasoningModel(model: string): boolean {
  return /^(ft:)?(gpt-([5-9]|\d\d)|o\d)/.test(model);
}

/** The temperature, unless the model would refuse the request for it. */
export function toTemperature({ model, temperature, reasoning }: ModelRequest, warnings: string[]): { readonly temperature?: number } {
  if (temperature === undefined) return {};
  if (!isReasoningModel(model) || reasoning?.effort === "none") return { temperature };
  warnings.push(`temperature: ${model} takes none while it reasons; it was left out`);
  return {};
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // No JSON is an answer here: the caller keeps the text.
    return undefined;
  }
}
