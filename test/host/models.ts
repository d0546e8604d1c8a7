// Scripted models for host tests: the call of an `llm` node is how a test sees that a run touched the world.

import { scripted, type ScriptedReply } from "../../providers/scripted.ts";
import type { ModelProvider, ModelRequest } from "../../src/index.ts";

/** A model that answers every request the same way, and remembers what it was asked. */
export interface AskedModel extends ModelProvider {
  readonly requests: readonly ModelRequest[];
  /** The texts it was asked, in order. */
  readonly asked: readonly string[];
}

/** Answers up to a thousand requests by one function. */
export function model(answer: ScriptedReply, id = "scripted"): AskedModel {
  const provider = scripted(
    Array.from({ length: 1_000 }, () => answer),
    { id },
  );
  return {
    ...provider,
    requests: provider.requests,
    get asked() {
      return provider.requests.map(textOf);
    },
  };
}

/** The last text of a request. */
export function textOf({ messages }: ModelRequest): string {
  const part = messages.at(-1)?.content.find((each) => each.type === "text");
  return part?.type === "text" ? part.text : "";
}
