// The prompts that a run asked models with, by node, with their text as it was.

import type { JournalEntry } from "../graph/work.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { RecordedFact } from "../run/fact.ts";
import { splitPath } from "../run/path.ts";
import { keptTexts } from "./kept-texts.ts";

type Resolved = Extract<JournalEntry, { readonly type: "prompt.resolved" }>;

/** A prompt that a node asked with. */
export interface RecordedPrompt extends Partial<Pick<Resolved, "from" | "fallback">> {
  /** The node, from the root run: `posts[en]/draft`. */
  readonly path: string;
  readonly name: string;
  /** Hash of its content, as `Prompt.version`. */
  readonly version: string;
  /** The whole prompt file; undefined where a ledger was written before texts were kept. */
  readonly text: string | undefined;
}

/** The prompts of these facts in the order they were asked with; a node that asked with several has one for each. */
export async function recordedPrompts(ledger: Ledger, facts: readonly RecordedFact[]): Promise<readonly RecordedPrompt[]> {
  const found = new Map<string, RecordedPrompt>();
  const resolved = new Map<string, Pick<Resolved, "from" | "fallback">>();
  let overrides: JsonObject = {};
  for (const fact of facts) {
    // The root's own stands first; its children are started with none.
    if (fact.type === "run.started") overrides = fact.overrides ?? overrides;
    if (fact.type === "prompt.resolved")
      resolved.set(fact.path, { from: fact.from, ...(fact.fallback === undefined ? {} : { fallback: fact.fallback }) });
    if (fact.type !== "model.requested" || fact.prompt === undefined) continue;
    const key = `${fact.path} ${fact.prompt}`;
    if (found.has(key)) continue;
    const [name = "", version = ""] = fact.prompt.split("@", 2);
    const text = fact.promptText === undefined ? overridden(overrides, fact.path) : await keptTexts(ledger).read(fact.promptText);
    found.set(key, { path: fact.path, name, version, text, ...resolved.get(fact.path) });
  }
  return [...found.values()];
}

/** The text that a fork gave its node: it is part of how the run was started. */
function overridden(overrides: JsonObject, path: string): string | undefined {
  const node = splitPath(path)
    .map((step) => step.node)
    .join("/");
  const override = overrides[node];
  const prompt = isJsonObject(override) ? override["prompt"] : undefined;
  const text = isJsonObject(prompt) ? prompt["text"] : undefined;
  return typeof text === "string" ? text : undefined;
}
