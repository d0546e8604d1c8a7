// Which models a node talked with, by what prompt and at what cost: summed up from the facts of its work.

import type { PlacedFact } from "./explain-tree.ts";
import { describePromptOrigin } from "./prompt-origin.ts";
import { replySpending, totalUsd } from "./spending.ts";

/** One conversation with a model that a value came out of, its turns summed up. */
export interface ModelUse {
  readonly model: string;
  /** `name@version` of the prompt, where it has a name. */
  readonly prompt: string | undefined;
  /** Where the prompt's text came from, where that is not a file of the project. */
  readonly promptFrom?: string;
  /** Hash of the last request. */
  readonly request: string;
  readonly turns: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null when a price is unknown. */
  readonly usd: number | null;
}

/** Conversations by model and prompt. The prompt itself is in no fact, only its name and the hash of the request. */
export function modelsIn(work: readonly PlacedFact[]): readonly ModelUse[] {
  const uses = new Map<string, ModelUse>();
  let last = "";
  let promptFrom: string | undefined;
  for (const { fact } of work) {
    if (fact.type === "prompt.resolved") promptFrom = describePromptOrigin(fact);
    else if (fact.type === "model.requested") {
      last = `${fact.model} ${fact.prompt ?? ""}`;
      const before = uses.get(last) ?? {
        model: fact.model,
        prompt: fact.prompt,
        ...(promptFrom === undefined ? {} : { promptFrom }),
        request: "",
        turns: 0,
        inputTokens: 0,
        outputTokens: 0,
        usd: 0,
      };
      uses.set(last, { ...before, request: fact.request });
    } else if (fact.type === "model.replied") {
      const use = uses.get(last);
      const spent = replySpending(fact);
      const { inputTokens, outputTokens } = spent;
      const usd = totalUsd(spent);
      if (use === undefined) continue;
      uses.set(last, {
        ...use,
        turns: use.turns + 1,
        inputTokens: use.inputTokens + inputTokens,
        outputTokens: use.outputTokens + outputTokens,
        usd: use.usd === null || usd === null ? null : use.usd + usd,
      });
    }
  }
  return [...uses.values()];
}
