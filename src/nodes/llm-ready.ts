// Whether the models of a conversation can be asked in this process, and can do what it wants of them: said before a run begins, and not in its third hour.

import type { ModelAccess } from "../graph/model-access.ts";
import { type Capabilities, ModelError } from "../model/model.ts";
import type { Conversation } from "./conversation.ts";

/**
 * One model of a chain that can be asked here is enough; none may be unable to do what the node wants of it. What a provider does not know of a model is not
 * held against it.
 * @throws ModelError `not_configured`, `unsupported`
 */
export function assertModelsReady(conversation: Conversation, models: Omit<ModelAccess, "call">): void {
  const names = conversation.models.length === 0 ? [undefined] : conversation.models;
  let problem: unknown;
  let ready = 0;
  for (const asked of names) {
    try {
      const { name, model, provider } = models.resolve(asked);
      const lack = lackOf(conversation, provider.capabilities(model));
      if (lack !== undefined)
        throw new ModelError("unsupported", `${name} ${lack.message}`, { provider: provider.id, retryable: false, fix: lack.fix });
      ready += 1;
    } catch (error) {
      if (!(error instanceof ModelError) || error.code !== "not_configured") throw error;
      problem ??= error;
    }
  }
  if (ready === 0) throw problem;
}

interface Lack {
  readonly message: string;
  readonly fix: string;
}

function lackOf({ tools, toolChoice, settings }: Conversation, can: Capabilities): Lack | undefined {
  if (tools.size > 0 && can.tools === "no")
    return { message: "cannot call tools, and the node offers some", fix: "Take a model that can, or leave the tools out." };
  const isForced = tools.size > 0 && toolChoice !== undefined && toolChoice !== "auto" && toolChoice !== "none";
  if (isForced && can.forcedTools === "no")
    return {
      message: "cannot be made to call a tool, as toolChoice says",
      fix: "Leave toolChoice out, and say in the prompt which tool to call first.",
    };
  const { maxOutputTokens } = settings;
  if (can.maxOutputTokens !== undefined && maxOutputTokens > can.maxOutputTokens)
    return {
      message: `writes ${can.maxOutputTokens} tokens at most, and maxOutputTokens is ${maxOutputTokens}`,
      fix: "Lower maxOutputTokens, or take another model.",
    };
  return undefined;
}
