// What Anthropic's API says of a model (`models.retrieve`), in our words. Pure: no SDK code, only its types.

import type { ModelInfo } from "@anthropic-ai/sdk/resources/models";
import type { Capabilities, Effort } from "../../src/index.ts";
import type { ClaudeModel } from "./models.ts";

/** What was told of a model; what the API leaves open is left out. */
export type AskedModel = Partial<Omit<ClaudeModel, "capabilities">> & { readonly capabilities: Partial<Capabilities> };

/** Maps the API's answer. */
export function toAskedModel({ capabilities, max_input_tokens, max_tokens }: ModelInfo): AskedModel {
  const limits = {
    ...(max_input_tokens ? { maxInputTokens: max_input_tokens } : {}),
    ...(max_tokens ? { maxOutputTokens: max_tokens } : {}),
  };
  if (capabilities === null) return { capabilities: limits };
  const { types } = capabilities.thinking;
  const off = types.disabled.supported ? "disabled" : types.between_tools.supported ? "between_tools" : "never";
  return {
    thinking: types.adaptive.supported ? "adaptive" : "budget",
    off,
    capabilities: { ...limits, ...declared(capabilities, off !== "never") },
  };
}

/** The table with what was told of the model. */
export function withAsked(known: ClaudeModel, asked: AskedModel | undefined): ClaudeModel {
  return asked === undefined ? known : { ...known, ...asked, capabilities: { ...known.capabilities, ...asked.capabilities } };
}

const IMAGES = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const LEVELS = ["low", "medium", "high", "xhigh", "max"] as const;

function declared(
  { structured_outputs, thinking, effort, image_input, pdf_input }: NonNullable<ModelInfo["capabilities"]>,
  canBeOff: boolean,
): Partial<Capabilities> {
  const levels: readonly Effort[] = LEVELS.filter((level) => effort[level]?.supported === true);
  return {
    structuredOutput: structured_outputs.supported ? "native" : "none",
    reasoning: thinking.supported ? "yes" : "no",
    files: [...(image_input.supported ? IMAGES : []), ...(pdf_input.supported ? ["application/pdf"] : []), "text/plain"],
    ...(effort.supported ? { efforts: [...(canBeOff ? (["none"] as const) : []), ...levels] } : {}),
  };
}
