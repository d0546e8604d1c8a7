// Agents for tests: a contract of one conversation with tools, played over a script.

import { z } from "zod";
import { contract, type LedgerPlace, type ModelProvider, type ModelRequest, type RuntimeOptions, type Tool } from "../../src/index.ts";
import { scripted, type ScriptedReply } from "../../providers/scripted.ts";
import { openKindling } from "../host/open-host.ts";

export interface AgentOptions {
  readonly maxTurns?: number;
  readonly retry?: { readonly attempts: number; readonly backoff?: number };
  readonly toolConcurrency?: number;
  readonly toolChoice?: "required";
}

/** A contract whose only node asks `scripted:m` and offers these tools. */
export function agentOf(tools: readonly Tool<{ readonly question: string }>[], options: AgentOptions = {}) {
  return contract("agent", {
    inputs: { question: z.string() },
    define: (g, { question }) =>
      g.llm("answer", { needs: { question }, prompt: ({ question }) => question, model: "scripted:m", tools, ...options }),
  });
}

/** A runtime over a script, or over a provider. */
export async function openAgent(
  agent: ReturnType<typeof agentOf>,
  replies: readonly ScriptedReply[] | ModelProvider,
  options: Partial<Pick<RuntimeOptions, "clock" | "onLog">> & { readonly ledger?: LedgerPlace } = {},
) {
  const model = Array.isArray(replies) ? scripted(replies) : undefined;
  const provider = "id" in replies ? replies : scripted(replies);
  const kindling = await openKindling({ contracts: [agent], models: [model ?? provider], ...options });
  return { kindling, model: model ?? scripted([]), start: () => kindling.start(agent, { question: "q" }) };
}

/** What the tools gave, as a request tells it to the model. */
export function resultsIn(request: ModelRequest | undefined): readonly unknown[] {
  return (request?.messages ?? []).flatMap((message) =>
    message.role === "tool" ? message.content.map(({ output, isError }) => (isError === true ? { error: output } : output)) : [],
  );
}
