// What Langfuse answers when it is asked for a prompt, and the body of a prompt file that it makes. Pure.

import { ConfigError, isJsonObject, type JsonValue, toJson } from "../index.ts";

/** A prompt as Langfuse keeps it: one text, or messages. */
export type LangfuseText = { readonly version: number } & (
  | { readonly type: "text"; readonly prompt: string }
  | { readonly type: "chat"; readonly prompt: readonly JsonValue[] }
);

const ROLES: readonly string[] = ["system", "user", "assistant"];

/** The answer, looked at. @throws ConfigError `langfuse_answer` */
export function readText(given: unknown, name: string): LangfuseText {
  const json = toJson(given);
  const { type, prompt, version } = json.ok && isJsonObject(json.value) ? json.value : {};
  if (typeof version === "number") {
    if (type === "text" && typeof prompt === "string") return { type, prompt, version };
    if (type === "chat" && Array.isArray(prompt)) return { type, prompt, version };
  }
  throw new ConfigError("langfuse_answer", `langfuse: what it gave for "${name}" is no text and no chat prompt`, {
    fix: "Check LANGFUSE_BASE_URL: does a Langfuse answer there?",
  });
}

/** The same as the body of a prompt file. @throws ConfigError `langfuse_prompt_unfit` for messages that a prompt file has no place for */
export function bodyOf(text: LangfuseText, name: string): string {
  if (text.type === "text") return text.prompt;
  return text.prompt
    .map((message, index) => {
      const { type, role, content } = isJsonObject(message) ? message : {};
      if (type === "placeholder") throw unfit(name, text.version, index, "is a placeholder, which only a function of the needs can fill");
      if (typeof role !== "string" || !ROLES.includes(role))
        throw unfit(name, text.version, index, `has the role ${JSON.stringify(role ?? null)}`);
      if (typeof content !== "string") throw unfit(name, text.version, index, "has no text");
      return `{{#${role}}}\n${content}\n{{/${role}}}`;
    })
    .join("\n");
}

function unfit(name: string, version: number, index: number, why: string): ConfigError {
  return new ConfigError("langfuse_prompt_unfit", `langfuse: message ${index + 1} of "${name}" ${version} ${why}`, {
    fix: "A prompt has messages of the roles system, user and assistant, each of them a text with {{variables}}.",
  });
}
