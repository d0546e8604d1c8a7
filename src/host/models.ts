// The models a runtime was given, by the prefix of their names.

import { didYouMean } from "../graph/nearest.ts";
import type { ModelAccess } from "../graph/model-access.ts";
import { ModelError, type ModelProvider } from "../model/model.ts";
import { costOf, mostOf, type Prices } from "../model/price.ts";
import type { Clock } from "./clock.ts";

/** Which models there are, and what they cost. */
export interface ModelOptions {
  readonly models: readonly ModelProvider[];
  /** `provider:model` for nodes that name none. */
  readonly model: string | undefined;
  readonly prices: Prices;
}

/** Resolves model names for calls. */
export function modelAccess({ models, model, prices }: ModelOptions, clock: Clock): Omit<ModelAccess, "call"> {
  const providers = new Map(models.map((provider) => [provider.id, provider]));
  return {
    defaultModel: model,
    resolve: (asked) => {
      const name = asked ?? model;
      if (name === undefined) throw noModel(providers);
      const colon = name.indexOf(":");
      const provider = providers.get(name.slice(0, colon));
      if (provider === undefined) throw noProvider(name, providers);
      const readiness = provider.readiness();
      if (!readiness.ready)
        throw new ModelError("not_configured", readiness.message, { provider: provider.id, retryable: false, fix: readiness.fix });
      return { name, model: name.slice(colon + 1), provider };
    },
    cost: (name, usage) => costOf(name, usage, prices),
    most: (name, tokens) => mostOf(name, tokens, prices),
    now: () => clock.now(),
  };
}

function noModel(providers: ReadonlyMap<string, ModelProvider>): ModelError {
  const example = [...providers.keys()][0] ?? "anthropic";
  return new ModelError("not_configured", "the node names no model, and the runtime has no default model", {
    provider: "none",
    retryable: false,
    fix: `Give the node model: "${example}:<name>", or the runtime model: "${example}:<name>".`,
  });
}

function noProvider(name: string, providers: ReadonlyMap<string, ModelProvider>): ModelError {
  const prefix = name.split(":", 1)[0] ?? name;
  return new ModelError("not_configured", `model "${name}": the runtime has no provider "${prefix}"`, {
    provider: prefix,
    retryable: false,
    fix: `Add it to the runtime's models. ${didYouMean(prefix, providers.keys())}`,
  });
}
