// The model settings of a prompt's header, each checked. Which node they are for, and what that node says itself, is not known here.

import type { JsonObject, JsonValue } from "../json.ts";
import type { Effort, ModelRequest } from "./model.ts";
import type { Yaml } from "./prompt-yaml.ts";

/** The model settings a prompt may carry; a node's own settings win. */
export interface PromptSettings
  extends Partial<Pick<ModelRequest, "maxOutputTokens" | "temperature" | "topP" | "seed" | "stop" | "reasoning">> {
  readonly model?: string;
}

/** The header's keys for them. */
export const SETTING_KEYS = ["model", "maxOutputTokens", "reasoning", "temperature", "topP", "seed", "stop"] as const;

/** A header, and where to say what is wrong with it. */
export interface HeaderReader extends Pick<Yaml, "problems" | "lineOf"> {
  readonly members: JsonObject;
}

const EFFORTS: readonly string[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] satisfies Effort[];

/** Reads the settings; those that are wrong are told and left out. */
export function readSettings(reader: HeaderReader): PromptSettings {
  const model = readText(reader, "model");
  const maxOutputTokens = readMember(reader, "maxOutputTokens", isCount, "a whole number above 0");
  const effort = readMember(reader, "reasoning", isEffort, `one of ${EFFORTS.join(", ")}`);
  const temperature = readMember(reader, "temperature", (value) => isBetween(value, 0, 2), "a number from 0 to 2");
  const topP = readMember(reader, "topP", (value) => isBetween(value, 0, 1), "a number from 0 to 1");
  const seed = readMember(reader, "seed", isWhole, "a whole number");
  const stop = readMember(reader, "stop", isTexts, "a text or a list of texts, none of them empty");
  return {
    ...(model === undefined ? {} : { model }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(effort === undefined ? {} : { reasoning: { effort } }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined ? {} : { stop: typeof stop === "string" ? [stop] : stop }),
  };
}

/** A member that is text. */
export function readText(reader: HeaderReader, key: string): string | undefined {
  return readMember(reader, key, (value) => typeof value === "string", "text");
}

function readMember<T extends JsonValue>(
  { members, problems, lineOf }: HeaderReader,
  key: string,
  isRight: (value: JsonValue) => value is T,
  takes: string,
): T | undefined {
  const value = members[key] ?? undefined;
  if (value === undefined || isRight(value)) return value;
  problems.push({ line: lineOf([key]), message: `"${key}" must be ${takes}` });
  return undefined;
}

function isCount(value: JsonValue): value is number {
  return isWhole(value) && value > 0;
}

function isWhole(value: JsonValue): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

function isBetween(value: JsonValue, least: number, most: number): value is number {
  return typeof value === "number" && value >= least && value <= most;
}

function isEffort(value: JsonValue): value is Effort {
  return typeof value === "string" && EFFORTS.includes(value);
}

function isTexts(value: JsonValue): value is string | readonly string[] {
  const texts: readonly JsonValue[] = Array.isArray(value) ? value : [value];
  return texts.length > 0 && texts.every((text) => typeof text === "string" && text !== "");
}
