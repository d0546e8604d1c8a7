// What Claude models can do and what they refuse, as data. The API says most of it by itself (`models.retrieve`, see asked-model.ts);
// what it does not say is here, from Anthropic's documentation as read in November 2026:
// [thinking]  platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting, the table by model
// [forced]    platform.claude.com/docs/en/build-with-claude/thinking, "Response prefill and forced tool use", and the page
//             "What's new" of each model; Haiku 5.5: its migration guide
// [effort]    platform.claude.com/docs/en/build-with-claude/effort
// [limits]    platform.claude.com/docs/en/about-claude/models/overview

import type { Capabilities, Effort } from "../../src/index.ts";
import { type ModelRow, rowOf } from "../http/capability-table.ts";

/** What is known of one model. */
export interface ClaudeModel {
  /** `adaptive` thinks as it sees fit within an effort; `budget` thinks when it is given a number of tokens. */
  readonly thinking: "adaptive" | "budget";
  /** How thinking is turned off; `never` for models that always think. */
  readonly off: "disabled" | "between_tools" | "never";
  readonly capabilities: Capabilities;
}

const FILES = ["image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf", "text/plain"];
const ALL: readonly Effort[] = ["low", "medium", "high", "xhigh", "max"];

const COMMON: Capabilities = {
  structuredOutput: "native",
  tools: "yes",
  forcedTools: "yes",
  parallelTools: "yes",
  files: FILES,
  reasoning: "yes",
  promptCache: "marked",
  countsTokens: "yes",
};

const MILLION = { maxInputTokens: 1_000_000, maxOutputTokens: 128_000 };

function adaptive(off: ClaudeModel["off"], capabilities: Partial<Capabilities> = {}): ClaudeModel {
  const efforts: readonly Effort[] = off === "never" ? ALL : ["none", ...ALL];
  return { thinking: "adaptive", off, capabilities: { ...COMMON, efforts, ...capabilities } };
}

/** The effort says how large the budget is; see thinking.ts. */
function byBudget(limits: Partial<Capabilities> = {}): ClaudeModel {
  return { thinking: "budget", off: "disabled", capabilities: { ...COMMON, efforts: ["none", "minimal", ...ALL], ...limits } };
}

const MODELS: readonly ModelRow<ClaudeModel>[] = [
  { models: /^claude-opus-5-5/, known: adaptive("never", { forcedTools: "no", ...MILLION }) },
  { models: /^claude-sonnet-5-5/, known: adaptive("between_tools", { forcedTools: "no", ...MILLION }) },
  { models: /^claude-haiku-5-5/, known: adaptive("disabled", MILLION) },
  { models: /^claude-(fable|mythos)-5-[1-9]/, known: adaptive("never", { forcedTools: "no", ...MILLION }) },
  { models: /^claude-(fable|mythos)-5(?!-\d(?!\d))/, known: adaptive("never") },
  { models: /^claude-mythos-preview/, known: adaptive("never", { efforts: ["low", "medium", "high", "max"] }) },
  { models: /^claude-(opus|sonnet)-5(?!-\d(?!\d))/, known: adaptive("disabled", MILLION) },
  { models: /^claude-opus-4-[78]/, known: adaptive("disabled") },
  { models: /^claude-(opus|sonnet)-4-6/, known: adaptive("disabled", { efforts: ["none", "low", "medium", "high", "max"] }) },
  { models: /^claude-haiku-4-5/, known: byBudget({ maxInputTokens: 200_000, maxOutputTokens: 64_000 }) },
  { models: /^claude-(opus|sonnet)-4(-[015])?(-\d{8}|$)/, known: byBudget() },
];

/** A model that no row knows: a newer one, or one behind a gateway. It is asked like the newest, and nothing is promised. */
const UNKNOWN: ClaudeModel = {
  thinking: "adaptive",
  off: "disabled",
  capabilities: {
    structuredOutput: "unknown",
    tools: "unknown",
    forcedTools: "unknown",
    parallelTools: "unknown",
    files: FILES,
    reasoning: "unknown",
    promptCache: "unknown",
    countsTokens: "unknown",
  },
};

/** Looks a model up by its name. */
export function claudeModel(model: string): ClaudeModel {
  return rowOf(MODELS, model) ?? UNKNOWN;
}
