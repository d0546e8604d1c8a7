// What is refused before anything is sent: what a model cannot do and what would mean something else without it. Knows no API.

import { type Capabilities, ModelError, type ModelRequest } from "../../src/index.ts";

/** Something a provider or a model cannot do. @param fix what to do instead, or where the rule is written down */
export function unsupported(provider: string, what: string, fix?: string): ModelError {
  return new ModelError("unsupported", `${provider}: ${what}`, { provider, retryable: false, ...(fix === undefined ? {} : { fix }) });
}

/** A file that cannot be sent, by its type or by the way it is given. */
export function unsupportedFile(provider: string, mediaType: string, way: "data" | "url", taken: readonly string[]): ModelError {
  return unsupported(
    provider,
    `files of type ${mediaType} cannot be sent${way === "url" ? " by their address" : ""}`,
    way === "url"
      ? "Fetch the file and give it as base64 in `data`."
      : taken.length === 0
        ? "This model takes no files."
        : `It takes ${taken.join(", ")}.`,
  );
}

/** A tool choice that nothing can be chosen by, or that the model is known to refuse. @param rule why, with its source */
export function checkToolChoice(
  provider: string,
  { model, tools = [], toolChoice }: ModelRequest,
  capabilities: Capabilities,
  rule?: string,
): void {
  if (toolChoice === undefined || toolChoice === "auto" || toolChoice === "none") return;
  const name = typeof toolChoice === "object" ? toolChoice.tool : undefined;
  if (name === undefined ? tools.length === 0 : !tools.some((tool) => tool.name === name)) {
    const chosen = name === undefined ? "a tool call is required" : `the tool ${JSON.stringify(name)} is required`;
    const given = tools.length === 0 ? "there are no tools" : `the tools are ${tools.map((tool) => tool.name).join(", ")}`;
    throw new ModelError("invalid_request", `${provider}: ${chosen}, but ${given}`, {
      provider,
      retryable: false,
      fix: "Give the tool, or leave toolChoice out.",
    });
  }
  if (capabilities.forcedTools === "no")
    throw unsupported(
      provider,
      `${model} cannot be made to call ${name === undefined ? "a tool" : `the tool ${JSON.stringify(name)}`}${rule === undefined ? "" : ` (${rule})`}`,
      'Say in the prompt when to call it and leave toolChoice at "auto"; for a reply of a certain form, ask for `output`.',
    );
}
