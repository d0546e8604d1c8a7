// The AI SDK model that a name stands for, checked: users of JavaScript, and functions that look models up, may give anything.

import { ModelError } from "../../src/index.ts";
import type { AiSdkModel } from "../ai-sdk.ts";

/** What is wrong with something that should be a model, and what to do. */
export interface ModelProblem {
  readonly message: string;
  readonly fix: string;
}

/** The model of a name. @throws ModelError `model_not_found` for a name that is not the one model's, `not_configured` for what is no model */
export function modelNamed(name: string, id: string, source: AiSdkModel | ((name: string) => AiSdkModel)): AiSdkModel {
  const model = typeof source === "function" ? source(name) : source;
  const problem = problemOf(model, id);
  if (problem !== undefined) throw new ModelError("not_configured", problem.message, { provider: id, retryable: false, fix: problem.fix });
  if (typeof source === "function" || source.modelId === name) return model;
  throw new ModelError("model_not_found", `${id}: there is no model "${name}"; the provider was made of one model, "${source.modelId}"`, {
    provider: id,
    retryable: false,
    fix: `Name it "${id}:${source.modelId}", or give aiSdk a function that makes models by name.`,
  });
}

const VERSIONS: readonly unknown[] = ["v4", "v3"];

/** What is wrong with a value that should be a model; undefined for a good one. */
export function problemOf(model: unknown, id: string): ModelProblem | undefined {
  const isObject = (typeof model === "object" && model !== null) || typeof model === "function";
  if (!isObject || !("doStream" in model) || !("specificationVersion" in model))
    return {
      message: `${id}: what aiSdk was given is no language model of the AI SDK`,
      fix: "Give it a model, as mistral(name) makes one, or a function that returns one; a name alone is not enough.",
    };
  if (VERSIONS.includes(model.specificationVersion)) return undefined;
  return {
    message: `${id}: the model is of version ${JSON.stringify(model.specificationVersion)} of the AI SDK's specification; v4 and v3 are known`,
    fix: "Install the version of the model's package that belongs to ai 7 (or ai 6).",
  };
}
