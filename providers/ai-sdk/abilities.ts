// What can be said about an AI SDK model's abilities without calling it. Little: the specification has no words for them, so what its
// maker shows and what the user says are put together, and the rest stays unknown.

import type { Capabilities } from "../../src/index.ts";
import type { AiSdkOptions } from "../ai-sdk.ts";
import { overridden } from "../http/capability-table.ts";

/** The capabilities of a model; what the user states goes before all else. */
export function capabilitiesOf(name: string, model: AiSdkOptions["model"], stated: AiSdkOptions["capabilities"]): Capabilities {
  return overridden({ ...UNKNOWN, structuredOutput: structuredOutputOf(model) }, name, stated);
}

/** Files are those that most families take. */
const UNKNOWN: Capabilities = {
  structuredOutput: "unknown",
  tools: "unknown",
  forcedTools: "unknown",
  parallelTools: "unknown",
  files: ["image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"],
  reasoning: "unknown",
  promptCache: "unknown",
  countsTokens: "no",
};

/** Many models show whether they send schemas on; those that say no would drop the schema and ask for any JSON. A function is not asked for one. */
function structuredOutputOf(model: AiSdkOptions["model"]): Capabilities["structuredOutput"] {
  const shown: unknown = "supportsStructuredOutputs" in model ? model.supportsStructuredOutputs : undefined;
  return shown === true ? "native" : shown === false ? "none" : "unknown";
}
