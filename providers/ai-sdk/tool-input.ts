// The input of tool calls while it streams, as pieces of JSON text. Families differ: some stream it as JSON, some as plain text, some not
// at all, and some run the tool themselves. Pure.

import type { LanguageModelV4StreamPart, LanguageModelV4ToolCall } from "@ai-sdk/provider";
import type { ModelEvent } from "../../src/index.ts";

/** The calls whose input streams or has streamed, by their ids; null for those that the provider runs itself. */
export type ToolInputs = Map<string, { readonly name: string; readonly isText: boolean } | null>;

/** None yet. */
export function newToolInputs(): ToolInputs {
  return new Map();
}

type InputPart = Extract<LanguageModelV4StreamPart, { type: "tool-input-start" | "tool-input-delta" | "tool-input-end" }>;

/** Adds a part of an input. */
export function* addToolInput(inputs: ToolInputs, part: InputPart): Generator<ModelEvent> {
  if (part.type === "tool-input-start") {
    if (part.providerExecuted === true) {
      inputs.set(part.id, null);
      return;
    }
    const isText = part.inputEncoding === "text";
    inputs.set(part.id, { name: part.toolName, isText });
    yield { type: "tool-delta", id: part.id, name: part.toolName, delta: isText ? '"' : "" };
    return;
  }
  const input = inputs.get(part.id);
  if (input === undefined || input === null) return;
  const { name, isText } = input;
  if (part.type === "tool-input-delta") yield { type: "tool-delta", id: part.id, name, delta: isText ? inside(part.delta) : part.delta };
  else if (isText) yield { type: "tool-delta", id: part.id, name, delta: '"' };
}

/** An input that did not stream comes in one piece, with its call. */
export function* wholeToolInput(
  inputs: ToolInputs,
  { toolCallId: id, toolName: name, input }: LanguageModelV4ToolCall,
): Generator<ModelEvent> {
  if (inputs.has(id)) return;
  inputs.set(id, { name, isText: false });
  yield { type: "tool-delta", id, name, delta: input };
}

/** A piece of text as it stands between the quotes of a JSON text. */
function inside(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
