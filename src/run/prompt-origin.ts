// Where the text of a prompt came from, in words.

import type { JournalEntry } from "../graph/work.ts";

/** `langfuse triage 7 (production)`, or why the local file stands in. */
export function describePromptOrigin({
  from,
  fallback,
}: Omit<Extract<JournalEntry, { readonly type: "prompt.resolved" }>, "type" | "prompt" | "promptText">): string {
  const { store, name, label, version } = from;
  const asked = `${store} ${name}${version === undefined ? "" : ` ${version}`}${label === undefined ? "" : ` (${label})`}`;
  return fallback === undefined ? asked : `local file instead of ${asked}: ${fallback.message}`;
}
