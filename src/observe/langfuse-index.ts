// What `kindling/langfuse` gives to others.

export type { LangfuseAccess } from "./langfuse-access.ts";
export { langfusePrompt, type LangfusePromptOptions } from "./langfuse-prompts.ts";
