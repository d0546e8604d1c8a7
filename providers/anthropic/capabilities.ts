// What Anthropic's API says a model can do, in the port's words. Pure: no SDK code, only its types.

import type { ModelInfo } from "@anthropic-ai/sdk/resources/models";
import type { Capabilities, Effort } from "../../src/index.ts";

/** Maps the answer of `models.retrieve`; what it leaves open is left out. */
export function toCapabilities({ capabilities, max_input_tokens, max_tokens }: ModelInfo): Partial<Capabilities> {
  return {
    ...(max_input_tokens ? { maxInputTokens: max_input_tokens } : {}),
    ...(max_tokens ? { maxOutputTokens: max_tokens } : {}),
    ...(capabilities === null ? {} : declared(capabilities)),
  };
}

const IMAGES = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const LEVELS = ["low", "medium", "high", "xhigh", "max"] as const;

function declared({
  structured_outputs,
  thinking,
  effort,
  image_input,
  pdf_input,
}: NonNullable<ModelInfo["capabilities"]>): Partial<Capabilities> {
  const files = [...(image_input.supported ? IMAGES : []), ...(pdf_input.supported ? ["application/pdf"] : []), "text/plain"];
  const levels: readonly Effort[] = LEVELS.filter((level) => effort[level]?.supported === true);
  return {
    structuredOutput: structured_outputs.supported ? "native" : "none",
    reasoning: thinking.supported ? "yes" : "no",
    files,
    // Whether thinking can be turned off is not told, so "none" stays with the table; see models.ts.
    ...(effort.supported ? { efforts: levels } : {}),
  };
}
