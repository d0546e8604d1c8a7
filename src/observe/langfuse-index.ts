// What `kindling/langfuse` gives to others.

export type { LangfuseAccess } from "./langfuse-access.ts";
