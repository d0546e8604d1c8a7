// Questions to a run that was looked at: a node by its path, requests to models, spending. Pure.

import { type NodeView, totalUsd } from "../index.ts";
import { nodesOf, type SeenRun } from "./seen-run.ts";

/** What a run may have used at most; what is left out is not looked at. */
export interface SpendingLimit {
  /** US dollars. A cost that nobody knows is never within a limit. */
  readonly usd?: number;
  /** Input and output. */
  readonly tokens?: number;
  readonly calls?: number;
}

/** The node at a path from the root run: `posts[en]/draft`. */
export function nodeAt({ view }: SeenRun, path: string): NodeView | undefined {
  return nodesOf(view.nodes).find((node) => node.path === path);
}

/** The models that were asked at a path or below it, once for each request. */
export function timesCalled({ facts }: SeenRun, path: string, model: string | undefined): readonly string[] {
  return facts.flatMap((fact) => {
    if (fact.type !== "model.requested" || (model !== undefined && fact.model !== model)) return [];
    const isInside = fact.path === path || fact.path.startsWith(`${path}/`) || fact.path.startsWith(`${path}[`);
    return isInside ? [fact.model] : [];
  });
}

/** Whether a run has kept within a limit, and what it used. */
export function isSpentWithin(
  { view: { spending } }: SeenRun,
  { usd, tokens, calls }: SpendingLimit,
): { readonly isWithin: boolean; readonly spent: string } {
  const cost = totalUsd(spending);
  const used = spending.inputTokens + spending.outputTokens;
  const isWithin =
    (usd === undefined || (cost !== null && cost <= usd)) &&
    (tokens === undefined || used <= tokens) &&
    (calls === undefined || spending.calls <= calls);
  return { isWithin, spent: `${cost === null ? "an unknown cost" : `$${cost}`}, ${used} tokens, ${spending.calls} calls` };
}
