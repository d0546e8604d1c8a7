// What the two APIs of OpenAI share in a call: the output format, tools, and the settings that models refuse. Pure: no SDK code, only its types.

import type OpenAI from "openai";
import type { Capabilities, Effort, JsonObject, JsonValue, ModelRequest, ModelTool } from "../../src/index.ts";
import { argumentsObject, parseText, readArguments } from "../http/json-text.ts";
import { nearestEffort } from "../http/nearest.ts";
import { outputInstructions, outputWarning } from "../http/output-instructions.ts";
import { narrowSchema, type SchemaDialect } from "../http/schema-dialect.ts";
import { withoutAddedNulls } from "./added-nulls.ts";
import { isReasoningModel } from "./models.ts";

/** What a request is mapped for. */
export interface OpenAIContext {
  readonly provider: string;
  readonly isOpenAI: boolean;
  readonly capabilities: Capabilities;
}

/** One call, as openai.ts starts it. */
export interface OpenAICall extends OpenAIContext {
  readonly client: OpenAI;
  readonly request: ModelRequest;
  readonly options: { readonly signal: AbortSignal; readonly headers: Readonly<Record<string, string>> | undefined };
  /** True for servers that say in `usage.cost` what a call cost in US dollars. */
  readonly tellsCost: boolean;
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
  const value = parseText(text);
  if (value === undefined) return text;
  const pruned = withoutAddedNulls(value, output.schema);
  return JSON.stringify(pruned) === JSON.stringify(value) ? text : JSON.stringify(pruned);
}

/** A tool call's arguments as the tool's schema means them; text where they are no JSON. */
export function readInput(text: string, name: string, tools: readonly ModelTool[] | undefined): JsonValue {
  const value = readArguments(text);
  const schema: JsonObject | undefined = tools?.find((tool) => tool.name === name)?.inputSchema;
  return schema === undefined || typeof value === "string" ? value : withoutAddedNulls(value, schema);
}

/** The arguments of an earlier call, as text again; always an object, since some servers read it. */
export function writeInput(input: JsonValue): string {
  return JSON.stringify(argumentsObject(input));
}

/** The effort to ask for: one that the model has, or none of it at all for a model that is known not to reason. */
export function toEffort(
  { model, reasoning }: ModelRequest,
  { efforts, reasoning: reasons }: Capabilities,
  warnings: string[],
): Effort | undefined {
  if (reasoning === undefined) return undefined;
  if (reasons === "no") {
    if (reasoning.effort !== "none") warnings.push(`reasoning: ${model} does not reason; the effort "${reasoning.effort}" was left out`);
    return undefined;
  }
  return nearestEffort(model, reasoning.effort, efforts, warnings);
}

/** The sampling settings, unless the model would refuse the request for them. */
export function toSampling(
  { model, temperature, topP }: ModelRequest,
  effort: Effort | undefined,
  warnings: string[],
): { readonly temperature?: number; readonly top_p?: number } {
  const given = { ...(temperature === undefined ? {} : { temperature }), ...(topP === undefined ? {} : { top_p: topP }) };
  if (!isReasoningModel(model) || effort === "none") return given;
  if (temperature !== undefined) warnings.push(`temperature: ${model} takes none while it reasons; it was left out`);
  if (topP !== undefined) warnings.push(`topP: ${model} takes none while it reasons; it was left out`);
  return {};
}
