// What `kindling/langfuse` gives to others.

export { langfuse, type LangfuseOptions } from "./langfuse.ts";
export type { LangfuseAccess } from "./langfuse-access.ts";
export { langfusePrompt, type LangfusePromptOptions } from "./langfuse-prompts.ts";
export type { LangfuseTrace, TraceOf } from "./langfuse-attributes.ts";
export type { DecidedGate, GateScore, ScoreOf } from "./langfuse-scores.ts";
