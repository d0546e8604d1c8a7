// How hard a Claude model is asked to think. Models differ in how it is said and in whether it can be turned off; models.ts knows. Pure.

import type { OutputConfig, ThinkingConfigParam } from "@anthropic-ai/sdk/resources/messages/messages";
import type { Effort, ModelRequest } from "../../src/index.ts";
import { nearestEffort } from "../http/nearest.ts";
import type { ClaudeModel } from "./models.ts";

/** The two places in a body that say it. */
export interface Thinking {
  readonly thinking?: ThinkingConfigParam;
  readonly effort?: NonNullable<OutputConfig["effort"]>;
}

/** Maps the effort of a request; empty for the model's own default. */
export function toThinking(request: ModelRequest, { thinking, off, capabilities }: ClaudeModel, warnings: string[]): Thinking {
  if (request.reasoning === undefined) return {};
  if (thinking === "budget") return toBudget(request, request.reasoning.effort, warnings);

  const effort = nearestEffort(request.model, request.reasoning.effort, capabilities.efforts ?? KNOWN, warnings);
  if (effort === "none") return off === "never" ? {} : { thinking: { type: off } };
  return { thinking: { type: "adaptive", display: "summarized" }, effort: LEVELS[effort] };
}

/** What the API has words for. */
const KNOWN: readonly Effort[] = ["none", "low", "medium", "high", "xhigh", "max"];
const LEVELS = { minimal: "low", low: "low", medium: "medium", high: "high", xhigh: "xhigh", max: "max" } as const;

/** Tokens to think with, for models that know no efforts. The API gives no such table; it asks for 1,024 at least. */
const BUDGETS: Readonly<Record<Exclude<Effort, "none">, number>> = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_768,
};
const SMALLEST_BUDGET = 1_024;

/** The budget is part of the output limit and must leave room for an answer: half of it at most. */
function toBudget({ model, maxOutputTokens }: ModelRequest, effort: Effort, warnings: string[]): Thinking {
  if (effort === "none") return { thinking: { type: "disabled" } };
  const room = Math.floor(maxOutputTokens / 2);
  if (room < SMALLEST_BUDGET) {
    warnings.push(`reasoning: ${model} needs ${SMALLEST_BUDGET * 2} output tokens or more to think; it was left out`);
    return {};
  }
  return { thinking: { type: "enabled", budget_tokens: Math.min(BUDGETS[effort], room) } };
}
