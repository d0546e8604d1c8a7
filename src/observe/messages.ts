// What was said, in the form that OpenTelemetry's conventions give it: messages of typed parts, as JSON text. Used only where contents are asked for.

import { isJsonObject, type JsonObject, type JsonValue } from "../index.ts";
import { ATTRIBUTE } from "./genai.ts";

/** Attributes of a model call's input: `{ messages, tools }` as a request has them. */
export function inputAttributes(input: JsonValue | undefined): Readonly<Record<string, string>> {
  if (!isJsonObject(input)) return {};
  const messages = objectsIn(input["messages"]);
  const system = messages.filter(({ role }) => role === "system").flatMap(({ content }) => partsOf(content));
  const rest = messages.filter(({ role }) => role !== "system");
  const tools = objectsIn(input["tools"]);
  return {
    [ATTRIBUTE.inputMessages]: JSON.stringify(rest.map(messageOf)),
    ...(system.length === 0 ? {} : { [ATTRIBUTE.systemInstructions]: JSON.stringify(system) }),
    ...(tools.length === 0 ? {} : { [ATTRIBUTE.toolDefinitions]: JSON.stringify(tools.map(definitionOf)) }),
  };
}

/** Attributes of what a model replied: the parts of its message. */
export function outputAttributes(output: JsonValue | undefined, finishReason: string): Readonly<Record<string, string>> {
  const message = { role: "assistant", parts: partsOf(output), finish_reason: finishReason };
  return { [ATTRIBUTE.outputMessages]: JSON.stringify([message]) };
}

function messageOf({ role = "user", content }: JsonObject): JsonObject {
  return { role, parts: partsOf(content) };
}

function partsOf(content: JsonValue | undefined): readonly JsonObject[] {
  return objectsIn(content).map(partOf);
}

function partOf(part: JsonObject): JsonObject {
  const { type, id = null, name = "" } = part;
  switch (type) {
    case "text":
    case "reasoning":
      return { type, content: part["text"] ?? "" };
    case "tool-call":
      return { type: "tool_call", id, name, arguments: part["input"] ?? null };
    case "tool-result":
      return { type: "tool_call_response", id, response: part["output"] ?? null };
    case "file": {
      // Files are told of and not copied: a trace is no place for them.
      const { mediaType = null, url } = part;
      return url === undefined
        ? { type: "blob", mime_type: mediaType, modality: modalityOf(mediaType) }
        : { type: "uri", mime_type: mediaType, modality: modalityOf(mediaType), uri: url };
    }
    default:
      return { type: typeof type === "string" ? type : "unknown" };
  }
}

function modalityOf(mediaType: JsonValue): string {
  const [family = ""] = typeof mediaType === "string" ? mediaType.split("/") : [];
  return ["image", "audio", "video"].includes(family) ? family : "document";
}

function definitionOf({ name = "", description = "", inputSchema = null }: JsonObject): JsonObject {
  return { type: "function", name, description, parameters: inputSchema };
}

function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter(isJsonObject) : [];
}
