// JSON that a model or a server wrote: it may be none, and that is an answer and no failure. Knows no API.

import { type JsonObject, type JsonValue, isJsonObject } from "../../src/index.ts";

/** What a text says; `undefined` for one that is no JSON. */
export function parseText(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // No JSON: whoever asks keeps the text or says so in their own words.
    return undefined;
  }
}

/** A tool call's arguments. Text that is no JSON stays text: the tool's schema refuses it and the model is told, which it can mend. */
export function readArguments(text: string): JsonValue {
  return text.trim() === "" ? {} : (parseText(text) ?? text);
}

/** The arguments of an earlier call for APIs that take objects only. What a model got wrong is still to be seen in it. */
export function argumentsObject(input: JsonValue): JsonObject {
  return isJsonObject(input) ? input : { input };
}

/** A tool's answer as text, for APIs that have no other form. */
export function outputText(output: JsonValue): string {
  return typeof output === "string" ? output : JSON.stringify(output);
}

/** A tool's answer as text, for APIs that have no mark for one that failed. */
export function markedOutputText({ output, isError }: { readonly output: JsonValue; readonly isError?: boolean }): string {
  return isError === true ? `Error: ${outputText(output)}` : outputText(output);
}
