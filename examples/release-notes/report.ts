// What is told about a run: what was found at the start, what came out at the end, and which command goes on.

import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describeCost, type RecordedFact, type RunSummary, type RunView, type Spending } from "kindling";
import { z } from "zod";

const Outputs = z.object({ published: z.object({ outcome: z.enum(["published", "archived"]), files: z.array(z.string()) }) });

/** The command that approves a waiting run, to be pasted in this folder. */
export function approveCommand(run: string): string {
  const config = fileURLToPath(new URL("kindling.config.ts", import.meta.url));
  const launcher = fileURLToPath(new URL("../../bin/kindling.js", import.meta.url));
  return `node ${shellWord(launcher)} approve ${run} review --config ${shellWord(config)}`;
}

/** How a run stands, for somebody who did not see it begin. */
export function describeRun(run: RunSummary): string {
  const began = `run ${run.id} of ${new Date(run.startedAt).toLocaleString()}`;
  switch (run.status) {
    case "waiting": {
      const deadline = run.awaits[0]?.deadline;
      return `${began} waits for your review${deadline === undefined ? "" : ` (until ${new Date(deadline).toLocaleString()})`}.`;
    }
    case "running":
      return `${began} was interrupted. What it has done is kept.`;
    case "succeeded":
      return `${began} is finished.`;
    case "failed":
      return `${began} failed: ${visible(run.error?.message ?? "it does not say why")}${run.error?.fix === undefined ? "" : `\n  ${run.error.fix}`}`;
    case "cancelled":
      return `${began} was cancelled.`;
  }
}

/** The files of a finished run, what it cost, and where its record lies. */
export function describeEnd(run: RunView, facts: readonly RecordedFact[], ledger: string): string {
  const outputs = Outputs.safeParse(run.outputs);
  const { outcome, files } = outputs.success ? outputs.data.published : { outcome: "published", files: [] };
  return [
    outcome === "published" ? "Published:" : "Rejected; put aside:",
    ...files.map((file) => `  ${file}`),
    `Cost:   ${costLine(run.spending, modelsOf(facts))}`,
    `Ledger: ${relative(process.cwd(), ledger) || ledger}`,
  ].join("\n");
}

function costLine(spending: Spending, models: readonly string[]): string {
  const { calls, inputTokens, outputTokens } = spending;
  const cached = spending.cacheReadTokens === 0 ? "" : ` (${spending.cacheReadTokens.toLocaleString("en")} of them from the cache)`;
  const tokens = `${inputTokens.toLocaleString("en")} tokens in${cached}, ${outputTokens.toLocaleString("en")} out`;
  if (models.every((model) => model.startsWith("rules:")))
    return `$0.00: the rule-based stand-in answered ${calls} times, no model was called. A model would have used about ${tokens}: ${describeCost(spending)} of play money`;
  return `${describeCost(spending)}; ${tokens}, in ${calls} calls of ${models.join(" and ")}`;
}

function modelsOf(facts: readonly RecordedFact[]): readonly string[] {
  return [...new Set(facts.flatMap((fact) => (fact.type === "model.requested" ? [fact.model] : [])))];
}

/** Text from outside as a terminal may show it: characters that it would obey, or that nobody sees, are replaced. */
export function visible(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, "\uFFFD");
}

/** A path as one word of a shell command, short where it can be. */
function shellWord(path: string): string {
  const short = relative(process.cwd(), path);
  return /^[\w./@:-]+$/.test(short) ? short : `"${short}"`;
}
