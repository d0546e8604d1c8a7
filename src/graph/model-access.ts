// The models of a runtime, as running calls reach them.

import type { ModelProvider, ModelReply, ModelRequest, Usage } from "../model/model.ts";
import type { CallingWay } from "./call-access.ts";

/** The models a runtime was given. */
export interface ModelAccess {
  /** The model used when a node names none, e.g. `anthropic:claude-sonnet-5-5`. */
  readonly defaultModel: string | undefined;
  /** @throws ModelError `not_configured` when the provider is missing or lacks its key; the message says which variable to set */
  readonly resolve: (name: string | undefined) => { readonly name: string; readonly model: string; readonly provider: ModelProvider };
  /** What a call cost in US dollars; null when no price is known. */
  readonly cost: (name: string, usage: Usage) => number | null;
  /** The most a call with so many tokens can cost; null when no price is known. */
  readonly most: (name: string, tokens: { readonly input: number; readonly output: number }) => number | null;
  /**
   * Calls a model when its turn has come.
   * @throws ModelError `circuit_open` at once, and never `begins`, while the provider is down
   */
  readonly call: (provider: ModelProvider, request: ModelRequest, way?: CallingWay) => Promise<ModelReply>;
  /** Milliseconds since 1970, for durations. */
  readonly now: () => number;
}
